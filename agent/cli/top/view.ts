/** What `top` shows: plain values for one moment, from which the frame is drawn. */
import type { LockWaits } from '../../capture.js';
import type { Sessions, TracerSettings } from '../../tracer.js';
import type { Histogram } from '../histogram.js';
import type { PhaseTimes } from '../phases.js';
import type { Wait } from '../waits.js';
import type { Past } from './history.js';

/** What one query did in one interval or in several. */
export interface QueryTotals {
  /** Tells queries apart: target, database, user, fingerprint. */
  key: string;
  summary: string;
  /** Undefined where none may be shown or none is known. */
  text: string | undefined;
  database: string;
  user: string;
  calls: number;
  errors: number;
  rows: number;
  /** 0 at level waits. */
  durationNs: number;
  cpuNs: number;
  runQueueNs: number;
  /** Longest first. */
  waits: readonly Wait[];
  phases: PhaseTimes;
  /** Blocks read and written, and WAL, as PostgreSQL counts them. */
  ioBytes: number;
  /** Failed statements by SQLSTATE, as far as they are told. */
  failures: Readonly<Record<string, number>>;
  durations: Histogram;
}

/** What the background processes of one type did, on all servers; autovacuum workers by table. */
export interface BackgroundTotals {
  /** `checkpointer`. */
  backendType: string;
  /** What an autovacuum worker did to which table: `VACUUM public.accounts`. */
  work: string | undefined;
  cpuNs: number;
  runQueueNs: number;
  waits: readonly Wait[];
  /** As the kernel counts them. */
  readBytes: number;
  writtenBytes: number;
  walBytes: number;
}

/** What all processes did with files of one kind by one operation, on all servers. */
export interface FileTotals {
  /** `relation`, `wal`, `temporary`… */
  kind: string;
  operation: string;
  calls: number;
  bytes: number;
  /** Of `bytes` what the kernel had to read from storage, and what it read ahead. */
  storageReadBytes: number;
  durationNs: number;
  durations: Histogram;
}

/** What all targets did between two drains. */
export interface Interval {
  seconds: number;
  queries: QueryTotals[];
  background: BackgroundTotals[];
  files: FileTotals[];
}

export interface ServerFacts {
  /** `18.4`. */
  version: string;
  pid: number;
  backends: number;
  /** Undefined before the first interval. */
  sessions?: Sessions | undefined;
}

/** One query over a longer time, for those who look at it alone. */
export interface Detail {
  seconds: number;
  query: QueryTotals;
}

export interface View extends Interval {
  level: TracerSettings['level'];
  /** Wall clock of the last drain. */
  at: Date;
  servers: ServerFacts[];
  /** Load of the queries over the last minutes, the newest last. */
  history: readonly Past[];
  /** Who waits for a lock at that time. */
  locks: LockWaits;
  /** Of the query that is selected. */
  detail: Detail | undefined;
  /** What could not be counted or shown since the start: name and count. */
  losses: [name: string, count: number][];
  /** Sentences on servers that could not be attached or are gone. */
  notices: string[];
}
