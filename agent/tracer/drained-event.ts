/** What a drain ends with. */

/** What the sessions of a server are at, and the memory of its processes, at the moment of a drain. */
export interface Sessions {
  /** Sessions of clients by their state, as pg_stat_activity shows it; empty where the server does not show it (13). */
  states: Record<string, number>;
  /** Resident memory that is one process's alone, the sum of all of them. */
  privateBytes: number;
  /** Resident memory that is shared (files and shared memory), of the process that has most of it. */
  sharedBytes: number;
  /** The processes with most private memory, at most 5. `grownBytes`: since the drain before. */
  largest: ProcessMemory[];
  /** Looks at connections since the last drain, and the sum of the round-trip times that they saw, ns. */
  roundTrips?: number;
  roundTripNs?: number;
}

export interface ProcessMemory {
  /** As PostgreSQL shows it. */
  pid: number;
  backendType: string;
  application?: string;
  privateBytes: number;
  grownBytes: number;
}

export interface DrainedEvent {
  type: 'drained';
  token?: string;
  unixNano: string;
  /** `lockWaitsUntold`: processes that wait for a lock and for which there was no room; absent if there are none. */
  targets: { target: string; pid: number; backends: number; sessions?: Sessions; lockWaitsUntold?: number }[];
  losses: Record<string, number>;
  bpf: { runTimeNs: number; runCount: number };
}
