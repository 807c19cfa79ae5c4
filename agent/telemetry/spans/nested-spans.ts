/** Statements of a statement's functions and triggers, as spans below the phase in which they ran, or below each other. */

import type { DescribedQuery } from '../../queries.js';
import type { NestedStatement, StatementEvent } from '../../tracer/events.js';
import { NESTED } from '../names.js';
import { double, keyValues } from '../otlp/attributes.js';
import type { KeyValue, Span } from '../otlp/model.js';
import { innerSpan, type Period, spanAround } from './inner-span.js';
import { queryAttributes } from './query-attributes.js';

export interface NestedContext {
  statement: Span;
  /** Those of the statement's phases. */
  phases: readonly Span[];
  describe(fingerprint: string): DescribedQuery | undefined;
}

const UNKNOWN = '(unknown)';
const NS_PER_S = 1e9;

/** One for all executions of a query below one parent: from the begin of the first to the end of the last. */
export function nestedSpans({ nested = [] }: Pick<StatementEvent, 'nested'>, context: NestedContext): Span[] {
  const spans: Span[] = [];
  for (const each of nested) {
    const { fingerprint, parent, startUnixNano, spanNs } = each;
    const described = context.describe(fingerprint);
    const period = { startUnixNano, ns: spanNs };
    const above = (parent === undefined ? undefined : spans[parent]) ?? phaseAround(period, context);
    const attributes = attributesOf(each, described);
    spans.push(innerSpan(above, { ...period, name: described?.summary ?? UNKNOWN, attributes }));
  }
  return spans;
}

/** A planner calls functions, too, and a deferred trigger runs at the commit. */
function phaseAround(period: Period, { phases, statement }: NestedContext): Span {
  return spanAround(phases, period) ?? phases.find(({ name }) => name === 'execute') ?? statement;
}

function attributesOf(
  { fingerprint, depth, calls, durationNs }: NestedStatement,
  described: DescribedQuery | undefined,
): KeyValue[] {
  const attributes = keyValues({
    ...queryAttributes({ fingerprint, ...described }),
    [NESTED.depth.name]: depth,
    [NESTED.calls.name]: calls,
  });
  return calls > 1 ? [...attributes, double(NESTED.time.name, durationNs / NS_PER_S)] : attributes;
}
