/** The entries of a map as bpftrace prints it: for each key a number, a histogram, or count and sum. */

import { numberOf } from './decode.js';

/** What a map holds for a key, as numbers that can be added up. */
export interface Sums {
  /** A number; of stats() the average. */
  value: number;
  /** Of histograms and stats(). */
  count: number;
  /** Undefined: not known. */
  total: number | undefined;
  /** Of histograms: how many values are at most so large, and above the bound before. Infinity for those beyond the last one. */
  buckets: ReadonlyMap<number, number>;
}

export interface Entry {
  /** The keys as bpftrace joins them; empty for a map without keys. */
  key: string;
  sums: Sums;
}

const NO_BUCKETS: ReadonlyMap<number, number> = new Map();

/** Entries whose values are neither numbers nor made of numbers are left out: they are no metric. */
export function entriesOf(content: unknown, isKeyed: boolean): Entry[] {
  const pairs: [string, unknown][] = isKeyed ? keyed(content) : [['', content]];
  return pairs.flatMap(([key, value]) => {
    const sums = sumsOf(value);
    return sums === undefined ? [] : [{ key, sums }];
  });
}

function keyed(content: unknown): [string, unknown][] {
  return typeof content === 'object' && content !== null && !Array.isArray(content) ? Object.entries(content) : [];
}

function sumsOf(value: unknown): Sums | undefined {
  if (Array.isArray(value)) return histogramOf(value);
  if (typeof value === 'object' && value !== null) return statisticsOf(value as Record<string, unknown>);
  const number = typeof value === 'boolean' ? Number(value) : numberOf(value);
  return number === undefined ? undefined : { value: number, count: 0, total: undefined, buckets: NO_BUCKETS };
}

function statisticsOf(value: Record<string, unknown>): Sums | undefined {
  const [count, average, total] = [value.count, value.average, value.total].map(numberOf);
  if (count === undefined || total === undefined) return undefined;
  return { value: average ?? 0, count, total, buckets: NO_BUCKETS };
}

/** `[{min, max, count}, …]`: whole numbers, both ends included; the first has no min if it is open, the last no max. */
function histogramOf(list: unknown[]): Sums | undefined {
  const buckets = new Map<number, number>();
  let count = 0;
  for (const bucket of list) {
    if (typeof bucket !== 'object' || bucket === null) return undefined;
    const { min, max, count: own } = bucket as Record<string, unknown>;
    const inBucket = numberOf(own);
    if (inBucket === undefined) return undefined;
    const lower = numberOf(min);
    // What is below the first bucket has a bound of its own, so that the bucket's own values are told from what is smaller.
    if (lower !== undefined && buckets.size === 0) buckets.set(lower - 1, 0);
    const upper = numberOf(max) ?? Number.POSITIVE_INFINITY;
    buckets.set(upper, (buckets.get(upper) ?? 0) + inBucket);
    count += inBucket;
  }
  return { value: 0, count, total: undefined, buckets };
}
