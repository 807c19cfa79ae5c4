/** The keys of what a trace program tells, for people. */
import { POINT, QUERY, SPAN } from '../../../telemetry.js';
import { type Html, html } from '../html.js';
import type { Attributes } from '../otlp.js';

const SUMMARY = QUERY.summary.name;
const TEXT = SPAN.text.name;

/** What says nothing where something else is told as well. */
const SAID_BY: Record<string, string> = { [SUMMARY]: TEXT, 'pgscope.syscall.number': 'pgscope.syscall.name' };

/** `backend type and operation`; empty if there are no keys. */
export function keyNames(all: readonly Attributes[]): string {
  const names = new Set(all.flatMap((attributes) => namesIn(attributes).map(fieldName)));
  return [...names].join(', ').replace(/, (?=[^,]*$)/, ' and ');
}

/** `backend type` of `pgscope.backend.type`. */
export function fieldName(attribute: string): string {
  if (attribute === SUMMARY || attribute === TEXT) return 'statement';
  if (attribute === 'process.pid') return 'PID';
  return attribute.replace(/^pgscope\.(program\.)?/, '').replace(/[._]+/g, ' ');
}

/** The values in one line: `client backend · fsync`. */
export function keyText(attributes: Attributes): string {
  if (attributes[POINT.overflow.name] !== undefined) return 'all others';
  const parts = namesIn(attributes).map((name) => keyPart(name, attributes[name]));
  if (parts.length > 0) return parts.join(' · ');
  return Object.keys(attributes).length === 0 ? 'all' : '(none)';
}

/** The same; of a statement in code, and with its summary in front where there is room. */
export function keyHtml(attributes: Attributes, hasRoom: boolean): Html {
  const text = keyText(attributes);
  const summary = attributes[SUMMARY];
  if (attributes[TEXT] === undefined) return html`<span class="name" title="${text}">${text}</span>`;
  return html`${hasRoom && summary !== undefined && html`<span class="name" title="${String(summary)}">${String(summary)}</span>`}<code class="name" title="${text}">${text}</code>`;
}

/** The names that are not said by another one, and have a value. */
function namesIn(attributes: Attributes): string[] {
  return Object.keys(attributes).filter((name) => {
    const other = SAID_BY[name];
    const isSaid = other !== undefined && (attributes[other] ?? '') !== '';
    return !isSaid && attributes[name] !== '' && name !== POINT.overflow.name;
  });
}

/** A number alone would say nothing: `errno 11`. */
function keyPart(name: string, value: Attributes[string] | undefined): string {
  const text = String(value).replace(/\s+/g, ' ').trim();
  return typeof value === 'number' ? `${fieldName(name).split(' ').at(-1)} ${text}` : text;
}
