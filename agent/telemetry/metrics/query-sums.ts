/**
 * Cumulative sums per query (database, user, fingerprint), bounded: first come first kept, all others in one row. Pure memory: no
 * clock but the times it is given, no export.
 */

import type { AggregateEvent, Counters } from '../../tracer/events.js';
import { OVERFLOW } from '../../tracer/events.js';
import { type ExponentialHistogram, emptyHistogram, mergeInto } from './exponential-histogram.js';

/** Each field of `Counters` is a sum since `startUnixNano`; an absent one is 0. */
export interface QuerySums {
  /** Undefined on the row of all queries beyond the limit. */
  fingerprint: string | undefined;
  database: string;
  user: string;
  calls: number;
  errors: number;
  counters: Counters;
  /** By the number of what was waited for. */
  waits: Map<number, { count: number; ns: number }>;
  /** On the rows of background processes. */
  backendType: string | undefined;
  /** What an autovacuum worker did to which table. */
  work: string | undefined;
  /** Durations of completed and failed statements, s. */
  durations: ExponentialHistogram;
  /** When the interval began whose sums were added first, and when something was added last. */
  startUnixNano: bigint;
  changedUnixNano: bigint;
}

/** The interval that an aggregate covers. */
export interface Interval {
  fromUnixNano: bigint;
  toUnixNano: bigint;
}

export interface QuerySumsTable {
  /** `database` and `user` are names. Returns the row that was changed. */
  add(aggregate: AggregateEvent, database: string, user: string, interval: Interval): QuerySums;
  rows(): IterableIterator<QuerySums>;
  /** Rows beside the overflow row; rows above a lower limit stay until they are removed. */
  setMaxQueries(maxQueries: number): void;
  /** Forgets a row; its place is free for another query. */
  remove(row: QuerySums): void;
  /** Rows beside the overflow row. */
  readonly size: number;
  /** Statements that were added to the overflow row because the table was full, or by the tracer. */
  readonly overflowed: number;
}

/** `mostQueries`: rows beside the overflow row. */
export function createQuerySums(mostQueries: number): QuerySumsTable {
  let maxQueries = mostQueries;
  const rows = new Map<string, QuerySums>();
  const counts = { queries: 0, works: 0, types: 0 };
  let overflowed = 0;
  const find = (aggregate: AggregateEvent, database: string, user: string, interval: Interval): QuerySums => {
    const key = keyOf({ ...aggregate, database, user });
    const known = rows.get(key);
    if (known !== undefined) return known;
    const kind = kindOf(aggregate);
    if (kind === 'works' && counts.works >= MAX_WORKS) return find(withoutWork(aggregate), database, user, interval);
    if (aggregate.fingerprint !== OVERFLOW && (kind !== 'queries' || counts.queries < maxQueries)) {
      counts[kind] += 1;
      return insert(key, newRow(aggregate, database, user, interval));
    }
    return rows.get(OVERFLOW) ?? insert(OVERFLOW, { ...newRow(aggregate, '', '', interval), ...OVERFLOW_ROW });
  };
  const insert = (key: string, row: QuerySums): QuerySums => {
    rows.set(key, row);
    return row;
  };
  return {
    add: (aggregate, database, user, interval) => {
      const row = find(aggregate, database, user, interval);
      addTo(row, aggregate);
      row.changedUnixNano = interval.toUnixNano;
      if (row.fingerprint === undefined) overflowed += aggregate.calls + aggregate.errors;
      return row;
    },
    rows: () => rows.values(),
    setMaxQueries: (most) => {
      maxQueries = most;
    },
    remove: (row) => {
      if (rows.delete(keyOf(row)) && row.fingerprint !== undefined) counts[kindOf(row)] -= 1;
    },
    get size() {
      return rows.size - (rows.has(OVERFLOW) ? 1 : 0);
    },
    get overflowed() {
      return overflowed;
    },
  };
}

type Subject = Pick<QuerySums, 'fingerprint' | 'database' | 'user'> & {
  backendType?: string | undefined;
  work?: string | undefined;
};

/** Tables of one server that autovacuum works on and that have rows of their own; of others the process alone is told. */
const MAX_WORKS = 100;

/** What limits a row: there are 32 types of background processes at most. */
function kindOf({ backendType, work }: Pick<Subject, 'backendType' | 'work'>): 'queries' | 'works' | 'types' {
  return backendType === undefined ? 'queries' : work === undefined ? 'types' : 'works';
}

/** Names cannot hold a zero byte, so keys cannot collide. Tables of one name can be in several databases. */
function keyOf({ fingerprint = OVERFLOW, database, user, backendType, work = '' }: Subject): string {
  if (fingerprint === OVERFLOW) return OVERFLOW;
  if (backendType === undefined) return `${fingerprint}\0${database}\0${user}`;
  return work === '' ? backendType : `${backendType}\0${database}\0${work}`;
}

function withoutWork({ work: _, ...aggregate }: AggregateEvent): AggregateEvent {
  return aggregate;
}

const OVERFLOW_ROW = { fingerprint: undefined, backendType: undefined, work: undefined };

function newRow(
  { fingerprint, backendType, work }: AggregateEvent,
  database: string,
  user: string,
  interval: Interval,
): QuerySums {
  return {
    fingerprint,
    backendType,
    work,
    database,
    user,
    calls: 0,
    errors: 0,
    counters: {},
    waits: new Map(),
    durations: emptyHistogram(),
    startUnixNano: interval.fromUnixNano,
    changedUnixNano: interval.toUnixNano,
  };
}

export const COUNTER_NAMES = [
  'rows',
  'durationNs',
  'cpuNs',
  'runQueueNs',
  'storageReadBytes',
  'storageWriteBytes',
  'minorFaults',
  'majorFaults',
  'sharedBlocksHit',
  'sharedBlocksRead',
  'sharedBlocksDirtied',
  'sharedBlocksWritten',
  'localBlocksHit',
  'localBlocksRead',
  'localBlocksDirtied',
  'localBlocksWritten',
  'tempBlocksRead',
  'tempBlocksWritten',
  'blockReadNs',
  'blockWriteNs',
  'walRecords',
  'walFullPageImages',
  'walBytes',
  'networkReceivedBytes',
  'networkSentBytes',
  'parseNs',
  'analyzeNs',
  'bindNs',
  'planNs',
  'executeNs',
  'commitNs',
] as const satisfies readonly (keyof Counters)[];

function addTo(row: QuerySums, aggregate: AggregateEvent): void {
  row.calls += aggregate.calls;
  row.errors += aggregate.errors;
  for (const name of COUNTER_NAMES) {
    const value = aggregate[name];
    // Only what grows is added: within one start time nothing decreases, whatever a line says.
    if (value !== undefined && value > 0) row.counters[name] = (row.counters[name] ?? 0) + value;
  }
  for (const { event, count, waitNs } of aggregate.waits ?? []) addWait(row.waits, event, count, waitNs);
  if (aggregate.durations !== undefined) mergeInto(row.durations, aggregate.durations);
}

/** Different wait events of one query that have series of their own, first come first kept. */
const MAX_WAITS = 40;
const FURTHER = 0xf0000004;

function addWait(waits: QuerySums['waits'], event: number, count: number, ns: number): void {
  const kept = waits.has(event) || waits.size < MAX_WAITS ? event : FURTHER;
  const sum = waits.get(kept);
  if (sum === undefined) waits.set(kept, { count, ns });
  else {
    sum.count += count;
    sum.ns += ns;
  }
}
