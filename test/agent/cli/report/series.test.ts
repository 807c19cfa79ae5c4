import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SeriesStore } from '../../../../agent/cli/report/series.js';
import { point } from './lines.js';

function values(store: SeriesStore, points: Parameters<typeof point>[0][]): (number | undefined)[] {
  return points.map((given) => store.advance(point(given))?.value);
}

describe('a cumulative series', () => {
  test('gives what was added since the point before', () => {
    const store = new SeriesStore();
    expect(
      values(store, [
        { timeSeconds: 1, value: 5 },
        { timeSeconds: 2, value: 5 },
        { timeSeconds: 3, value: 9 },
      ]),
    ).toEqual([5, 0, 4]);
  });

  test('counts from its start, then from point to point', () => {
    const store = new SeriesStore();
    expect(store.advance(point({ startSeconds: 10, timeSeconds: 15 }))).toMatchObject({
      fromSeconds: 10,
      toSeconds: 15,
    });
    expect(store.advance(point({ startSeconds: 10, timeSeconds: 20 }))).toMatchObject({
      fromSeconds: 15,
      toSeconds: 20,
    });
    expect(store.advance(point({ startSeconds: undefined, timeSeconds: 20, metric: 'other' }))).toMatchObject({
      fromSeconds: 20,
      toSeconds: 20,
    });
  });

  test('begins anew with a new start time, even at a higher value', () => {
    const store = new SeriesStore();
    const points = [
      { startSeconds: 0, timeSeconds: 1, value: 5 },
      { startSeconds: 3, timeSeconds: 4, value: 8 },
    ];
    expect(values(store, points)).toEqual([5, 8]);
  });

  test('begins anew where its value went down', () => {
    expect(
      values(new SeriesStore(), [
        { timeSeconds: 1, value: 5 },
        { timeSeconds: 2, value: 2 },
      ]),
    ).toEqual([5, 2]);
  });

  test('ends with "no recorded value", and may come back', () => {
    const store = new SeriesStore();
    const points = [
      { timeSeconds: 1, value: 5 },
      { timeSeconds: 2, ended: true },
      { startSeconds: 7, timeSeconds: 8, value: 6 },
    ];
    expect(values(store, points)).toEqual([5, undefined, 6]);
  });

  test('is not counted twice where a request was written twice', () => {
    expect(
      values(new SeriesStore(), [
        { timeSeconds: 1, value: 5 },
        { timeSeconds: 1, value: 5 },
      ]),
    ).toEqual([5, undefined]);
  });

  test('is told apart by metric, attributes and resource', () => {
    const store = new SeriesStore();
    const resource = { key: 'other', attributes: {} };
    const points = [
      { value: 1 },
      { value: 2, metric: 'b' },
      { value: 3, attributes: { a: 'x' } },
      { value: 4, resource },
    ];
    expect(values(store, points)).toEqual([1, 2, 3, 4]);
  });

  test('one too many is left out and counted', () => {
    const store = new SeriesStore(1);
    expect(values(store, [{ value: 1 }, { value: 2, metric: 'b' }, { timeSeconds: 2, value: 3 }])).toEqual([
      1,
      undefined,
      2,
    ]);
    expect(store.overflowed).toBe(1);
  });

  test('adds up to all that happened, however often its producer starts again', () => {
    const lives = fc.array(fc.array(fc.nat(1000), { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(lives, (runs) => {
        const store = new SeriesStore();
        let time = 0;
        let found = 0;
        for (const amounts of runs) {
          const startSeconds = ++time;
          let value = 0;
          for (const amount of amounts) {
            value += amount;
            const buckets = { scale: 3, offset: -10, counts: [value], zeroCount: 0 };
            const increment = store.advance(
              point({ startSeconds, timeSeconds: ++time, histogram: { buckets, sum: value } }),
            );
            found += increment?.value ?? 0;
            expect(increment?.buckets.counts).toEqual([amount]);
          }
        }
        expect(found).toBe(runs.flat().reduce((sum, amount) => sum + amount, 0));
      }),
    );
  });
});

test('points of deltas are taken as they are, gauges are no series', () => {
  const store = new SeriesStore();
  expect(
    values(store, [
      { temporality: 'delta', value: 5 },
      { temporality: 'delta', value: 5 },
    ]),
  ).toEqual([5, 5]);
  expect(values(store, [{ temporality: 'gauge', value: 5 }])).toEqual([undefined]);
});

describe('a series that begins later than its resource', () => {
  const waits = (timeSeconds: number, value: number, metric = 'waits') =>
    point({ metric, startSeconds: 10, timeSeconds, value });

  test('has been 0 until the collection before', () => {
    const store = new SeriesStore();
    store.advance(waits(20, 1, 'calls'));
    store.advance(waits(30, 2, 'calls'));
    expect(store.advance(waits(30, 5))).toMatchObject({ fromSeconds: 20, toSeconds: 30, value: 5 });
    expect(store.advance(waits(40, 7))).toMatchObject({ fromSeconds: 30, toSeconds: 40, value: 2 });
    expect(store.advance(waits(40, 1, 'errors'))).toMatchObject({ fromSeconds: 30, toSeconds: 40, value: 1 });
  });

  test('in the first collection has its own start', () => {
    const store = new SeriesStore();
    store.advance(waits(20, 1, 'calls'));
    expect(store.advance(waits(20, 5))).toMatchObject({ fromSeconds: 10, toSeconds: 20, value: 5 });
  });
});
