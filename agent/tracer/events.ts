/**
 * What the tracer says, line by line (docs/tracer-protocol.md is the contract; the tracer's C code and this file follow it).
 * 64-bit values are decimal strings, fingerprints 16 hex digits.
 */

import type { AggregateEvent } from './aggregate-event.js';
import type { DrainedEvent } from './drained-event.js';
import type { IoEvent } from './io-event.js';
import type { StatementEvent } from './statement-event.js';
import type {
  AttachedEvent,
  DetachedEvent,
  HookEvent,
  IdentityEvent,
  QueryEvent,
  ReadyEvent,
  RefusedEvent,
  SettingsEvent,
} from './target-events.js';
import type { LockEvent } from './waits.js';

export type { AggregateEvent, ExponentialBuckets } from './aggregate-event.js';
export type { TracerCommand, TracerSettings } from './commands.js';
export { type Counters, PHASES, type Phase, type PhaseTime } from './counters.js';
export type { DrainedEvent, ProcessMemory, Sessions } from './drained-event.js';
export type { CaptureReason, NestedStatement, StatementEvent, UpstreamContext } from './statement-event.js';
export type {
  AttachedEvent,
  DetachedEvent,
  FileSource,
  HookEvent,
  HookState,
  IdentityEvent,
  QueryEvent,
  ReadyEvent,
  RefusedEvent,
  SettingsEvent,
  SocketSource,
} from './target-events.js';
export type { Blocker, LockEvent, LongWait, Session, WaitedLock, WaitSum } from './waits.js';

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
