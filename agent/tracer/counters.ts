/** What is counted of a statement or a query, and the phases that a statement goes through. */

/** Counters of one statement or of one query since the last drain; a counter that is 0 is absent. */
export interface Counters {
  rows?: number;
  /** Wall time on the server, first message to ready for the next one, ns. */
  durationNs?: number;
  cpuNs?: number;
  runQueueNs?: number;
  storageReadBytes?: number;
  storageWriteBytes?: number;
  minorFaults?: number;
  majorFaults?: number;
  sharedBlocksHit?: number;
  sharedBlocksRead?: number;
  sharedBlocksDirtied?: number;
  sharedBlocksWritten?: number;
  localBlocksHit?: number;
  localBlocksRead?: number;
  localBlocksDirtied?: number;
  localBlocksWritten?: number;
  tempBlocksRead?: number;
  tempBlocksWritten?: number;
  /** Only with track_io_timing, ns. */
  blockReadNs?: number;
  blockWriteNs?: number;
  walRecords?: number;
  walFullPageImages?: number;
  walBytes?: number;
  networkReceivedBytes?: number;
  networkSentBytes?: number;
  /** Time in each phase, ns; only at level phases. */
  parseNs?: number;
  analyzeNs?: number;
  bindNs?: number;
  planNs?: number;
  executeNs?: number;
  commitNs?: number;
}

/** What a statement goes through, in the order in which they are listed and stacked; each has its counter. */
export const PHASES = ['parse', 'analyze', 'bind', 'plan', 'execute', 'commit'] as const;

export type Phase = (typeof PHASES)[number];

/** One phase of a captured statement, from its first begin to its last end. */
export interface PhaseTime {
  phase: Phase;
  startUnixNano: string;
  ns: number;
}
