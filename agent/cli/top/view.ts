/** What `top` shows: plain values for one moment, from which the frame is drawn. */
import type { Histogram } from '../histogram.js';

/** What one query did in one interval or in several. */
export interface QueryTotals {
  /** Tells queries apart: target, database, user, fingerprint. */
  key: string;
  summary: string;
  database: string;
  calls: number;
  errors: number;
  rows: number;
  durationNs: number;
  cpuNs: number;
  /** Blocks read and written, and WAL, as PostgreSQL counts them. */
  ioBytes: number;
  durations: Histogram;
}

/** What all targets did between two drains. */
export interface Interval {
  seconds: number;
  queries: QueryTotals[];
}

export interface ServerFacts {
  /** `18.4`. */
  version: string;
  pid: number;
  backends: number;
}

export interface View {
  /** Wall clock of the last drain. */
  at: Date;
  servers: ServerFacts[];
  /** Length of what the rates are made from, seconds. */
  seconds: number;
  queries: QueryTotals[];
  /** What could not be counted or shown since the start: name and count. */
  losses: [name: string, count: number][];
  /** Sentences on servers that could not be attached or are gone. */
  notices: string[];
}
