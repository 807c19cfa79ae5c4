/** What each query did between two drains, with its names beside its numbers. */

import type { DescribedQuery } from '../queries.js';
import { type AggregateEvent, NO_TEXT, OUTSIDE_STATEMENTS, OVERFLOW } from '../tracer.js';
import type { CapturedServer } from './servers.js';
import type { CaptureSink } from './sink.js';

/** The numbers of a query of one database and user in one interval, as the tracer counted them, and its names. */
export interface QueryActivity extends Omit<AggregateEvent, 'type'> {
  /** Tells queries apart: target, database, user, fingerprint. */
  key: string;
  database: string;
  user: string;
  summary: string;
  /** Undefined where none may be shown or none is known. */
  text: string | undefined;
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
  /** What was lost since the start of the capture: name → count. Only those that are not 0. */
  losses: Record<string, number>;
}

export interface Activity extends CaptureSink {
  /** What came since the last call. */
  take(): QueryActivity[];
}

/** Queries and identities that are remembered of one target. */
const MAX_QUERIES = 10_000;
const MAX_IDENTITIES = 1000;

const reserved: Record<string, DescribedQuery> = {
  [OUTSIDE_STATEMENTS]: { summary: '(outside of statements)', text: undefined },
  [NO_TEXT]: { summary: '(no text)', text: undefined },
  [OVERFLOW]: { summary: '(other queries)', text: undefined },
};
const unknown: DescribedQuery = { summary: '(unknown)', text: undefined };

interface Names {
  queries: Map<string, DescribedQuery>;
  databases: Map<number, string>;
  users: Map<number, string>;
}

/** `onForgotten`: there is no room left to remember a query; it is then shown without its text. */
export function createActivity(onForgotten: () => void): Activity {
  const targets = new Map<string, Names>();
  let queries: QueryActivity[] = [];

  function namesOf(target: string): Names {
    let names = targets.get(target);
    if (names === undefined) {
      names = { queries: new Map(), databases: new Map(), users: new Map() };
      targets.set(target, names);
    }
    return names;
  }

  return {
    addTarget: () => {},
    statement: () => {},
    drained: () => {},
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
    aggregate({ type: _, ...event }) {
      const { target, databaseOid, userOid, fingerprint, backendType } = event;
      if (backendType !== undefined) return; // no query
      const names = namesOf(target);
      const { summary, text } = reserved[fingerprint] ?? names.queries.get(fingerprint) ?? unknown;
      queries.push({
        ...event,
        key: `${target} ${databaseOid} ${userOid} ${fingerprint}`,
        database: names.databases.get(databaseOid) ?? `(database ${databaseOid})`,
        user: names.users.get(userOid) ?? `(user ${userOid})`,
        summary,
        text,
      });
    },
    take() {
      const taken = queries;
      queries = [];
      return taken;
    },
    removeTarget: (target) => {
      targets.delete(target);
    },
  };
}
