/** Events of a trace program as a table: the slowest, or the last ones. */
import { formatBytes, formatCount, formatDuration } from '../../quantities.js';
import { type Html, html } from '../html.js';
import type { Attributes } from '../otlp.js';
import { type ProgramEvents, secondsOf, type ToldEvent } from '../program-events.js';
import { fieldName, keyText } from './program-keys.js';

/** Every event has a time anyway. */
const TIME_OF_DAY = 'pgscope.time_of_day';
const STATEMENT = 'statement';

interface Column {
  title: string;
  fields: string[];
  isNumber: boolean;
}

export function programEvents({ name, count, durationField, events }: ProgramEvents): Html {
  const columns = columnsOf(events);
  return html`<figure class="plot"><figcaption><b>${titleOf(count, events.length, durationField)}</b><code>${name}</code></figcaption>
<div class="scroll"><table class="events"><thead><tr><th scope="col">Time (UTC)</th>${columns.map(({ title, isNumber }) => html`<th scope="col" class="${!isNumber && 'text'}">${title}</th>`)}</tr></thead>
<tbody>${events.map((event) => row(event, columns))}</tbody></table></div></figure>`;
}

function titleOf(count: number, shown: number, durationField: string | undefined): string {
  const order = durationField === undefined ? 'last' : 'slowest';
  return count > shown
    ? `Events: the ${shown} ${order} of ${formatCount(count)}`
    : `Events: all ${count}, the ${order} first`;
}

function row({ timeNs, attributes }: ToldEvent, columns: readonly Column[]): Html {
  const time = new Date(Number(timeNs / 1_000_000n)).toISOString().slice(11, 23);
  return html`<tr><th scope="row">${time}</th>${columns.map(({ title, fields, isNumber }) => {
    const text =
      title === STATEMENT
        ? statementOf(attributes, fields)
        : fields.map((field) => valueText(field, attributes[field])).join('');
    if (isNumber) return html`<td>${text}</td>`;
    return html`<td class="text" title="${text}">${title === STATEMENT ? html`<code>${text}</code>` : text}</td>`;
  })}</tr>`;
}

/** In the order of the program's fields; summary and text of a statement are one. */
function columnsOf(events: readonly ToldEvent[]): Column[] {
  const names = new Set(events.flatMap(({ attributes }) => Object.keys(attributes)));
  names.delete(TIME_OF_DAY);
  return [...Map.groupBy(names, titleOfField)].map(([title, fields]) => ({
    title,
    fields,
    isNumber: events.every(({ attributes }) => fields.every((field) => typeof (attributes[field] ?? 0) === 'number')),
  }));
}

function titleOfField(field: string): string {
  return secondsOf(field, 0) === undefined ? fieldName(field) : fieldName(field).replace(/ [a-z]+$/, '');
}

function statementOf(attributes: Attributes, fields: readonly string[]): string {
  const told = fields.filter((field) => (attributes[field] ?? '') !== '');
  return told.length === 0 ? '' : keyText(Object.fromEntries(told.map((field) => [field, attributes[field] ?? ''])));
}

function valueText(field: string, value: Attributes[string] | undefined): string {
  if (value === undefined) return '';
  const seconds = secondsOf(field, value);
  if (seconds !== undefined) return formatDuration(seconds);
  return typeof value === 'number' && /(^|[._])(size|bytes)$/.test(field) ? formatBytes(value) : String(value);
}
