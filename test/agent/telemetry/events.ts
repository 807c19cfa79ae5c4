/** Events as the tracer sends them, with only what a test is about. */

import type { AggregateEvent, DrainedEvent, ExponentialBuckets, StatementEvent } from '../../../agent/tracer/events.js';
import type { IoEvent } from '../../../agent/tracer/io-event.js';

export const FINGERPRINT = '00c0ffee00c0ffee';
export const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
export const SPAN_ID = 'b7ad6b7169203331';
export const TRACEPARENT = `00-${TRACE_ID}-${SPAN_ID}-01`;
export const UNSAMPLED = `00-${TRACE_ID}-${SPAN_ID}-00`;

export function statement(event: Partial<StatementEvent> = {}): StatementEvent {
  return {
    type: 'statement',
    target: 'local',
    fingerprint: FINGERPRINT,
    reason: 'slow',
    pid: 4711,
    databaseOid: 5,
    userOid: 10,
    queryId: '-1234567890123456789',
    startUnixNano: '1700000000123456789',
    durationNs: 1_500_000,
    tag: 'SELECT',
    ...event,
  };
}

export function aggregate(event: Partial<AggregateEvent> = {}): AggregateEvent {
  const calls = event.calls ?? 1;
  return {
    type: 'aggregate',
    target: 'local',
    fingerprint: FINGERPRINT,
    databaseOid: 5,
    userOid: 10,
    calls,
    errors: 0,
    durationNs: calls * 1_000_000,
    durations: buckets(calls),
    ...event,
  };
}

/** `count` durations of 1 ms. */
export function buckets(count: number): ExponentialBuckets {
  return { scale: 3, offset: Math.ceil(Math.log2(0.001) * 8) - 1, counts: [count] };
}

export function drained(event: Partial<DrainedEvent> = {}): DrainedEvent {
  return {
    type: 'drained',
    unixNano: '1700000000000000000',
    targets: [],
    losses: {},
    bpf: { runTimeNs: 0, runCount: 0 },
    ...event,
  };
}

/** All calls take as long. */
export function io(event: Partial<IoEvent> = {}): IoEvent {
  const { calls = 1 } = event;
  return {
    type: 'io',
    target: 'local',
    backendType: 'client backend',
    operation: 'read',
    event: 0,
    calls,
    durationNs: calls * 20_000,
    durations: { scale: 2, offset: -63, counts: [calls] },
    ...event,
  };
}
