/** What one query did since the last drain. */

import type { Counters } from './counters.js';
import type { WaitSum } from './waits.js';

/** An OpenTelemetry exponential histogram of seconds: bucket i covers (base^(offset+i), base^(offset+i+1)], base = 2^(2^-scale). */
export interface ExponentialBuckets {
  scale: number;
  offset: number;
  counts: number[];
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
