/** Where time went, event by event, as a table: for one query, for all of them, or for a background process. */
import { classOf, LOAD_CLASSES, type Load, type LoadClass, totalOf } from '../../load.js';
import { formatCount, formatDuration, formatShare } from '../../quantities.js';
import type { Wait } from '../../waits.js';
import { type Html, html } from '../html.js';
import { styleOf } from './class-style.js';

export interface Events {
  load: Load;
  waits: readonly Wait[];
  /** Undefined where calls are not known. */
  calls: number | undefined;
  /** Which query waited so longest; no such column without it. */
  mostlyIn?: (event: string) => string;
}

interface Row {
  name: string;
  loadClass: LoadClass;
  seconds: number;
  count: number | undefined;
}

/** Rows of a table; what comes after is summed up in one row. */
const MAX_ROWS = 12;

export function eventTable({ load, waits, calls, mostlyIn }: Events): Html {
  const total = totalOf(load);
  const rows = rowsOf(load, waits);
  const cells = ({ name, loadClass, seconds, count }: Row): Html => html`<tr>
<th scope="row"><i class="swatch ${styleOf(loadClass)}"></i>${name}</th><td>${formatDuration(seconds)}</td><td>${formatShare(seconds / total)}</td>
${calls !== undefined && html`<td>${calls > 0 ? formatDuration(seconds / calls) : ''}</td>`}<td>${count === undefined ? '' : formatCount(Math.round(count))}</td><td>${count === undefined || count === 0 ? '' : formatDuration(seconds / count)}</td>
${mostlyIn !== undefined && html`<td class="text">${count === undefined ? '' : mostlyIn(name)}</td>`}</tr>`;
  return html`<div class="scroll"><table class="events"><thead><tr><th scope="col">Time spent</th><th scope="col">Time</th><th scope="col">Share</th>
${calls !== undefined && html`<th scope="col">Per call</th>`}<th scope="col">Waits</th><th scope="col">Mean wait</th>${mostlyIn !== undefined && html`<th scope="col" class="text">Most of it in</th>`}</tr></thead>
<tbody>${rows.map(cells)}</tbody></table></div>`;
}

/** Longest first, CPU and run queue among the waits. */
function rowsOf(load: Load, waits: readonly Wait[]): Row[] {
  const own = LOAD_CLASSES.filter((each) => each === 'CPU' || each === 'run queue').map((each) => ({
    name: each === 'CPU' ? 'on a CPU' : 'run queue: ready, waiting for a CPU',
    loadClass: each,
    seconds: load[each],
    count: undefined,
  }));
  const events = waits.map(({ name, type, seconds, count }) => ({ name, loadClass: classOf(type), seconds, count }));
  const rows: Row[] = [...own, ...events].filter(({ seconds }) => seconds > 0).sort((a, b) => b.seconds - a.seconds);
  const rest = rows.slice(MAX_ROWS);
  if (rest.length <= 1) return rows;
  const sum = (value: (row: Row) => number) => rest.reduce((all, row) => all + value(row), 0);
  return [
    ...rows.slice(0, MAX_ROWS),
    {
      name: `${rest.length} more`,
      loadClass: 'other',
      seconds: sum(({ seconds }) => seconds),
      count: sum(({ count = 0 }) => count),
    },
  ];
}
