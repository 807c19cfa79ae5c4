/** A query's time: how long its statements took, or, where that is not told (level waits), all time that was measured. */
import { type Load, loadOf } from './load.js';
import type { Wait } from './waits.js';

interface Measured {
  cpuNs: number;
  runQueueNs: number;
  waits: readonly Wait[];
}

/** Seconds by class. Parallel workers' time is in it: it can be more than the statements took. */
export function loadIn({ cpuNs, runQueueNs, waits }: Measured): Load {
  return loadOf({ cpuSeconds: cpuNs / 1e9, runQueueSeconds: runQueueNs / 1e9, waits });
}

export function measuredNs({ cpuNs, runQueueNs, waits }: Measured): number {
  return cpuNs + runQueueNs + waitNs(waits);
}

export function waitNs(waits: readonly Wait[]): number {
  return waits.reduce((sum, { seconds }) => sum + seconds * 1e9, 0);
}

export function timeNs(query: Measured & { durationNs: number }): number {
  return query.durationNs > 0 ? query.durationNs : measuredNs(query);
}

/** `Lock:transactionid 98%`: what was waited for longest, as a share of all measured time; empty where waits are less than 1 %. */
export function biggestWait(measured: Measured): string {
  const [longest] = measured.waits;
  const whole = measuredNs(measured);
  const share = longest === undefined || whole === 0 ? 0 : (longest.seconds * 1e9) / whole;
  return longest === undefined || share < 0.01 ? '' : `${longest.name} ${Math.round(share * 100)}%`;
}
