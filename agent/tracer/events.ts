import type { IoEvent } from './io-event.js';

/**
 * What the tracer says, line by line (docs/tracer-protocol.md is the contract; the tracer's C code and this file follow it).
 * 64-bit values are decimal strings, fingerprints 16 hex digits.
 */

/** Counters of one statement or of one query since the last drain; a counter that is 0 is absent. */
export interface Counters {
  rows?: number;
  /** Wall time on the server, first message to ready for the next one, ns. */
  durationNs?: number;
  cpuNs?: number;
  runQueueNs?: number;
  storageReadBytes?: number;
  storageWriteBytes?: number;
  minorFaults?: number;
  majorFaults?: number;
  sharedBlocksHit?: number;
  sharedBlocksRead?: number;
  sharedBlocksDirtied?: number;
  sharedBlocksWritten?: number;
  localBlocksHit?: number;
  localBlocksRead?: number;
  localBlocksDirtied?: number;
  localBlocksWritten?: number;
  tempBlocksRead?: number;
  tempBlocksWritten?: number;
  /** Only with track_io_timing, ns. */
  blockReadNs?: number;
  blockWriteNs?: number;
  walRecords?: number;
  walFullPageImages?: number;
  walBytes?: number;
  networkReceivedBytes?: number;
  networkSentBytes?: number;
  /** Time in each phase, ns; only at level phases. */
  parseNs?: number;
  analyzeNs?: number;
  bindNs?: number;
  planNs?: number;
  executeNs?: number;
  commitNs?: number;
}

/** What a statement goes through, in the order in which they are listed and stacked; each has its counter. */
export const PHASES = ['parse', 'analyze', 'bind', 'plan', 'execute', 'commit'] as const;

export type Phase = (typeof PHASES)[number];

/** One phase of a captured statement, from its first begin to its last end. */
export interface PhaseTime {
  phase: Phase;
  startUnixNano: string;
  ns: number;
}

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

/** What was waited for. `event`: PostgreSQL's `wait_event_info`, or a number of pgscope's own (agent/waits/waited.ts). */
export interface WaitSum {
  event: number;
  count: number;
  waitNs: number;
}

/** One wait that was long enough to be told with its begin. */
export interface LongWait {
  event: number;
  startUnixNano: string;
  waitNs: number;
  /** What was seen of the lock when the wait began; absent where it was not looked into. */
  lock?: WaitedLock;
}

export interface WaitedLock {
  /** 1, AccessShareLock, to 8, AccessExclusiveLock. */
  mode: number;
  /** The four fields of PostgreSQL's LOCKTAG. */
  fields: number[];
  /** At most three; none if the lock was free again. */
  blockers: Blocker[];
}

/** A process of the server as its status entry shows it. */
export interface Session {
  /** As PostgreSQL shows it. */
  pid: number;
  /** As pg_stat_activity names it; absent for a client's backend. */
  backendType?: string;
  /** As pg_stat_activity shows it; absent if it could not be read. */
  state?: string;
  application: string;
  transactionStartUnixNano?: string;
  /** Its statement as its client sent it, or its last one. The capture takes it away and puts `described` in its place. */
  text?: string;
  described?: { summary: string; text: string | undefined };
}

export interface Blocker extends Session {
  /** It does not hold the lock, but waits in front. */
  waiting: boolean;
}

/** A process that waits for a lock at the time of a drain that has asked for it. */
export interface LockEvent extends Session {
  type: 'lock';
  target: string;
  /** `wait_event_info`, and the mode. */
  event: number;
  /** When it began to wait. */
  sinceUnixNano?: string;
  databaseOid: number;
  userOid: number;
  lock: WaitedLock;
}

/** An OpenTelemetry exponential histogram of seconds: bucket i covers (base^(offset+i), base^(offset+i+1)], base = 2^(2^-scale). */
export interface ExponentialBuckets {
  scale: number;
  offset: number;
  counts: number[];
}

/** By what sends and receives are seen: one by one, or only by TCP's own counts. */
export type SocketSource = 'tracepoints' | 'functions' | 'counters';

/** By what system calls on files are seen: each by its own function, or among all system calls, which slows each process of the host. */
export type FileSource = 'functions' | 'tracepoints' | 'none';

export interface ReadyEvent {
  type: 'ready';
  kernel: string;
  features: { uprobeMulti: boolean; sockets: SocketSource; io: FileSource };
  limits: Record<string, number>;
}

export interface HookState {
  name: string;
  role: string;
  state: 'attached' | 'missing' | 'failed' | 'silent';
  via?: string;
  offset?: string;
  instruction?: string;
  cheap?: boolean;
  message?: string;
}

