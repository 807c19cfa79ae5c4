/** The table of queries: the sorted rows that find room, and what the others have together. */

import { timeNs } from '../measured-time.js';
import { compactDuration, compactShare } from '../quantities.js';
import { type Column, columnsFor, type Whole } from './columns.js';
import { span } from './header.js';
import type { TopState } from './keys.js';
import { type Line, line, row, run, type Style } from './lines.js';
import { sortQueries } from './sort.js';
import type { QueryTotals, View } from './view.js';
import { padStart } from './width.js';

/** `room`: lines, the heading among them. */
export function queryTable(view: View, state: TopState, columns: number, room: number): Line[] {
  const shape = columnsFor(columns, view.level);
  const heading = row(
    shape.map(({ title, width, align, sort }) => ({
      text: title,
      width,
      align,
      style: sort === state.sort ? 'sorted' : 'heading',
    })),
    'heading',
  );
  const sorted = sortQueries(view.queries, state.sort);
  if (sorted.length === 0) return [heading, line(`  ${emptyText(view)}`, 'dim')];
  const whole = { seconds: view.seconds, timeNs: sum(view.queries, timeNs) };
  const fits = sorted.length <= room - 1 ? sorted.length : Math.max(0, room - 2);
  // A selected row below the last line moves all up.
  const from = Math.max(0, sorted.findIndex(({ key }) => key === state.selected) - fits + 1);
  const shown = sorted.slice(from, from + fits);
  const hidden = sorted.filter((_, index) => index < from || index >= from + fits);
  return [
    heading,
    ...shown.map((query) => rowOf(query, whole, shape, query.key === state.selected)),
    ...(hidden.length === 0 ? [] : [rest(hidden, whole.timeNs)]),
  ];
}

function rowOf(query: QueryTotals, whole: Whole, shape: readonly Column[], isSelected: boolean): Line {
  return row(
    shape.map((column) => ({
      text: column.cell(query, whole),
      width: column.width,
      align: column.align,
      style: isSelected ? 'selected' : styleOf(column, query),
    })),
    isSelected ? 'selected' : 'plain',
  );
}

function emptyText({ seconds, level }: View): string {
  if (seconds === 0) return 'Attached; the first numbers come after one interval.';
  return level === 'waits'
    ? `No statement ran in the ${span(seconds)}.`
    : `No statement ended in the ${span(seconds)}.`;
}

function rest(hidden: QueryTotals[], wholeNs: number): Line {
  const hiddenNs = sum(hidden, timeNs);
  const share = compactShare(wholeNs === 0 ? 0 : hiddenNs / wholeNs);
  const text = `${padStart(share, 5)} … ${hidden.length} more queries, ${compactDuration(hiddenNs / 1e9)} of database time`;
  return [run(text, 'dim')];
}

function styleOf(column: Column, query: QueryTotals): Style {
  if (column.sort === 'errors' && query.errors > 0) return 'alarm';
  return column.title === '' ? 'accent' : 'plain';
}

function sum<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
