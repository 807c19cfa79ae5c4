/** Two values are the same when their canonical texts are. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonical } from '../../operator/canonical.js';
import { isSame } from '../../operator/same.js';

/** Few names and values, so that two of them are often alike; nothing that JSON cannot say but undefined in maps. */
const { value } = fc.letrec((tie) => ({
  leaf: fc.constantFrom(null, true, 0, 1, '', 'a'),
  list: fc.array(tie('value'), { maxLength: 3 }),
  map: fc.dictionary(
    fc.constantFrom('a', 'b', 'toString', 'constructor'),
    fc.option(tie('value'), { nil: undefined, freq: 3 }),
    { maxKeys: 3, noNullPrototype: true },
  ),
  value: fc.oneof({ depthSize: 'small' }, tie('leaf'), tie('list'), tie('map')),
}));

test('it agrees with the canonical texts', () => {
  const pair = fc.oneof(
    fc.tuple(value, value),
    value.map((one) => [one, structuredClone(one)] as const),
  );
  fc.assert(
    fc.property(pair, ([one, other]) => {
      expect(isSame(one, other)).toBe(canonical(one) === canonical(other));
    }),
    { numRuns: 2_000 },
  );
});

test('order of keys and undefined do not matter, everything else does', () => {
  expect(isSame({ a: 1, b: { c: [1, 2] } }, { b: { c: [1, 2], d: undefined }, a: 1 })).toBe(true);
  expect(isSame({ a: undefined }, {})).toBe(true);
  expect(isSame({ a: null }, {})).toBe(false);
  expect(isSame([1, 2], [2, 1])).toBe(false);
  expect(isSame([], {})).toBe(false);
  expect(isSame('1', 1)).toBe(false);
});
