import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  add,
  countOf,
  downscale,
  EMPTY,
  fromBuckets,
  type Histogram,
  quantile,
  subtract,
  upperLimit,
} from '../../../agent/cli/histogram.js';

/** The histogram of a list of positive seconds, bucket by bucket as the specification defines them. */
function histogramOf(values: number[], scale: number): Histogram {
  return values.reduce((sum, value) => {
    const offset = Math.ceil(Math.log2(value) * 2 ** scale) - 1;
    return add(sum, { scale, offset, counts: [1], zeroCount: 0 });
  }, EMPTY);
}

const seconds = fc.double({ min: 1e-6, max: 1e3, noNaN: true, noDefaultInfinity: true });
const someSeconds = fc.array(seconds, { minLength: 1, maxLength: 60 });

describe('quantile', () => {
  test('of nothing is undefined, of zeros is zero', () => {
    expect(quantile(EMPTY, 0.5)).toBeUndefined();
    expect(quantile({ ...EMPTY, zeroCount: 3 }, 0.99)).toBe(0);
  });

  test('one value lies in its own bucket', () => {
    const histogram: Histogram = { scale: 0, offset: 2, counts: [1], zeroCount: 0 };
    expect(quantile(histogram, 0)).toBe(4);
    expect(quantile(histogram, 1)).toBe(8);
    expect(quantile(histogram, 0.5)).toBeCloseTo(5.657, 3);
  });

  test('is within one bucket of the exact quantile', () => {
    fc.assert(
      fc.property(someSeconds, fc.double({ min: 0, max: 1, noNaN: true }), (values, q) => {
        const sorted = values.toSorted((a, b) => a - b);
        const exact = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
        const found = quantile(histogramOf(values, 3), q) ?? Number.NaN;
        const base = 2 ** (1 / 8) * (1 + 1e-9);
        expect(found).toBeGreaterThanOrEqual(exact / base);
        expect(found).toBeLessThanOrEqual(exact * base);
      }),
    );
  });

  test('never decreases with the share', () => {
    fc.assert(
      fc.property(someSeconds, fc.integer({ min: -2, max: 6 }), (values, scale) => {
        const histogram = histogramOf(values, scale);
        const found = [0, 0.1, 0.5, 0.9, 0.99, 1].map((q) => quantile(histogram, q) ?? Number.NaN);
        expect(found).toEqual(found.toSorted((a, b) => a - b));
      }),
    );
  });
});

describe('add, subtract, downscale', () => {
  test('a sum less one part is the other part', () => {
    fc.assert(
      fc.property(someSeconds, someSeconds, (left, right) => {
        const difference = subtract(add(histogramOf(left, 3), histogramOf(right, 3)), histogramOf(right, 3));
        expect(countOf(difference)).toBe(left.length);
        expect(quantile(difference, 0.5)).toBe(quantile(histogramOf(left, 3), 0.5));
      }),
    );
  });

  test('downscaling equals counting at the coarser scale', () => {
    fc.assert(
      fc.property(someSeconds, fc.integer({ min: -3, max: 5 }), (values, scale) => {
        // A value exactly on a limit may round to either side in floating point; the buckets of the finer scale decide.
        const nudged = values.map((value) => value * 1.0000001);
        expect(downscale(histogramOf(nudged, 6), scale)).toEqual(histogramOf(nudged, scale));
      }),
    );
  });

  test('histograms of different scales meet at the coarser one', () => {
    const sum = add(
      { scale: 1, offset: 2, counts: [1, 2], zeroCount: 1 },
      { scale: 0, offset: 0, counts: [5], zeroCount: 0 },
    );
    expect(sum).toEqual({ scale: 0, offset: 0, counts: [5, 3], zeroCount: 1 });
  });

  test('the tracer’s buckets become a histogram; no buckets become an empty one', () => {
    expect(countOf(fromBuckets({ scale: 3, offset: -80, counts: [1, 0, 2] }))).toBe(3);
    expect(countOf(fromBuckets(undefined))).toBe(0);
  });

  test('the upper limit of bucket -1 is one second at any scale', () => {
    expect([-2, 0, 3].map((scale) => upperLimit(scale, -1))).toEqual([1, 1, 1]);
  });
});
