import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkSpec, readStoredSpec } from '../../api/postgres-profile.js';
import { RIGHT, WRONG } from './postgres-profile/specs.js';

describe('checkSpec', () => {
  test.each(RIGHT)('accepts %s', (_, spec) => {
    expect(checkSpec(spec)).toMatchObject({ ok: true, spec: spec as object });
  });

  test.each(WRONG)('refuses %j', (spec, ...errors) => {
    expect(checkSpec(spec)).toEqual({ ok: false, errors });
  });

  test('tells the first twenty of many faults, and how many follow', () => {
    const unknown = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`unknown${index}`, 1]));
    const reading = checkSpec({ podName: 'orders-db-0', ...unknown });
    expect(reading.ok || reading.errors).toHaveLength(21);
    expect(reading.ok || reading.errors.at(-1)).toBe('and 10 more');
  });

  test('fills in every default', () => {
    expect(checkSpec({ podName: 'orders-db-0', spans: { errors: false } })).toEqual({
      ok: true,
      spec: {
        podName: 'orders-db-0',
        suspend: false,
        level: 'statements',
        queryText: 'normalized',
        spans: {
          minDuration: '100ms',
          minWait: '1ms',
          nestedDepth: 1,
          errors: false,
          sampleRatio: 0,
          traceContext: ['sqlcomment', 'application_name'],
          maxPerSecond: 100,
        },
        metrics: { interval: '15s', maxQueries: 500 },
        programs: [],
        export: { destination: 'default' },
      },
    });
  });

  test('reads its own result as the same spec', () => {
    const [, spec] = RIGHT[4] ?? [];
    const first = checkSpec(spec);
    expect(first.ok && checkSpec(first.spec)).toEqual(first);
  });

  test('never throws, and has a sentence for everything that it refuses', () => {
    const anything = fc.object({
      key: fc.constantFrom('selector', 'podName', 'spans', 'metrics', 'programs', 'name', 'x'),
    });
    fc.assert(
      fc.property(anything, (spec) => {
        const reading = checkSpec(spec);
        for (const error of reading.ok ? [] : reading.errors)
          expect(error).toMatch(/^spec[^ ]*: \S.*\S|^and \d+ more$/);
      }),
    );
  });
});

describe('readStoredSpec', () => {
  test('ignores fields of a newer version, at every depth, and leaves the object as it is', () => {
    const stored = {
      podName: 'orders-db-0',
      novelty: { deep: true },
      spans: { minDuration: '1s', newer: 1 },
      programs: [{ name: 'pg-cpudist', arguments: ['x'] }],
    };
    const copy = structuredClone(stored);
    expect(readStoredSpec(stored)).toEqual(
      checkSpec({ podName: 'orders-db-0', spans: { minDuration: '1s' }, programs: [{ name: 'pg-cpudist' }] }),
    );
    expect(stored).toEqual(copy);
  });

  test('still names what is wrong in the fields that it knows', () => {
    expect(readStoredSpec({ podName: 'orders-db-0', novelty: 1, level: 'locks' })).toEqual({
      ok: false,
      errors: ['spec.level: "locks" is not one of waits, statements, phases'],
    });
  });
});
