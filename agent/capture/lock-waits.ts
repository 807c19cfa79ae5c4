/** Who waits for which lock at the time of a drain, and behind whom, in words. */

import type { LockEvent, Session } from '../tracer/events.js';
import { lockModeName, lockObject, waitedFor } from '../waits.js';

export interface LockSession {
  /** As PostgreSQL shows it. */
  pid: number;
  /** As in pg_stat_activity; undefined for a client's backend. */
  backendType: string | undefined;
  /** As in pg_stat_activity: `idle in transaction`; undefined if it could not be read. */
  state: string | undefined;
  application: string;
  /** How long its transaction has been open; undefined if it has none. */
  transactionSeconds: number | undefined;
  /** Its statement, or its last one: `UPDATE accounts`; undefined if none is known. */
  summary: string | undefined;
  /** Undefined where none may be shown or none is known. */
  text: string | undefined;
}

export interface LockBlocker extends LockSession {
  /** It does not hold the lock, but waits in front. */
  isQueued: boolean;
}

export interface LockWait extends LockSession {
  target: string;
  database: string;
  user: string;
  /** `ShareLock`. */
  mode: string;
  /** `transaction 771`. */
  object: string;
  /** How long it has waited; undefined if PostgreSQL did not tell. */
  seconds: number | undefined;
  /** At most three; none if nobody was seen. */
  blockers: LockBlocker[];
}

export interface LockWaits {
  waits: LockWait[];
  /** How many more processes wait. */
  untold: number;
}

export interface Place {
  major: number;
  database: string;
  user: string;
  /** Of the drain; nanoseconds as text. */
  nowUnixNano: string;
}

/** `event`: its texts have been described. */
export function lockWaitOf(event: LockEvent, { major, database, user, nowUnixNano }: Place): LockWait {
  const { lock } = event;
  const since = (unixNano: string | undefined) => secondsBetween(unixNano, nowUnixNano);
  const sessionOf = ({ pid, backendType, state, application, transactionStartUnixNano, described }: Session) => ({
    pid,
    backendType,
    state,
    application,
    transactionSeconds: since(transactionStartUnixNano),
    summary: described?.summary,
    text: described?.text,
  });
  return {
    ...sessionOf(event),
    target: event.target,
    database,
    user,
    mode: lockModeName(lock.mode) ?? `mode ${lock.mode}`,
    object: lockObject(lock.fields, waitedFor(major, event.event)?.event ?? '').name,
    seconds: since(event.sinceUnixNano),
    blockers: lock.blockers.map((blocker) => ({ ...sessionOf(blocker), isQueued: blocker.waiting })),
  };
}

/** Never negative: the clock may have been set. */
function secondsBetween(from: string | undefined, to: string): number | undefined {
  return from === undefined ? undefined : Math.max(0, Number(BigInt(to) - BigInt(from)) / 1e9);
}
