/** One query alone: its text, its numbers, where its time went, event by event and phase by phase, and which of its sessions wait for whom. */
import { quantile } from '../histogram.js';
import { classOf, type LoadClass } from '../load.js';
import { measuredNs } from '../measured-time.js';
import { compactBytes, compactCount, compactDuration, compactShare, exactCount } from '../quantities.js';
import { failureLine } from './failures.js';
import { bar } from './glyphs.js';
import { span } from './header.js';
import { cut, type Line, line, row, run } from './lines.js';
import { lockLinesOf } from './lock-lines.js';
import { phaseLines } from './phase-lines.js';
import { meanNs } from './sort.js';
import type { QueryTotals, View } from './view.js';
import { printable, wrap } from './width.js';

const MAX_TEXT_LINES = 6;
const BAR_WIDTH = 10;

/** A part of a query's time. */
interface Part {
  name: string;
  loadClass: LoadClass;
  seconds: number;
  /** Undefined for what is no wait. */
  count: number | undefined;
}

export function detailLines(view: View, columns: number): Line[] {
  const { detail, level } = view;
  if (detail === undefined) return [line('  No query is selected; ↑ and ↓ select one.', 'dim')];
  const { query, seconds } = detail;
  const text = (query.text ?? '(its text is not known)').replace(/\s+/g, ' ').trim();
  const failed = failureLine(query.failures);
  const numbers = level === 'waits' ? [] : [statements(query, seconds)];
  return [
    [run(printable(query.summary), 'bold'), run(printable(` · database ${query.database} · user ${query.user}`))],
    ...wrap(printable(text), columns - 2, MAX_TEXT_LINES).map((each) => line(`  ${each}`)),
    [],
    ...numbers,
    work(query, seconds),
    ...(failed === undefined ? [] : [failed]),
    [],
    ...breakdown(query, seconds),
    ...phaseLines(query),
    ...lockLinesOf(query, view, columns),
  ].map((each) => cut(each, columns));
}

function statements(query: QueryTotals, seconds: number): Line {
  const { calls, errors, rows, durations } = query;
  const share = (q: number) => compactDuration(quantile(durations, q));
  return line(
    `${compactCount(calls / seconds)} calls/s · ${compactCount(errors / seconds)} errors/s · ${compactCount(rows / seconds)} rows/s · mean ${compactDuration(meanNs(query) / 1e9)} · p50 ${share(0.5)} · p99 ${share(0.99)}`,
  );
}

function work(query: QueryTotals, seconds: number): Line {
  const load = measuredNs(query) / 1e9 / seconds;
  return line(
    `load ${load.toFixed(2)} · ${compactBytes(query.ioBytes / seconds)}/s of blocks and WAL · ${span(seconds)}`,
  );
}

function breakdown(query: QueryTotals, seconds: number): Line[] {
  const parts = partsOf(query);
  const whole = parts.reduce((sum, part) => sum + part.seconds, 0);
  const statementCount = query.calls + query.errors;
  const name = Math.max(20, ...parts.map((part) => part.name.length));
  const cells = (texts: readonly string[], [barText, style]: [string, LoadClass | undefined]) => [
    { text: texts[0] ?? '', width: Math.min(32, name), align: 'left' as const },
    { text: texts[1] ?? '', width: 5 },
    { text: texts[2] ?? '', width: 5 },
    { text: barText, width: BAR_WIDTH, align: 'left' as const, ...(style === undefined ? {} : { style }) },
    { text: texts[3] ?? '', width: 8 },
    { text: texts[4] ?? '', width: 7 },
    { text: texts[5] ?? '', width: 6 },
  ];
  const heading = row(cells(['TIME SPENT', 'TIME', 'SHARE', 'PER CALL', 'WAITS', 'MEAN'], ['', undefined]), 'heading');
  if (whole === 0) return [heading, line(`  It did nothing in the ${span(seconds)}.`, 'dim')];
  return [
    heading,
    ...parts.map((part) =>
      row(
        cells(
          [
            part.name,
            compactDuration(part.seconds),
            compactShare(part.seconds / whole),
            statementCount === 0 ? '' : compactDuration(part.seconds / statementCount),
            part.count === undefined ? '' : exactCount(part.count),
            part.count === undefined || part.count === 0 ? '' : compactDuration(part.seconds / part.count),
          ],
          [bar(part.seconds / whole, BAR_WIDTH), part.loadClass],
        ),
      ),
    ),
  ];
}

/** Longest first. */
function partsOf({ cpuNs, runQueueNs, waits }: QueryTotals): Part[] {
  const parts: Part[] = [
    { name: 'CPU', loadClass: 'CPU', seconds: cpuNs / 1e9, count: undefined },
    { name: 'run queue', loadClass: 'run queue', seconds: runQueueNs / 1e9, count: undefined },
    ...waits.map(({ name, type, seconds, count }) => ({ name, loadClass: classOf(type), seconds, count })),
  ];
  return parts.filter(({ seconds }) => seconds > 0).sort((a, b) => b.seconds - a.seconds);
}
