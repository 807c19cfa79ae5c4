/** The bins of a recording as parts of its period: first and last bin are often cut by its start and end. */
import type { Recording } from '../gather.js';

export interface PeriodBin {
  bin: number;
  /** 0 to 1 along the period. */
  from: number;
  to: number;
  /** How much of the period lies in the bin. */
  seconds: number;
}

export function periodBins({
  clock,
  fromSeconds,
  toSeconds,
}: Pick<Recording, 'clock' | 'fromSeconds' | 'toSeconds'>): PeriodBin[] {
  const length = toSeconds - fromSeconds;
  if (length <= 0) return [];
  return clock.bins.flatMap((bin) => {
    const start = Math.max(fromSeconds, bin * clock.widthSeconds);
    const end = Math.min(toSeconds, (bin + 1) * clock.widthSeconds);
    if (end <= start) return [];
    return [{ bin, from: (start - fromSeconds) / length, to: (end - fromSeconds) / length, seconds: end - start }];
  });
}
