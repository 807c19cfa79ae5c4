import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nearestName } from '../../api/nearest-name.js';

const FIELDS = ['minDuration', 'errors', 'sampleRatio', 'traceContext', 'maxPerSecond'];

test.each([
  ['minduration', 'minDuration'],
  ['min_duration', 'minDuration'],
  ['error', 'errors'],
  ['sampleRate', 'sampleRatio'],
  ['tracecontext', 'traceContext'],
  ['maxPerSeconds', 'maxPerSecond'],
])('%s is probably %s', (name, nearest) => {
  expect(nearestName(name, FIELDS)).toBe(nearest);
});

test.each(['', 'x', 'endpoint', 'queryText', 'e'.repeat(10_000)])('%j is near to none', (name) => {
  expect(nearestName(name, FIELDS)).toBeUndefined();
});

test('a name with one letter changed is found', () => {
  const slip = fc.record({ field: fc.constantFrom(...FIELDS), at: fc.nat(5), letter: fc.constantFrom('x', '_', '') });
  fc.assert(
    fc.property(slip, ({ field, at, letter }) => {
      expect(nearestName(field.slice(0, at) + letter + field.slice(at + 1), FIELDS)).toBe(field);
    }),
  );
});
