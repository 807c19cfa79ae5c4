/** By what `top` can sort, in the order of its columns. */
import { quantile } from '../histogram.js';
import { timeNs, waitNs } from '../measured-time.js';
import type { QueryTotals } from './view.js';

export const SORT_KEYS = ['time', 'calls', 'mean', 'p99', 'cpu', 'wait', 'io', 'rows', 'errors'] as const;

export type SortKey = (typeof SORT_KEYS)[number];

const VALUE: Record<SortKey, (query: QueryTotals) => number> = {
  time: timeNs,
  calls: (query) => query.calls,
  mean: (query) => meanNs(query),
  p99: (query) => quantile(query.durations, 0.99) ?? 0,
  cpu: (query) => query.cpuNs,
  wait: (query) => waitNs(query.waits),
  io: (query) => query.ioBytes,
  rows: (query) => query.rows,
  errors: (query) => query.errors,
};

/** Largest first; equal ones by database time, then by key, so that rows do not jump about. */
export function sortQueries(queries: readonly QueryTotals[], by: SortKey): QueryTotals[] {
  const decorated = queries.map((query) => ({ query, value: VALUE[by](query) }));
  decorated.sort(
    (a, b) => b.value - a.value || timeNs(b.query) - timeNs(a.query) || (a.query.key < b.query.key ? -1 : 1),
  );
  return decorated.map(({ query }) => query);
}

/** Mean time of a statement, failed ones included; 0 if there was none. */
export function meanNs({ durationNs, calls, errors }: QueryTotals): number {
  return calls + errors === 0 ? 0 : durationNs / (calls + errors);
}