export interface AttachedEvent {
  type: 'attached';
  target: string;
  pid: number;
  version: string;
  major: number;
  verified: boolean;
  backends: number;
  executable: string;
  hooks: HookState[];
  missing: string[];
}

export interface RefusedEvent {
  type: 'refused';
  target: string;
  reason: string;
  message: string;
}

export interface SettingsEvent {
  type: 'settings';
  target: string;
}

export interface DetachedEvent {
  type: 'detached';
  target: string;
  reason: 'Requested' | 'Exited';
}

export interface HookEvent {
  type: 'hook';
  target: string;
  name: string;
  role: string;
  state: 'silent' | 'attached';
  replacedBy?: string;
  message: string;
}

export interface IdentityEvent {
  type: 'identity';
  target: string;
  databaseOid: number;
  database: string;
  userOid: number;
  user: string;
}

export interface QueryEvent {
  type: 'query';
  target: string;
  fingerprint: string;
  text: string;
  truncated: boolean;
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

export interface AggregateEvent extends Counters {
  type: 'aggregate';
  target: string;
  fingerprint: string;
  databaseOid: number;
  userOid: number;
  /** Whose work it is, as pg_stat_activity names it, if it is a background process's. */
  backendType?: string;
  /** What an autovacuum worker did to which table, as pg_stat_activity shows it: `VACUUM ANALYZE public.accounts`. */
  work?: string;
  calls: number;
  errors: number;
  waits?: WaitSum[];
  durations?: ExponentialBuckets;
}

/** What the sessions of a server are at, and the memory of its processes, at the moment of a drain. */
export interface Sessions {
  /** Sessions of clients by their state, as pg_stat_activity shows it; empty where the server does not show it (13). */
  states: Record<string, number>;
  /** Resident memory that is one process's alone, the sum of all of them. */
  privateBytes: number;
  /** Resident memory that is shared (files and shared memory), of the process that has most of it. */
  sharedBytes: number;
  /** The processes with most private memory, at most 5. `grownBytes`: since the drain before. */
  largest: ProcessMemory[];
  /** Looks at connections since the last drain, and the sum of the round-trip times that they saw, ns. */
  roundTrips?: number;
  roundTripNs?: number;
}

export interface ProcessMemory {
  /** As PostgreSQL shows it. */
  pid: number;
  backendType: string;
  application?: string;
  privateBytes: number;
  grownBytes: number;
}

export interface DrainedEvent {
  type: 'drained';
  token?: string;
  unixNano: string;
  /** `lockWaitsUntold`: processes that wait for a lock and for which there was no room; absent if there are none. */
  targets: { target: string; pid: number; backends: number; sessions?: Sessions; lockWaitsUntold?: number }[];
  losses: Record<string, number>;
  bpf: { runTimeNs: number; runCount: number };
}

export type TracerEvent =
  | ReadyEvent
  | AttachedEvent
  | RefusedEvent
  | SettingsEvent
  | DetachedEvent
  | HookEvent
  | IdentityEvent
  | QueryEvent
  | StatementEvent
  | AggregateEvent
  | IoEvent
  | LockEvent
  | DrainedEvent;

/** Work of client backends outside of statements: the start of a session, messages that run nothing. */
export const OUTSIDE_STATEMENTS = '0000000000000000';
/** Statements that failed before PostgreSQL knew a text, such as a Bind of a prepared statement that is not there. */
export const NO_TEXT = '0000000000000002';
/** The sum of the queries that found the kernel's map full. */
export const OVERFLOW = 'ffffffffffffffff';

/** What the tracer is told about one target; each field's default is the tracer's. */
export interface TracerSettings {
  level: 'waits' | 'statements' | 'phases';
  /** ns; null: no statement is captured for being slow. */
  minDurationNs: number | null;
  errors: boolean;
  /** 0 to 1. */
  sampleRatio: number;
  traceContext: ('sqlcomment' | 'application_name')[];
  maxPerSecond: number;
  rawText: boolean;
  /** Waits of captured statements that are told one by one, from this length on, ns. */
  minWaitNs: number;
  /** How deep statements of functions and triggers are told with captured statements, at level phases; 0 to 8, 0: none. */
  nestedDepth: number;
}

export type TracerCommand =
  | { command: 'attach'; target: string; pid: number; settings: TracerSettings }
  | { command: 'settings'; target: string; settings: TracerSettings }
  | { command: 'detach'; target: string }
  | { command: 'drain'; token?: string; locks?: true };
