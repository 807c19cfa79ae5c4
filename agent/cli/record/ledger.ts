/** What each query did since the start of a recording, for the table at its end. Bounded: later queries share one entry. */

import type { CaptureInterval, QueryActivity } from '../../capture.js';
import { add, fromBuckets, type Histogram } from '../histogram.js';
import { timeNs } from '../measured-time.js';
import { addPhases, NO_PHASES, type PhaseTimes, phasesIn } from '../phases.js';
import { addWaits, type Wait, waitsOf } from '../waits.js';

export interface QueryTotals {
  summary: string;
  text: string | undefined;
  database: string;
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
  durations: Histogram;
}

export interface Ledger {
  add(interval: CaptureInterval): void;
  /** The most database time first. */
  readonly queries: QueryTotals[];
}

const MAX_ENTRIES = 10_000;

export function createLedger(maxEntries = MAX_ENTRIES): Ledger {
  const entries = new Map<string, QueryTotals>();

  function entryOf(activity: QueryActivity): QueryTotals {
    const full = entries.size >= maxEntries && !entries.has(activity.key);
    const key = full ? 'others' : activity.key;
    let entry = entries.get(key);
    if (entry === undefined) {
      entry = newEntry(full ? { summary: '(other queries)', text: undefined, database: '' } : activity);
      entries.set(key, entry);
    }
    return entry;
  }

  return {
    add({ queries }) {
      for (const activity of queries) {
        const entry = entryOf(activity);
        entry.calls += activity.calls;
        entry.errors += activity.errors;
        entry.rows += activity.rows ?? 0;
        entry.durationNs += activity.durationNs ?? 0;
        entry.cpuNs += activity.cpuNs ?? 0;
        entry.runQueueNs += activity.runQueueNs ?? 0;
        entry.waits = addWaits(entry.waits, waitsOf(activity.waits));
        entry.phases = addPhases(entry.phases, phasesIn(activity));
        entry.durations = add(entry.durations, fromBuckets(activity.durations));
      }
    },
    get queries() {
      return [...entries.values()].sort((a, b) => timeNs(b) - timeNs(a));
    },
  };
}

function newEntry({ summary, text, database }: Pick<QueryTotals, 'summary' | 'text' | 'database'>): QueryTotals {
  return {
    summary,
    text,
    database,
    calls: 0,
    errors: 0,
    rows: 0,
    durationNs: 0,
    cpuNs: 0,
    runQueueNs: 0,
    waits: [],
    phases: NO_PHASES,
    durations: fromBuckets(undefined),
  };
}
