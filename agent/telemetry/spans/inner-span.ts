/** Spans below a statement's, each with exact begin and end: its phases, its nested statements, its long waits. */

import { FLAG_IS_REMOTE_KNOWN, FLAG_SAMPLED, type KeyValue, SPAN_KIND_INTERNAL, type Span } from '../otlp/model.js';
import { randomId } from './ids.js';

/** When a part of a statement ran. */
export interface Period {
  startUnixNano: string;
  ns: number;
}

export interface Part extends Period {
  name: string;
  attributes: KeyValue[];
}

export function innerSpan(parent: Span, { name, attributes, ...period }: Part): Span {
  return {
    traceId: parent.traceId,
    spanId: randomId(8),
    parentSpanId: parent.spanId,
    name,
    kind: SPAN_KIND_INTERNAL,
    startTimeUnixNano: period.startUnixNano,
    endTimeUnixNano: endOf(period).toString(),
    attributes,
    flags: FLAG_SAMPLED | FLAG_IS_REMOTE_KNOWN,
  };
}

/** The span of these in which all of the period lies; undefined if there is none. */
export function spanAround(spans: readonly Span[], period: Period): Span | undefined {
  return spans.find(
    ({ startTimeUnixNano, endTimeUnixNano }) =>
      BigInt(startTimeUnixNano) <= BigInt(period.startUnixNano) && endOf(period) <= BigInt(endTimeUnixNano),
  );
}

function endOf({ startUnixNano, ns }: Period): bigint {
  return BigInt(startUnixNano) + BigInt(Math.round(ns));
}
