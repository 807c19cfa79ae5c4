/** Where a capture's events go, in the order in which the tracer tells them; agent/telemetry.ts is one. */

import type { DescribedQuery } from '../queries.js';
import type { AggregateEvent, DrainedEvent, IdentityEvent, IoEvent, LockEvent, StatementEvent } from '../tracer.js';
import type { CapturedServer } from './servers.js';

/** A query of a target, when it is first seen. */
export interface SeenQuery {
  target: string;
  fingerprint: string;
  described: DescribedQuery;
  /** As the client sent it, with literals: only for who may show that. `truncated`: its beginning alone. */
  sent: { text: string; truncated: boolean };
}

export interface CaptureSink {
  /** A server is attached; again when it has restarted. */
  addTarget(server: CapturedServer): void;
  /** A server has ended and did not come back until the next drain. */
  removeTarget(target: string): void;
  identity(event: IdentityEvent): void;
  /** Comes before the first statement or aggregate of this query. */
  query(query: SeenQuery): void;
  statement(event: StatementEvent): void;
  aggregate(event: AggregateEvent): void;
  /** What processes did with files. */
  io(event: IoEvent): void;
  /** A process that waits for a lock now; only where drains ask for it. */
  lock?(event: LockEvent): void;
  /** Ends a drain. `losses` are counts since the start of the capture, also over restarts of the tracer. */
  drained(event: DrainedEvent): void;
}
