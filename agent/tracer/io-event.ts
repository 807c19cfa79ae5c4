/** What the tracer says of system calls on files. */

import type { ExponentialBuckets } from './events.js';

/** A system call on files: `io_uring` submits or waits, for what is not known. */
export type FileOperation = 'read' | 'write' | 'allocate' | 'writeback' | 'sync' | 'io_uring';

/** What the processes of one type did with files since the last drain, by operation and wait event. */
export interface IoEvent {
  type: 'io';
  target: string;
  /** As pg_stat_activity names it. */
  backendType: string;
  operation: FileOperation;
  /** PostgreSQL's `wait_event_info` when the call began; 0: none, or the server does not show it. */
  event: number;
  /** Errors among them. */
  calls: number;
  errors?: number;
  /** Read, written, allocated, or handed to be written back. */
  bytes?: number;
  /** That the process asked storage for during these calls. */
  storageReadBytes?: number;
  durationNs: number;
  durations: ExponentialBuckets;
}
