/** What each query, and each type of background process, did between two drains, with its names beside its numbers. */

import type { DescribedQuery } from '../queries.js';
import { type AggregateEvent, type IoEvent, type LockEvent, NO_TEXT, OUTSIDE_STATEMENTS, OVERFLOW } from '../tracer.js';
import { type FileKind, fileKindOf, NEWEST_MAJOR, type Waited, waitedFor } from '../waits.js';
import { type LockWaits, lockWaitOf } from './lock-waits.js';
import type { CapturedServer } from './servers.js';
import type { CaptureSink } from './sink.js';

/** One wait event's sums; idle ones are left out. */
export interface NamedWait extends Waited {
  count: number;
  waitNs: number;
}

/** The numbers of a query of one database and user in one interval, as the tracer counted them, and its names. */
export interface QueryActivity extends Omit<AggregateEvent, 'type' | 'waits' | 'backendType'> {
  /** Tells queries apart: target, database, user, fingerprint. */
  key: string;
  database: string;
  user: string;
  summary: string;
  /** Undefined where none may be shown or none is known. */
  text: string | undefined;
  waits: NamedWait[];
  /** Its failed statements by SQLSTATE, as far as they became records. */
  failures: Record<string, number>;
}

/** The numbers of all background processes of one type of a target. */
export interface BackgroundActivity extends Omit<AggregateEvent, 'type' | 'waits' | 'backendType'> {
  /** As in pg_stat_activity: `checkpointer`. */
  backendType: string;
  waits: NamedWait[];
}

/** What the processes of one type did with files of one kind; an interval may have several of the same. */
export interface IoActivity extends Omit<IoEvent, 'type' | 'event'> {
  kind: FileKind;
}

export interface CaptureInterval {
  /** Wall clock of the drain. */
  at: Date;
  /** Since the drain before, or since the capture's start. */
  seconds: number;
  /** The servers that are attached now. */
  servers: CapturedServer[];
  /** Those that did something. */
  queries: QueryActivity[];
  /** The types of background processes that did something. */
  background: BackgroundActivity[];
  io: IoActivity[];
  /** Who waits for a lock at the end of the interval; nobody where `CaptureSettings.lockWaits` is not set. */
  locks: LockWaits;
  /** What was lost since the start of the capture: name → count. Only those that are not 0. */
  losses: Record<string, number>;
}

export interface Activity extends CaptureSink {
  /** What came since the last call. */
  take(): Pick<CaptureInterval, 'queries' | 'background' | 'io' | 'locks'>;
}

/** Queries and identities that are remembered of one target. */
const MAX_QUERIES = 10_000;
const MAX_IDENTITIES = 1000;

const NO_LOCKS: LockWaits = { waits: [], untold: 0 };

const reserved: Record<string, DescribedQuery> = {
  [OUTSIDE_STATEMENTS]: { summary: '(outside of statements)', text: undefined },
  [NO_TEXT]: { summary: '(no text)', text: undefined },
  [OVERFLOW]: { summary: '(other queries)', text: undefined },
};
const unknown: DescribedQuery = { summary: '(unknown)', text: undefined };

interface Names {
  /** PostgreSQL's, which numbers wait events. */
  major: number;
  queries: Map<string, DescribedQuery>;
  databases: Map<number, string>;
  users: Map<number, string>;
}

/** `onForgotten`: there is no room left to remember a query; it is then shown without its text. */
export function createActivity(onForgotten: () => void): Activity {
  const targets = new Map<string, Names>();
  let queries: QueryActivity[] = [];
  let background: BackgroundActivity[] = [];
  let io: IoActivity[] = [];
  /** By process: a drain that failed in the middle has told some already. */
  let waiting = new Map<string, LockEvent>();
  let locks: LockWaits = NO_LOCKS;
  /** Of the interval, by query and SQLSTATE: records come before the sums that count the same statements. */
  const failures = new Map<string, Record<string, number>>();

  function namesOf(target: string): Names {
    let names = targets.get(target);
    if (names === undefined) {
      names = { major: NEWEST_MAJOR, queries: new Map(), databases: new Map(), users: new Map() };
      targets.set(target, names);
    }
    return names;
  }

  function databaseAndUser(target: string, { databaseOid, userOid }: { databaseOid: number; userOid: number }) {
    const names = namesOf(target);
    return {
      database: names.databases.get(databaseOid) ?? `(database ${databaseOid})`,
      user: names.users.get(userOid) ?? `(user ${userOid})`,
    };
  }

  return {
    addTarget({ target, major }) {
      namesOf(target).major = major;
    },
    statement(event) {
      const code = event.sqlstate ?? event.signal;
      if (code === undefined) return;
      const key = keyOf(event);
      const counts = failures.get(key) ?? {};
      if (failures.size >= MAX_QUERIES && !failures.has(key)) return;
      counts[code] = (counts[code] ?? 0) + 1;
      failures.set(key, counts);
    },
    lock(event) {
      waiting.set(`${event.target} ${event.pid}`, event);
    },
    drained({ unixNano, targets: told }) {
      const waits = [...waiting.values()].map((event) => {
        const place = { major: namesOf(event.target).major, ...databaseAndUser(event.target, event) };
        return lockWaitOf(event, { ...place, nowUnixNano: unixNano });
      });
      locks = { waits, untold: told.reduce((sum, { lockWaitsUntold = 0 }) => sum + lockWaitsUntold, 0) };
      waiting = new Map();
    },
    identity({ target, databaseOid, database, userOid, user }) {
      const { databases, users } = namesOf(target);
      if (databases.size < MAX_IDENTITIES) databases.set(databaseOid, database);
      if (users.size < MAX_IDENTITIES) users.set(userOid, user);
    },
    query({ target, fingerprint, described }) {
      const known = namesOf(target).queries;
      if (known.size >= MAX_QUERIES && !known.has(fingerprint)) onForgotten();
      else known.set(fingerprint, described);
    },
    aggregate({ type: _, waits: told = [], backendType, ...event }) {
      const { target, fingerprint } = event;
      const names = namesOf(target);
      const waits = told.flatMap(({ event: number, count, waitNs }) => {
        const waited = waitedFor(names.major, number);
        return waited === undefined ? [] : [{ ...waited, count, waitNs }];
      });
      if (backendType !== undefined) {
        background.push({ ...event, backendType, waits });
        return;
      }
      const { summary, text } = reserved[fingerprint] ?? names.queries.get(fingerprint) ?? unknown;
      queries.push({
        ...event,
        key: keyOf(event),
        failures: failures.get(keyOf(event)) ?? {},
        ...databaseAndUser(target, event),
        summary,
        text,
        waits,
      });
    },
    io({ type: _, event, ...rest }) {
      io.push({ ...rest, kind: fileKindOf(namesOf(rest.target).major, event) });
    },
    take() {
      const taken = { queries, background, io, locks };
      queries = [];
      background = [];
      io = [];
      locks = NO_LOCKS;
      failures.clear();
      return taken;
    },
    removeTarget: (target) => {
      targets.delete(target);
    },
  };
}

function keyOf({
  target,
  databaseOid,
  userOid,
  fingerprint,
}: Pick<AggregateEvent, 'target' | 'databaseOid' | 'userOid' | 'fingerprint'>): string {
  return `${target} ${databaseOid} ${userOid} ${fingerprint}`;
}
