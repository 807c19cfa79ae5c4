/** Histograms whose buckets have bounds of their own, as trace programs have them: how many values by the upper bound of their bucket. */

/** Upper bound (Infinity for what is above all bounds) → values that are at most so large, and larger than the bound before. */
export type Buckets = ReadonlyMap<number, number>;

export const NO_BUCKETS: Buckets = new Map();

export interface Bucket {
  /** Values are larger than this; undefined for the lowest one. */
  above: number | undefined;
  /** Undefined for what is above all bounds. */
  upTo: number | undefined;
}

/** A program has at most 200 of them; a damaged file must not make lists of any length. */
const MAX_BOUNDS = 1000;

/** As OTLP has them: one count more than bounds, which rise. None if they are something else. */
export function bucketsFrom(bounds: readonly number[], counts: readonly number[]): Buckets {
  const rise = bounds.every((bound, at) => at === 0 || bound > (bounds[at - 1] ?? 0));
  if (!rise || bounds.length > MAX_BOUNDS || counts.length !== bounds.length + 1) return NO_BUCKETS;
  return new Map(counts.map((count, at) => [bounds[at] ?? Number.POSITIVE_INFINITY, Math.max(0, count)]));
}

export function addBuckets(left: Buckets, right: Buckets): Buckets {
  const sum = new Map(left);
  for (const [bound, count] of right) sum.set(bound, (sum.get(bound) ?? 0) + count);
  return sum;
}

export function valuesIn(buckets: Buckets): number {
  return [...buckets.values()].reduce((sum, count) => sum + count, 0);
}

/** From the first bucket that any of the histograms has values in to the last one, in their order. */
export function usedBuckets(all: readonly Buckets[]): Bucket[] {
  const bounds = [...new Set(all.flatMap((buckets) => [...buckets.keys()]))].sort((a, b) => a - b);
  const isUsed = (bound: number) => all.some((buckets) => (buckets.get(bound) ?? 0) > 0);
  const first = bounds.findIndex(isUsed);
  const last = bounds.findLastIndex(isUsed);
  if (first === -1) return [];
  return bounds.slice(first, last + 1).map((bound, at) => ({
    above: bounds[first + at - 1],
    upTo: Number.isFinite(bound) ? bound : undefined,
  }));
}

export function countIn(buckets: Buckets, { upTo }: Bucket): number {
  return buckets.get(upTo ?? Number.POSITIVE_INFINITY) ?? 0;
}

/** The upper bound of the bucket in which the share `q` (0 to 1) of all values is reached; undefined if there are none. */
export function boundOf(buckets: Buckets, q: number): number | undefined {
  const total = valuesIn(buckets);
  let seen = 0;
  for (const [bound, count] of [...buckets].sort(([a], [b]) => a - b)) {
    seen += count;
    if (count > 0 && seen >= q * total) return bound;
  }
  return undefined;
}
