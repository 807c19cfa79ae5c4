/** What a statement has waited for: its biggest wait events as an attribute, its long waits as spans of their own. */

import type { StatementEvent, WaitSum } from '../../tracer/events.js';
import { waitedFor } from '../../waits.js';
import { SPAN } from '../names.js';
import { double, keyValues } from '../otlp/attributes.js';
import type { KeyValue, Span } from '../otlp/model.js';
import { attributesOfWait } from '../wait-attributes.js';
import { innerSpan, spanAround } from './inner-span.js';
import { lockAttributes } from './lock-attributes.js';

const MOST_EVENTS = 5;
const NS_PER_S = 1e9;
const NS_PER_MS = 1e6;

/** The sum of the waits, and the longest events: `Lock:transactionid 12.3 ms (2)`. */
export function waitAttributes({ waits = [] }: Pick<StatementEvent, 'waits'>, major: number): KeyValue[] {
  const known = waits.flatMap((wait) => {
    const waited = waitedFor(major, wait.event);
    return waited === undefined ? [] : [{ ...wait, name: `${waited.type}:${waited.event}` }];
  });
  if (known.length === 0) return [];
  const longest = known.toSorted((a, b) => b.waitNs - a.waitNs).slice(0, MOST_EVENTS);
  return [
    double(SPAN.waitTime.name, known.reduce((sum, { waitNs }) => sum + waitNs, 0) / NS_PER_S),
    {
      key: SPAN.waits.name,
      value: { arrayValue: { values: longest.map((wait) => ({ stringValue: described(wait) })) } },
    },
  ];
}

function described({ name, waitNs, count }: WaitSum & { name: string }): string {
  return `${name} ${(waitNs / NS_PER_MS).toFixed(waitNs < 10 * NS_PER_MS ? 3 : 1)} ms (${count})`;
}

export interface WaitContext {
  statement: Span;
  /** Those of the statement's phases. */
  phases: readonly Span[];
  /** PostgreSQL's major version. */
  major: number;
}

/** Each is a child of the phase in which all of it lies, else of the statement's span. */
export function waitSpans(
  { longWaits = [] }: Pick<StatementEvent, 'longWaits'>,
  { statement, phases, major }: WaitContext,
): Span[] {
  return longWaits.flatMap((wait) => {
    const waited = waitedFor(major, wait.event);
    if (waited === undefined) return [];
    const period = { startUnixNano: wait.startUnixNano, ns: wait.waitNs };
    const name = `${waited.type}:${waited.event}`;
    const attributes = [...keyValues(attributesOfWait(waited)), ...lockAttributes(wait, waited.event)];
    return [innerSpan(spanAround(phases, period) ?? statement, { ...period, name, attributes })];
  });
}
