/** The statements of those who hold a lock or wait for one: described like every other text, before anybody sees them. */

import type { DescribedQuery } from '../queries.js';
import type { LockEvent, Session, StatementEvent, WaitedLock } from '../tracer/events.js';

/** What PostgreSQL keeps of a session's text, unless track_activity_query_size says otherwise; longer ones may be cut off. */
const KEPT_BYTES = 1023;

type Describe = (sent: { text: string; truncated: boolean }) => DescribedQuery;

/** The same record, in which no blocker has a text as its client sent it. */
export function withBlockersDescribed(event: StatementEvent, describe: Describe): StatementEvent {
  if (event.longWaits?.some(({ lock }) => lock !== undefined) !== true) return event;
  const longWaits = event.longWaits.map((wait) =>
    wait.lock === undefined ? wait : { ...wait, lock: describedLock(wait.lock, describe) },
  );
  return { ...event, longWaits };
}

/** The same wait, in which neither who waits nor who blocks has a text as its client sent it. */
export function withSessionsDescribed({ lock, ...event }: LockEvent, describe: Describe): LockEvent {
  return { ...describedSession(event, describe), lock: describedLock(lock, describe) };
}

function describedLock(lock: WaitedLock, describe: Describe): WaitedLock {
  return { ...lock, blockers: lock.blockers.map((blocker) => describedSession(blocker, describe)) };
}

function describedSession<S extends Session>({ text, ...rest }: S, describe: Describe): Omit<S, 'text'> {
  if (text === undefined || text === '') return rest;
  return { ...rest, described: describe({ text, truncated: Buffer.byteLength(text) >= KEPT_BYTES }) };
}
