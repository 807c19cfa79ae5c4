/** The picture of `top`: a view and a state in, lines of styled text out. Nothing here knows a terminal. */
import { compactCount, compactDuration, compactShare, formatDuration } from '../quantities.js';
import { type Column, columnsFor } from './columns.js';
import { FOOTER, HELP } from './help.js';
import type { TopState } from './keys.js';
import { sortQueries } from './sort.js';
import type { QueryTotals, ServerFacts, View } from './view.js';
import { padEnd, padStart, printable, truncate, widthOf } from './width.js';

export type Style = 'plain' | 'bold' | 'dim' | 'alarm' | 'accent' | 'heading' | 'sorted';

export interface Run {
  text: string;
  style: Style;
}

export type Line = Run[];

export interface Size {
  columns: number;
  /** Undefined where the output is no screen: every query is listed, and neither keys nor a footer are shown. */
  rows: number | undefined;
}

export function renderFrame(view: View, state: TopState, size: Size): Line[] {
  const header = headerLines(view, state, size.columns);
  const room = size.rows === undefined ? Number.POSITIVE_INFINITY : Math.max(3, size.rows - header.length - 1);
  const body = state.help ? HELP.map((text) => line(text)) : table(view, state, size.columns, room);
  const lines = [...header, ...body].map((each) => cut(each, size.columns));
  if (size.rows === undefined) return lines;
  const filler: Line[] = Array.from({ length: size.rows }, () => []);
  return [...[...lines, ...filler].slice(0, size.rows - 1), cut([run(FOOTER, 'dim')], size.columns)];
}

export function textOf(frameLine: Line): string {
  return frameLine
    .map(({ text }) => text)
    .join('')
    .trimEnd();
}

function headerLines(view: View, state: TopState, columns: number): Line[] {
  const since = view.seconds === 0 ? [] : [span(view.seconds)];
  const clock = [view.at.toTimeString().slice(0, 8), ...since, ...(state.paused ? ['PAUSED'] : [])].join(' · ');
  const title = `pgscope top · ${servers(view.servers)}`;
  const room = columns - widthOf(clock) - 1;
  const lines: Line[] = [
    [run(padEnd(title, room), 'bold'), run(' ', 'plain'), run(clock, state.paused ? 'accent' : 'plain')],
    totals(view, state),
  ];
  if (view.losses.length > 0) {
    const losses = view.losses.map(([name, count]) => `${compactCount(count)} ${name}`).join(', ');
    lines.push([run(`Lost since the start: ${losses}`, 'alarm')]);
  }
  for (const notice of view.notices) lines.push([run(printable(notice), 'alarm')]);
  return [...lines.map((each) => cut(each, columns)), []];
}

function servers(facts: readonly ServerFacts[]): string {
  const [first, ...others] = facts;
  if (first === undefined) return 'no server';
  if (others.length === 0) return `PostgreSQL ${first.version} · pid ${first.pid}`;
  const versions = [...new Set(facts.map(({ version }) => version))].join(', ');
  return `${facts.length} servers · PostgreSQL ${versions}`;
}

function totals(view: View, state: TopState): Line {
  const seconds = view.seconds || 1;
  const durationNs = sum(view.queries, (query) => query.durationNs);
  const errors = sum(view.queries, (query) => query.errors) / seconds;
  const statements = sum(view.queries, (query) => query.calls) / seconds + errors;
  const backends = sum(view.servers, (server) => server.backends);
  return [
    run('load ', 'plain'),
    run((durationNs / 1e9 / seconds).toFixed(2), 'bold'),
    run(` · ${compactCount(statements)} statements/s · `, 'plain'),
    run(`${compactCount(errors)} errors/s`, errors > 0 ? 'alarm' : 'plain'),
    run(` · ${backends} backends · sorted by ${state.sort}`, 'plain'),
  ];
}

function table(view: View, state: TopState, columns: number, room: number): Line[] {
  const shape = columnsFor(columns);
  const whole = { seconds: view.seconds, durationNs: sum(view.queries, (query) => query.durationNs) };
  const sorted = sortQueries(view.queries, state.sort);
  if (sorted.length === 0) return [heading(shape, state), line(`  ${emptyText(view)}`, 'dim')];
  const fits = sorted.length <= room - 1 ? sorted.length : room - 2;
  const rows = sorted
    .slice(0, Math.max(0, fits))
    .map((query) =>
      shape.flatMap((column, index) => [
        run(index === 0 ? '' : ' ', 'plain'),
        run(align(column, printable(column.cell(query, whole))), styleOf(column, query)),
      ]),
    );
  const hidden = sorted.slice(rows.length);
  return [heading(shape, state), ...rows, ...(hidden.length === 0 ? [] : [rest(hidden, whole.durationNs)])];
}

function emptyText({ seconds }: View): string {
  return seconds === 0
    ? 'Attached; the first numbers come after one interval.'
    : `No statement ended in the ${span(seconds)}.`;
}

function heading(shape: Column[], state: TopState): Line {
  return shape.flatMap((column, index) => [
    run(index === 0 ? '' : ' ', 'heading'),
    run(align(column, column.title), column.sort === state.sort ? 'sorted' : 'heading'),
  ]);
}

function rest(hidden: QueryTotals[], wholeNs: number): Line {
  const durationNs = sum(hidden, (query) => query.durationNs);
  const share = compactShare(wholeNs === 0 ? 0 : durationNs / wholeNs);
  const text = `${padStart(share, 5)} … ${hidden.length} more queries, ${compactDuration(durationNs / 1e9)} of database time`;
  return [run(text, 'dim')];
}

function styleOf(column: Column, query: QueryTotals): Style {
  if (column.sort === 'errors' && query.errors > 0) return 'alarm';
  return column.title === '' ? 'accent' : 'plain';
}

function align({ width, align: side }: Column, text: string): string {
  return side === 'left' ? padEnd(text, width) : padStart(text, width);
}

function span(seconds: number): string {
  return `last ${formatDuration(Math.round(seconds * 10) / 10).replace(/\.0+ /, ' ')}`;
}

/** The line cut to the screen's width, run by run. */
function cut(frameLine: Line, columns: number): Line {
  let room = columns;
  return frameLine.flatMap(({ text, style }) => {
    if (room <= 0) return [];
    const kept = truncate(text, room);
    room -= widthOf(kept);
    return [run(kept, style)];
  });
}

function line(text: string, style: Style = 'plain'): Line {
  return [run(text, style)];
}

function run(text: string, style: Style): Run {
  return { text, style };
}

function sum<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
