import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  addBuckets,
  boundOf,
  bucketsFrom,
  countIn,
  NO_BUCKETS,
  usedBuckets,
  valuesIn,
} from '../../../../agent/cli/report/buckets.js';

const buckets = fc
  .uniqueArray(fc.integer({ min: -5, max: 30 }), { maxLength: 8 })
  .map((bounds) => bounds.sort((a, b) => a - b))
  .chain((bounds) =>
    fc
      .array(fc.nat(9), { minLength: bounds.length + 1, maxLength: bounds.length + 1 })
      .map((counts) => bucketsFrom(bounds, counts)),
  );

describe('buckets with bounds of their own', () => {
  test('are known by their upper bounds, the last one by infinity', () => {
    expect([...bucketsFrom([1, 3], [5, 0, 2])]).toEqual([
      [1, 5],
      [3, 0],
      [Number.POSITIVE_INFINITY, 2],
    ]);
  });

  test.each([
    [[1, 3], [5]],
    [
      [3, 1],
      [1, 1, 1],
    ],
    [Array.from({ length: 1001 }, (_, at) => at), new Array(1002).fill(1)],
    [[], []],
  ])('%# are none if that is no histogram', (bounds, counts) => {
    expect(bucketsFrom(bounds, counts)).toBe(NO_BUCKETS);
  });

  test('of two histograms have all values of both', () => {
    fc.assert(
      fc.property(buckets, buckets, (left, right) => {
        expect(valuesIn(addBuckets(left, right))).toBe(valuesIn(left) + valuesIn(right));
      }),
    );
  });

  test('in use begin and end with one that has values, touch each other, and hold all of them', () => {
    fc.assert(
      fc.property(buckets, buckets, (left, right) => {
        const used = usedBuckets([left, right]);
        for (const each of [left, right])
          expect(used.reduce((sum, bucket) => sum + countIn(each, bucket), 0)).toBe(valuesIn(each));
        for (const bucket of [used.at(0), used.at(-1)])
          if (bucket !== undefined) expect(countIn(addBuckets(left, right), bucket)).toBeGreaterThan(0);
        expect(used.slice(1).map(({ above }) => above)).toEqual(used.slice(0, -1).map(({ upTo }) => upTo));
      }),
    );
  });

  test('tell below which bound a share of the values lies', () => {
    const some = bucketsFrom([1, 3, 7], [50, 0, 49, 1]);
    expect([0, 0.5, 0.51, 0.99, 1].map((q) => boundOf(some, q))).toEqual([1, 1, 7, 7, Number.POSITIVE_INFINITY]);
    expect(boundOf(NO_BUCKETS, 0.5)).toBeUndefined();
  });
});
