/** What the rounds of a measurement come to: median and quartiles. */

export interface Spread {
  lower: number;
  median: number;
  upper: number;
}

/** Quartiles by linear interpolation; NaN of no values. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const quantile = (q: number) => {
    const at = q * (sorted.length - 1);
    const below = sorted[Math.floor(at)] ?? Number.NaN;
    const above = sorted[Math.ceil(at)] ?? Number.NaN;
    return below + (above - below) * (at - Math.floor(at));
  };
  return { lower: quantile(0.25), median: quantile(0.5), upper: quantile(0.75) };
}
