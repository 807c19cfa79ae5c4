import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createQuerySums } from '../../../../agent/telemetry/metrics/query-sums.js';
import { OVERFLOW } from '../../../../agent/tracer/events.js';
import { aggregate } from '../events.js';

const interval = (to: number) => ({ fromUnixNano: BigInt(to - 1), toUnixNano: BigInt(to) });

test('sums what a query did', () => {
  const sums = createQuerySums(10);
  sums.add(aggregate({ calls: 2, rows: 5, cpuNs: 10 }), 'shop', 'app', interval(2));
  const row = sums.add(aggregate({ calls: 1, errors: 3, rows: 1, walBytes: 7 }), 'shop', 'app', interval(3));
  expect(row).toMatchObject({
    calls: 3,
    errors: 3,
    counters: { rows: 6, cpuNs: 10, walBytes: 7, durationNs: 3_000_000 },
    durations: { count: 3 },
    startUnixNano: 1n,
    changedUnixNano: 3n,
  });
  expect(sums.size).toBe(1);
});

test('databases and users are told apart', () => {
  const sums = createQuerySums(10);
  for (const [database, user] of [
    ['a', 'b'],
    ['a', 'c'],
    ['ab', ''],
    ['', 'ab'],
  ] as const)
    sums.add(aggregate(), database, user, interval(1));
  expect(sums.size).toBe(4);
});

test('autovacuum is told by table and database, background processes by type', () => {
  const sums = createQuerySums(10);
  const worker = (work?: string) =>
    aggregate({
      fingerprint: '0000000100000001',
      backendType: 'autovacuum worker',
      ...(work === undefined ? {} : { work }),
    });
  sums.add(worker('VACUUM public.orders'), 'shop', '', interval(1));
  sums.add(worker('VACUUM public.orders'), 'archive', '', interval(1));
  sums.add(worker(), 'shop', '', interval(1));
  sums.add(worker(), '', '', interval(1));
  expect(Array.from(sums.rows(), ({ database, work, calls }) => [work, database, calls])).toEqual([
    ['VACUUM public.orders', 'shop', 1],
    ['VACUUM public.orders', 'archive', 1],
    [undefined, 'shop', 2],
  ]);
});

test('tables take no place of queries, and of more than 100 the process alone is told', () => {
  const sums = createQuerySums(1);
  for (let i = 0; i < 150; i++)
    sums.add(
      aggregate({ fingerprint: `${i}`, backendType: 'autovacuum worker', work: `VACUUM t${i}` }),
      'shop',
      '',
      interval(1),
    );
  sums.add(aggregate({ fingerprint: 'a' }), 'shop', 'app', interval(1));
  expect([...sums.rows()].filter(({ work }) => work !== undefined)).toHaveLength(100);
  expect([...sums.rows()].find(({ backendType, work }) => backendType !== undefined && work === undefined)?.calls).toBe(
    50,
  );
  expect([...sums.rows()].find(({ fingerprint }) => fingerprint === 'a')?.calls).toBe(1);
  expect(sums.overflowed).toBe(0);
  for (const row of [...sums.rows()]) sums.remove(row);
  expect(sums.size).toBe(0);
  sums.add(aggregate({ fingerprint: 'b' }), 'shop', 'app', interval(1));
  expect([...sums.rows()].map(({ fingerprint }) => fingerprint)).toEqual(['b']);
});

describe('the limit', () => {
  test('first come first kept, the rest in one row', () => {
    const sums = createQuerySums(2);
    for (const fingerprint of ['a', 'b', 'c', 'd', 'a', 'c'])
      sums.add(aggregate({ fingerprint }), 'shop', 'app', interval(1));
    expect(Array.from(sums.rows(), ({ fingerprint, calls }) => [fingerprint, calls])).toEqual([
      ['a', 2],
      ['b', 1],
      [undefined, 3],
    ]);
    expect(sums.size).toBe(2);
    expect(sums.overflowed).toBe(3);
  });

  test("the tracer's own overflow is the same row, and takes no place", () => {
    const sums = createQuerySums(1);
    sums.add(aggregate({ fingerprint: OVERFLOW, calls: 5, errors: 1 }), 'shop', 'app', interval(1));
    sums.add(aggregate({ fingerprint: 'a' }), 'shop', 'app', interval(1));
    sums.add(aggregate({ fingerprint: 'b' }), 'shop', 'app', interval(1));
    expect(Array.from(sums.rows(), ({ fingerprint, calls }) => [fingerprint, calls])).toEqual([
      [undefined, 6],
      ['a', 1],
    ]);
    expect(sums.overflowed).toBe(7);
  });

  test('a place that is given up is free', () => {
    const sums = createQuerySums(1);
    sums.remove(sums.add(aggregate({ fingerprint: 'a' }), 'shop', 'app', interval(1)));
    sums.add(aggregate({ fingerprint: 'b' }), 'shop', 'app', interval(1));
    expect(Array.from(sums.rows(), ({ fingerprint }) => fingerprint)).toEqual(['b']);
  });

  test('no call is lost by it', () => {
    const events = fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.nat(100)));
    fc.assert(
      fc.property(events, fc.integer({ min: 0, max: 10 }), (list, maxQueries) => {
        const sums = createQuerySums(maxQueries);
        for (const [fingerprint, calls] of list)
          sums.add(aggregate({ fingerprint: `f${fingerprint}`, calls }), 'shop', 'app', interval(1));
        expect(sums.size).toBeLessThanOrEqual(maxQueries);
        const calls = Array.from(sums.rows(), (row) => row.calls).reduce((sum, one) => sum + one, 0);
        expect(calls).toBe(list.reduce((sum, [, one]) => sum + one, 0));
      }),
    );
  });
});

test('nothing decreases, whatever a line says', () => {
  const sums = createQuerySums(1);
  const row = sums.add(aggregate({ rows: 3 }), 'shop', 'app', interval(1));
  sums.add(aggregate({ rows: -5, cpuNs: Number.NaN }), 'shop', 'app', interval(1));
  expect(row.counters).toMatchObject({ rows: 3 });
  expect(row.counters).not.toHaveProperty('cpuNs');
});
