/**
 * Exponential histograms as OpenTelemetry defines them: bucket i covers (base^(offset+i), base^(offset+i+1)], base = 2^(2^-scale).
 * Merging never loses a count; where buckets would be too many, neighbours are joined (the scale becomes smaller).
 */

import type { ExponentialBuckets } from '../../tracer/events.js';

/** Buckets of one point at most: OpenTelemetry's default, and what backends accept. */
export const MAX_BUCKETS = 160;

/** `counts` has neither zeros at its beginning nor more than MAX_BUCKETS entries. */
export interface ExponentialHistogram extends ExponentialBuckets {
  count: number;
}

export function emptyHistogram(): ExponentialHistogram {
  return { scale: 20, offset: 0, counts: [], count: 0 };
}

/** Adds `added` to `histogram`, in place. */
export function mergeInto(histogram: ExponentialHistogram, added: ExponentialBuckets): void {
  const first = added.counts.findIndex((count) => count > 0);
  if (first < 0) return;
  const last = added.counts.findLastIndex((count) => count > 0);
  if (histogram.counts.length === 0) histogram.scale = added.scale;
  const scale = commonScale(histogram, added, first, last);
  downscale(histogram, histogram.scale - scale);
  const shift = added.scale - scale;
  cover(histogram, (added.offset + first) >> shift, (added.offset + last) >> shift);
  for (let i = first; i <= last; i++) {
    const count = added.counts[i] ?? 0;
    const at = ((added.offset + i) >> shift) - histogram.offset;
    histogram.counts[at] = (histogram.counts[at] ?? 0) + count;
    histogram.count += count;
  }
}

/** The largest scale that neither exceeds and at which both fit into MAX_BUCKETS. */
function commonScale(histogram: ExponentialHistogram, added: ExponentialBuckets, first: number, last: number): number {
  for (let scale = Math.min(histogram.scale, added.scale); ; scale--) {
    let low = (added.offset + first) >> (added.scale - scale);
    let high = (added.offset + last) >> (added.scale - scale);
    if (histogram.counts.length > 0) {
      low = Math.min(low, histogram.offset >> (histogram.scale - scale));
      high = Math.max(high, (histogram.offset + histogram.counts.length - 1) >> (histogram.scale - scale));
    }
    if (high - low < MAX_BUCKETS) return scale;
  }
}

/** Joins 2^by neighbours into one bucket, in place. */
function downscale(histogram: ExponentialHistogram, by: number): void {
  if (by === 0) return;
  const offset = histogram.offset >> by;
  const counts: number[] = [];
  histogram.counts.forEach((count, i) => {
    const at = ((histogram.offset + i) >> by) - offset;
    counts[at] = (counts[at] ?? 0) + count;
  });
  histogram.scale -= by;
  histogram.offset = offset;
  histogram.counts = counts;
}

/** Makes `counts` reach from bucket `low` to bucket `high`. */
function cover(histogram: ExponentialHistogram, low: number, high: number): void {
  if (histogram.counts.length === 0) histogram.offset = low;
  const before = histogram.offset - low;
  if (before > 0) {
    histogram.counts = [...new Array<number>(before).fill(0), ...histogram.counts];
    histogram.offset = low;
  }
  while (histogram.offset + histogram.counts.length <= high) histogram.counts.push(0);
}
