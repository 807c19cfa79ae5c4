/** The table at the end of a recording: queries by share of database time, at most 80 columns wide. */

import { quantile } from '../histogram.js';
import { compactDuration, compactShare, exactCount } from '../quantities.js';
import { padEnd, padStart, printable, truncate } from '../top/width.js';
import type { QueryTotals } from './ledger.js';

export interface Summary {
  /** How long was recorded. */
  seconds: number;
  /** The most database time first. */
  queries: QueryTotals[];
  /** Sentences on what is missing. */
  losses: string[];
}

interface Column {
  title: string;
  cell(query: QueryTotals, totalNs: number): string;
}

const WIDTH = 80;
const MAX_QUERIES = 20;
const CELL_WIDTH = 5;

const columns: Column[] = [
  { title: 'TIME', cell: ({ durationNs }, totalNs) => compactShare(totalNs === 0 ? 0 : durationNs / totalNs) },
  { title: 'CALLS', cell: ({ calls }) => exactCount(calls) },
  { title: 'ERR', cell: ({ errors }) => (errors === 0 ? '' : exactCount(errors)) },
  {
    title: 'MEAN',
    cell: ({ durationNs, calls, errors }) =>
      compactDuration(calls + errors === 0 ? undefined : durationNs / 1e9 / (calls + errors)),
  },
  { title: 'P50', cell: ({ durations }) => compactDuration(quantile(durations, 0.5)) },
  { title: 'P99', cell: ({ durations }) => compactDuration(quantile(durations, 0.99)) },
  { title: 'TOTAL', cell: ({ durationNs }) => compactDuration(durationNs / 1e9) },
  { title: 'CPU', cell: ({ cpuNs }) => compactDuration(cpuNs / 1e9) },
  { title: 'ROWS', cell: ({ rows }) => exactCount(rows) },
];
const queryWidth = WIDTH - columns.length * (CELL_WIDTH + 1);

/** Lines joined by newlines, the last one ended by one. */
export function formatSummary({ seconds, queries, losses }: Summary): string {
  const lines =
    queries.length === 0 ? [`No statement ended within ${compactDuration(seconds)}.`] : table(queries, seconds);
  if (losses.length > 0) lines.push('', ...losses.flatMap(wrap));
  return `${lines.join('\n')}\n`;
}

function table(queries: QueryTotals[], seconds: number): string[] {
  const totalNs = sum(queries, ({ durationNs }) => durationNs);
  const shown = queries.slice(0, MAX_QUERIES);
  const rest = queries.slice(MAX_QUERIES);
  const lines = [
    row(
      columns.map(({ title }) => title),
      'QUERY',
    ),
    ...shown.flatMap((query) => entry(query, totalNs)),
  ];
  if (rest.length > 0) {
    const share = compactShare(sum(rest, ({ durationNs }) => durationNs) / Math.max(1, totalNs));
    lines.push(row([share], `(${rest.length} more queries)`));
  }
  lines.push('', totals(queries, totalNs, seconds));
  return lines;
}

/** Two lines: the numbers with the summary, and the text, where one may be shown that says more. */
function entry(query: QueryTotals, totalNs: number): string[] {
  const numbers = row(
    columns.map(({ cell }) => cell(query, totalNs)),
    query.summary,
  );
  const text = printable(query.text ?? '')
    .replace(/\s+/g, ' ')
    .trim();
  return text === '' || text === query.summary ? [numbers] : [numbers, `      ${truncate(text, WIDTH - 6)}`];
}

function row(cells: string[], query: string): string {
  const numbers = columns.map((_, index) => padStart(cells[index] ?? '', CELL_WIDTH)).join(' ');
  return `${numbers} ${padEnd(printable(query), queryWidth)}`.trimEnd();
}

function totals(queries: QueryTotals[], totalNs: number, seconds: number): string {
  const statements = exactCount(sum(queries, ({ calls, errors }) => calls + errors));
  const errors = sum(queries, (query) => query.errors);
  const failed = errors === 0 ? '' : ` (${exactCount(errors)} failed)`;
  return `${statements} statements${failed} of ${queries.filter(({ calls, errors }) => calls + errors > 0).length} queries, ${compactDuration(totalNs / 1e9)} of database time in ${compactDuration(seconds)}.`;
}

function sum(queries: QueryTotals[], value: (query: QueryTotals) => number): number {
  return queries.reduce((total, query) => total + value(query), 0);
}

/** Words of a sentence on lines that fit. */
function wrap(sentence: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of sentence.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
