/** The last intervals, so that rates can be shown over one of them or over several. */
import { add } from '../histogram.js';
import type { Interval, QueryTotals } from './view.js';

/** The smoothed view covers this many intervals. */
export const SMOOTHED_INTERVALS = 10;

/** The newest interval last; older ones than the smoothed view needs are dropped. */
export function pushInterval(window: readonly Interval[], interval: Interval): Interval[] {
  return [...window, interval].slice(-SMOOTHED_INTERVALS);
}

/** One interval as long as all of `window`, with each query's sums. */
export function sumIntervals(window: readonly Interval[]): Interval {
  const queries = new Map<string, QueryTotals>();
  for (const interval of window) {
    for (const query of interval.queries) {
      const before = queries.get(query.key);
      queries.set(query.key, before === undefined ? query : addTotals(before, query));
    }
  }
  return { seconds: window.reduce((sum, { seconds }) => sum + seconds, 0), queries: [...queries.values()] };
}

function addTotals(before: QueryTotals, next: QueryTotals): QueryTotals {
  return {
    ...next,
    calls: before.calls + next.calls,
    errors: before.errors + next.errors,
    rows: before.rows + next.rows,
    durationNs: before.durationNs + next.durationNs,
    cpuNs: before.cpuNs + next.cpuNs,
    ioBytes: before.ioBytes + next.ioBytes,
    durations: add(before.durations, next.durations),
  };
}
