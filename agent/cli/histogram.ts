/**
 * Exponential histograms as OpenTelemetry defines them, as plain values: add, subtract, downscale, quantile.
 * `top` and `report` share it. Bucket i of `counts` covers (base^(offset+i), base^(offset+i+1)], base = 2^(2^-scale), in seconds.
 */
import type { ExponentialBuckets } from '../tracer/events.js';

export interface Histogram extends ExponentialBuckets {
  /** Values too small for any bucket. */
  zeroCount: number;
}

export const EMPTY: Histogram = { scale: 20, offset: 0, counts: [], zeroCount: 0 };

export function fromBuckets(buckets: ExponentialBuckets | undefined): Histogram {
  return buckets === undefined ? EMPTY : { ...buckets, zeroCount: 0 };
}

export function countOf(histogram: Histogram): number {
  return histogram.counts.reduce((sum, count) => sum + count, histogram.zeroCount);
}

/** The upper limit of bucket `index` (an absolute index, offset included), seconds. */
export function upperLimit(scale: number, index: number): number {
  return 2 ** ((index + 1) * 2 ** -scale);
}

/** The same values at a coarser scale; each step merges neighbours in pairs. A finer scale is not possible and changes nothing. */
export function downscale(histogram: Histogram, scale: number): Histogram {
  const steps = histogram.scale - scale;
  if (steps <= 0) return histogram;
  const { counts, offset, zeroCount } = histogram;
  const divisor = 2 ** steps;
  const first = Math.floor(offset / divisor);
  if (counts.length === 0) return { scale, offset: first, counts: [], zeroCount };
  const merged = new Array<number>(Math.floor((offset + counts.length - 1) / divisor) - first + 1).fill(0);
  for (const [index, count] of counts.entries()) {
    const at = Math.floor((offset + index) / divisor) - first;
    merged[at] = (merged[at] ?? 0) + count;
  }
  return { scale, offset: first, counts: merged, zeroCount };
}

/** Sum of two histograms, at the coarser of the two scales. */
export function add(left: Histogram, right: Histogram): Histogram {
  return combine(left, right, (a, b) => a + b);
}

/** What `later` has more than `earlier`, both cumulative from one start; never below zero. */
export function subtract(later: Histogram, earlier: Histogram): Histogram {
  return combine(later, earlier, (a, b) => Math.max(0, a - b));
}

function combine(left: Histogram, right: Histogram, operate: (a: number, b: number) => number): Histogram {
  const scale = Math.min(left.scale, right.scale);
  const a = downscale(left, scale);
  const b = downscale(right, scale);
  const zeroCount = operate(a.zeroCount, b.zeroCount);
  if (a.counts.length === 0 && b.counts.length === 0) return { scale, offset: 0, counts: [], zeroCount };
  const offset = Math.min(...[a, b].filter((side) => side.counts.length > 0).map((side) => side.offset));
  const end = Math.max(
    ...[a, b].filter((side) => side.counts.length > 0).map((side) => side.offset + side.counts.length),
  );
  const counts = Array.from({ length: end - offset }, (_, index) =>
    operate(a.counts[offset + index - a.offset] ?? 0, b.counts[offset + index - b.offset] ?? 0),
  );
  return { scale, offset, counts, zeroCount };
}

/**
 * The value below which the share `q` (0 to 1) of all values lies, seconds; undefined if there are none.
 * Inside a bucket values are taken as spread evenly on the logarithmic axis, so the error is less than one bucket (9 % at scale 3).
 */
export function quantile(histogram: Histogram, q: number): number | undefined {
  const total = countOf(histogram);
  if (total <= 0) return undefined;
  const rank = q * total;
  let seen = histogram.zeroCount;
  if (seen > 0 && seen >= rank) return 0;
  let last = 0;
  for (const [index, count] of histogram.counts.entries()) {
    if (count <= 0) continue;
    last = histogram.offset + index;
    if (seen + count >= rank) return 2 ** ((last + Math.max(0, rank - seen) / count) * 2 ** -histogram.scale);
    seen += count;
  }
  return upperLimit(histogram.scale, last);
}
