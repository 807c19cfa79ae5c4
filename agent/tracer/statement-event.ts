/** One captured statement. */

import type { Counters, PhaseTime } from './counters.js';
import type { LongWait, WaitSum } from './waits.js';

/** The executions of one query inside a function or trigger of a captured statement, below one parent. */
export interface NestedStatement {
  fingerprint: string;
  /** 1: run by a function or trigger of the statement itself. */
  depth: number;
  /** Index of the one that it is below; absent: below the statement itself. Parents stand before their children. */
  parent?: number;
  calls: number;
  /** The first one's begin. */
  startUnixNano: string;
  /** From there to the last one's end. */
  spanNs: number;
  /** In all of them. */
  durationNs: number;
}

export type CaptureReason = 'failed' | 'slow' | 'traced' | 'sampled';

export interface UpstreamContext {
  source: 'sqlcomment' | 'application_name';
  /** The bytes after the key `traceparent` in the comment (separator and quotes included), or the whole application name. */
  value: string;
  /** A prepared statement, executed again: its text carries the context of an earlier execution. */
  stale: boolean;
}

export interface StatementEvent extends Counters {
  type: 'statement';
  target: string;
  fingerprint: string;
  reason: CaptureReason;
  pid: number;
  databaseOid: number;
  userOid: number;
  application?: string;
  clientAddress?: string;
  clientPort?: number;
  /** Smoothed round-trip time of the client's connection, as TCP has measured it, ns; absent for unix sockets. */
  clientRoundTripNs?: number;
  queryId: string;
  startUnixNano: string;
  durationNs: number;
  tag: string;
  sqlstate?: string;
  signal?: string;
  traceContext?: UpstreamContext;
  text?: string;
  textTruncated?: boolean;
  waits?: WaitSum[];
  longWaits?: LongWait[];
  /** In the order of time, each at most once. */
  phases?: PhaseTime[];
  nested?: NestedStatement[];
  /** Executions of nested statements that found no place in the tracer's table. */
  nestedUntold?: number;
}
