/** What was waited for, and who waited for locks behind whom. */

/** What was waited for. `event`: PostgreSQL's `wait_event_info`, or a number of pgscope's own (agent/waits/waited.ts). */
export interface WaitSum {
  event: number;
  count: number;
  waitNs: number;
}

/** One wait that was long enough to be told with its begin. */
export interface LongWait {
  event: number;
  startUnixNano: string;
  waitNs: number;
  /** What was seen of the lock when the wait began; absent where it was not looked into. */
  lock?: WaitedLock;
}

export interface WaitedLock {
  /** 1, AccessShareLock, to 8, AccessExclusiveLock. */
  mode: number;
  /** The four fields of PostgreSQL's LOCKTAG. */
  fields: number[];
  /** At most three; none if the lock was free again. */
  blockers: Blocker[];
}

/** A process of the server as its status entry shows it. */
export interface Session {
  /** As PostgreSQL shows it. */
  pid: number;
  /** As pg_stat_activity names it; absent for a client's backend. */
  backendType?: string;
  /** As pg_stat_activity shows it; absent if it could not be read. */
  state?: string;
  application: string;
  transactionStartUnixNano?: string;
  /** Its statement as its client sent it, or its last one. The capture takes it away and puts `described` in its place. */
  text?: string;
  described?: { summary: string; text: string | undefined };
}

export interface Blocker extends Session {
  /** It does not hold the lock, but waits in front. */
  waiting: boolean;
}

/** A process that waits for a lock at the time of a drain that has asked for it. */
export interface LockEvent extends Session {
  type: 'lock';
  target: string;
  /** `wait_event_info`, and the mode. */
  event: number;
  /** When it began to wait. */
  sinceUnixNano?: string;
  databaseOid: number;
  userOid: number;
  lock: WaitedLock;
}
