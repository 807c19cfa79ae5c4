/** The table at the end of a recording: queries by share of database time, at most 80 columns wide. */

import type { TracerSettings } from '../../tracer.js';
import { sharesOf, sumLoads } from '../load.js';
import { loadIn, timeNs } from '../measured-time.js';
import { compactDuration, compactShare, exactCount } from '../quantities.js';
import { padEnd, padStart, printable, truncate } from '../top/width.js';
import { type Column, columnsOf } from './columns.js';
import type { QueryTotals } from './ledger.js';

export interface Summary {
  level: TracerSettings['level'];
  /** How long was recorded. */
  seconds: number;
  /** The most database time first. */
  queries: QueryTotals[];
  /** Sentences on what is missing. */
  losses: string[];
}

const WIDTH = 80;
const MAX_QUERIES = 20;

/** Lines joined by newlines, the last one ended by one. */
export function formatSummary(summary: Summary): string {
  const { level, seconds, queries, losses } = summary;
  const nothing = `No statement ${level === 'waits' ? 'ran' : 'ended'} within ${compactDuration(seconds)}.`;
  const lines = queries.length === 0 ? [nothing] : table(summary);
  if (losses.length > 0) lines.push('', ...losses.flatMap(wrap));
  return `${lines.join('\n')}\n`;
}

function table({ level, queries, seconds }: Summary): string[] {
  const columns = columnsOf(level);
  const totalNs = sum(queries, timeNs);
  const titles = columns.map(({ title }) => title);
  const shown = queries.slice(0, MAX_QUERIES).flatMap((query) => entry(columns, query, totalNs));
  const rest = queries.slice(MAX_QUERIES);
  const share = compactShare(sum(rest, timeNs) / Math.max(1, totalNs));
  const hidden = rest.length === 0 ? [] : [row(columns, [share], `(${rest.length} more queries)`)];
  return [row(columns, titles, 'QUERY'), ...shown, ...hidden, '', ...totals(level, queries, seconds)];
}

/** Two lines: the numbers with the summary, and the text, where one may be shown that says more. */
function entry(columns: readonly Column[], query: QueryTotals, totalNs: number): string[] {
  const cells = columns.map(({ cell }) => cell(query, totalNs));
  const numbers = row(columns, cells, query.summary);
  const text = printable(query.text ?? '')
    .replace(/\s+/g, ' ')
    .trim();
  return text === '' || text === query.summary ? [numbers] : [numbers, `      ${truncate(text, WIDTH - 6)}`];
}

function row(columns: readonly Column[], cells: readonly string[], query: string): string {
  const numbers = columns.map(({ width, align }, index) =>
    (align === 'left' ? padEnd : padStart)(printable(cells[index] ?? ''), width),
  );
  const room = WIDTH - columns.reduce((used, { width }) => used + width + 1, 0);
  return [...numbers, padEnd(printable(query), room)].join(' ').trimEnd();
}

function totals(level: Summary['level'], queries: QueryTotals[], seconds: number): string[] {
  const time = `${compactDuration(sum(queries, timeNs) / 1e9)} of database time in ${compactDuration(seconds)}.`;
  return [level === 'waits' ? time : `${statements(queries)}, ${time}`, ...wrap(split(queries))];
}

function statements(queries: QueryTotals[]): string {
  const all = exactCount(sum(queries, ({ calls, errors }) => calls + errors));
  const errors = sum(queries, (query) => query.errors);
  const failed = errors === 0 ? '' : ` (${exactCount(errors)} failed)`;
  return `${all} statements${failed} of ${queries.filter(({ calls, errors: own }) => calls + own > 0).length} queries`;
}

/** `Where it went: CPU 35.0%, Lock 12.0%.`, the biggest first; empty where nothing was measured. */
function split(queries: QueryTotals[]): string {
  const shares = sharesOf(sumLoads(queries.map(loadIn))).sort(([, a], [, b]) => b - a);
  const words = shares.filter(([, share]) => share >= 0.0005).map(([name, share]) => `${name} ${compactShare(share)}`);
  return words.length === 0 ? '' : `Where it went: ${words.join(', ')}.`;
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
  return line === '' ? lines : [...lines, line];
}
