import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type ExponentialHistogram,
  emptyHistogram,
  MAX_BUCKETS,
  mergeInto,
} from '../../../../agent/telemetry/metrics/exponential-histogram.js';
import type { ExponentialBuckets } from '../../../../agent/tracer/events.js';

/** From 1 ns to 12 days, as the tracer's buckets are. */
const buckets: fc.Arbitrary<ExponentialBuckets> = fc.record({
  scale: fc.constant(3),
  offset: fc.integer({ min: -240, max: 160 }),
  counts: fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 1_000_000 })), { maxLength: 120 }),
});
const anyScale = fc.record({
  scale: fc.integer({ min: -2, max: 12 }),
  offset: fc.integer({ min: -5000, max: 5000 }),
  counts: fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 300 }),
});

const total = (counts: number[]) => counts.reduce((sum, count) => sum + count, 0);

function merged(parts: ExponentialBuckets[]): ExponentialHistogram {
  const histogram = emptyHistogram();
  for (const part of parts) mergeInto(histogram, part);
  return histogram;
}

/** The bucket of `histogram` that holds what was in bucket `i` of `part`. */
function bucketAt(histogram: ExponentialHistogram, part: ExponentialBuckets, i: number): number {
  return (part.offset + i) >> (part.scale - histogram.scale);
}

describe('merging', () => {
  test('preserves every count, in the bucket that covers its own', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(buckets, anyScale), { maxLength: 8 }), (parts) => {
        const histogram = merged(parts);
        const expected = new Map<number, number>();
        for (const part of parts) {
          part.counts.forEach((count, i) => {
            const at = bucketAt(histogram, part, i);
            expected.set(at, (expected.get(at) ?? 0) + count);
          });
        }
        expect(histogram.count).toBe(total(parts.flatMap(({ counts }) => counts)));
        expect(total(histogram.counts)).toBe(histogram.count);
        for (const [i, count] of histogram.counts.entries())
          expect(count).toBe(expected.get(histogram.offset + i) ?? 0);
      }),
    );
  });

  test('stays within the limit, at the best scale that does', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(buckets, anyScale), { minLength: 1, maxLength: 8 }), (parts) => {
        const histogram = merged(parts);
        expect(histogram.counts.length).toBeLessThanOrEqual(MAX_BUCKETS);
        if (histogram.count > 0) expect(histogram.counts[0]).toBeGreaterThan(0);
      }),
    );
  });

  test('is the same in any order', () => {
    fc.assert(
      fc.property(fc.array(buckets, { maxLength: 5 }), (parts) => {
        expect(merged([...parts].reverse())).toEqual(merged(parts));
      }),
    );
  });

  test('of nothing changes nothing', () => {
    const histogram = merged([{ scale: 3, offset: -80, counts: [1, 2] }]);
    mergeInto(histogram, { scale: 0, offset: 7, counts: [0, 0] });
    expect(histogram).toEqual({ scale: 3, offset: -80, counts: [1, 2], count: 3 });
  });

  test('joins neighbours when it becomes too wide: 1 µs and 1000 s', () => {
    const histogram = merged([
      { scale: 3, offset: -160, counts: [4] },
      { scale: 3, offset: 79, counts: [5] },
    ]);
    expect(histogram).toMatchObject({ scale: 2, offset: -80, count: 9 });
    expect(histogram.counts).toHaveLength(120);
  });
});
