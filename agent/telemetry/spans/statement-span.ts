/** One captured statement as a SERVER span: its place in a trace, its attributes, its status. */

import type { DescribedQuery } from '../../queries.js';
import type { StatementEvent } from '../../tracer/events.js';
import { NESTED, QUERY, RESOURCE, SPAN, SPAN_COUNTERS } from '../names.js';
import { double, keyValues } from '../otlp/attributes.js';
import type { KeyValue, Link, Span } from '../otlp/model.js';
import {
  FLAG_IS_REMOTE,
  FLAG_IS_REMOTE_KNOWN,
  FLAG_SAMPLED,
  SPAN_KIND_SERVER,
  STATUS_CODE_ERROR,
} from '../otlp/model.js';
import { randomId } from './ids.js';
import { queryAttributes } from './query-attributes.js';
import { describeSqlstate } from './sqlstate.js';
import { parseTraceparent, parseUpstream, type TraceContext } from './trace-context.js';
import { waitAttributes } from './wait-spans.js';

/** What is known about a statement beside the tracer's record. */
export interface StatementContext {
  described: DescribedQuery | undefined;
  database: string;
  user: string;
  /** Whether the statement's own text, with literals, may be shown. */
  rawText: boolean;
  /** PostgreSQL's major version. */
  major: number;
}

/** Why a statement has no span: its client did not sample it, or what looked like a trace context was none. */
export type Unrecorded = 'unsampled' | 'invalid';

const ROW_RETURNING_TAGS = new Set(['SELECT', 'FETCH']);
const LINK_FLAGS = FLAG_IS_REMOTE_KNOWN | FLAG_IS_REMOTE;

export function statementSpan(event: StatementEvent, context: StatementContext): Span | Unrecorded {
  const place = placeOf(event);
  if (typeof place === 'string') return place;
  const failure = failureOf(event);
  return {
    ...place,
    spanId: randomId(8),
    name: context.described?.summary ?? (event.tag || 'postgresql'),
    kind: SPAN_KIND_SERVER,
    startTimeUnixNano: event.startUnixNano,
    endTimeUnixNano: (BigInt(event.startUnixNano) + BigInt(Math.round(event.durationNs))).toString(),
    attributes: [
      ...attributesOf(event, context, failure),
      ...roundTrip(event),
      ...counters(event),
      ...waitAttributes(event, context.major),
    ],
    ...(failure === undefined ? {} : { status: { code: STATUS_CODE_ERROR, message: failure.message } }),
  };
}

type Place = Pick<Span, 'traceId' | 'parentSpanId' | 'links' | 'flags'>;

/**
 * A fresh, sampled context is joined. With an unsampled one there must be no span in that trace, and none at all if the context was
 * the only reason to capture; a stale one (a prepared statement, executed again) belongs to an earlier execution. Then the span is
 * the root of its own trace and links to the client's.
 */
function placeOf({ traceContext: upstream, reason }: StatementEvent): Place | Unrecorded {
  const context = upstream === undefined ? undefined : parseUpstream(upstream);
  if (upstream === undefined || context === undefined) return reason === 'traced' ? 'invalid' : root();
  if (!context.sampled) return reason === 'traced' ? 'unsampled' : root(link(context, 'unsampled'));
  if (upstream.stale) return root(link(context, 'stale'));
  const flags = FLAG_SAMPLED | FLAG_IS_REMOTE_KNOWN | FLAG_IS_REMOTE;
  return { traceId: context.traceId, parentSpanId: context.spanId, flags };
}

function root(...links: Link[]): Place {
  const flags = FLAG_SAMPLED | FLAG_IS_REMOTE_KNOWN;
  return { traceId: randomId(16), ...(links.length > 0 ? { links } : {}), flags };
}

function link({ traceId, spanId, sampled }: TraceContext, reason: 'unsampled' | 'stale'): Link {
  return {
    traceId,
    spanId,
    attributes: keyValues({ [SPAN.linkReason.name]: reason }),
    flags: LINK_FLAGS | (sampled ? FLAG_SAMPLED : 0),
  };
}

interface Failure {
  errorType: string;
  message: string;
}

function failureOf({ sqlstate, signal, reason }: StatementEvent): Failure | undefined {
  if (signal !== undefined) return { errorType: signal, message: `backend ended by ${signal}` };
  if (sqlstate !== undefined) return { errorType: sqlstate, message: describeSqlstate(sqlstate) };
  return reason === 'failed' ? { errorType: '_OTHER', message: 'failed' } : undefined;
}

function attributesOf(event: StatementEvent, context: StatementContext, failure: Failure | undefined): KeyValue[] {
  const text = (context.rawText ? event.text : undefined) ?? context.described?.text;
  const isTraceContext = event.application !== undefined && parseTraceparent(event.application) !== undefined;
  return keyValues({
    [RESOURCE.dbSystem.name]: 'postgresql',
    [QUERY.namespace.name]: context.database || undefined,
    [QUERY.user.name]: context.user || undefined,
    ...queryAttributes({
      fingerprint: event.fingerprint,
      summary: context.described?.summary,
      text,
      isTruncated: event.textTruncated,
    }),
    [SPAN.reason.name]: event.reason,
    [SPAN.commandTag.name]: event.tag || undefined,
    [SPAN.statusCode.name]: event.sqlstate,
    [SPAN.errorType.name]: failure?.errorType,
    [SPAN.signal.name]: event.signal,
    [SPAN.returnedRows.name]: ROW_RETURNING_TAGS.has(event.tag) ? (event.rows ?? 0) : undefined,
    [SPAN.pid.name]: event.pid,
    [SPAN.queryId.name]: event.queryId === '0' ? undefined : event.queryId,
    [SPAN.application.name]: isTraceContext ? undefined : event.application || undefined,
    [NESTED.untold.name]: event.nestedUntold || undefined,
    [SPAN.clientAddress.name]: event.clientAddress,
    [SPAN.peerAddress.name]: event.clientAddress,
    [SPAN.peerPort.name]: event.clientAddress === undefined ? undefined : event.clientPort,
  });
}

const NS_PER_S = 1e9;
function roundTrip({ clientRoundTripNs }: StatementEvent): KeyValue[] {
  return clientRoundTripNs === undefined ? [] : [double(SPAN.roundTrip.name, clientRoundTripNs / NS_PER_S)];
}

const COUNTERS = Object.entries(SPAN_COUNTERS) as [keyof typeof SPAN_COUNTERS, { name: string; type: string }][];

function counters(event: StatementEvent): KeyValue[] {
  return COUNTERS.flatMap(([key, { name, type }]) => {
    const value = event[key] ?? 0;
    if (value <= 0) return [];
    return type === 'double' ? [double(name, value / NS_PER_S)] : keyValues({ [name]: value });
  });
}
