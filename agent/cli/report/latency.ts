/** The latency axis of the heat maps: half powers of two from a microsecond to about half an hour, as rows of equal height. */
import { downscale, type Histogram } from '../histogram.js';

/** Scale of the rows: each is √2 times as long as the one below. */
const ROW_SCALE = 1;
/** Absolute index of the lowest row at that scale: 2^-20 s, about 1 µs. */
const LOWEST = -40;

export const LATENCY_ROWS = 62;

/** Lower limit of a row, which is the upper limit of the row below; seconds. */
export function rowLimit(row: number): number {
  return 2 ** ((LOWEST + row) * 2 ** -ROW_SCALE);
}

/** Counts by row; what lies outside of the axis goes to its ends. */
export function rowsOf(histogram: Histogram): [row: number, count: number][] {
  const { offset, counts, zeroCount } = downscale(histogram, ROW_SCALE);
  const rows = counts.map((count, index): [number, number] => [clamp(offset + index - LOWEST), count]);
  return [[0, zeroCount] as [number, number], ...rows].filter(([, count]) => count > 0);
}

function clamp(row: number): number {
  return Math.max(0, Math.min(LATENCY_ROWS - 1, row));
}
