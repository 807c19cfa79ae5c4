/** Failed statements by what PostgreSQL said of them. */
import { exactCount } from '../quantities.js';
import { conditionOf } from '../sqlstate.js';
import { type Line, line, run } from './lines.js';
import type { QueryTotals } from './view.js';
import { printable } from './width.js';

type Failures = QueryTotals['failures'];

export function addFailures(queries: readonly Pick<QueryTotals, 'failures'>[]): Failures {
  const sums: Record<string, number> = {};
  for (const { failures } of queries)
    for (const [code, count] of Object.entries(failures)) sums[code] = (sums[code] ?? 0) + count;
  return sums;
}

/** `failed: 2 deadlock (40P01)`, the most frequent first; undefined if none is told. */
export function failureLine(failures: Failures): Line | undefined {
  const codes = Object.entries(failures).sort((a, b) => b[1] - a[1]);
  if (codes.length === 0) return undefined;
  const words = codes.map(([code, count]) => `${exactCount(count)} ${conditionOf(code)} (${code})`);
  return [...line('failed: '), run(printable(words.join(' · ')), 'alarm')];
}
