/** The names of what pgscope found a process to wait for: PostgreSQL's wait events, and what the kernel says where there is none. */
import { isIdle } from './idle.js';
import { waitEvent } from './wait-event.js';

export interface Waited {
  /** pg_stat_activity.wait_event_type; `Kernel` where PostgreSQL names no event, `Other` for what is summed up. */
  type: string;
  event: string;
  /** In which a lock was asked for: `ShareLock`; only where that is known. */
  lockMode?: string;
}

const LOCK_MODES = [
  undefined,
  'AccessShareLock',
  'RowShareLock',
  'RowExclusiveLock',
  'ShareUpdateExclusiveLock',
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
];

/** The name of a lock's mode, from PostgreSQL's number. */
export function lockModeName(mode: number): string | undefined {
  return LOCK_MODES[mode];
}

/** The numbers of bpf/tracer.h, of a class that PostgreSQL does not use. */
const OWN: Readonly<Record<number, Waited>> = {
  4026531841: { type: 'Kernel', event: 'PageFault' },
  4026531842: { type: 'Kernel', event: 'Storage' },
  4026531843: { type: 'Kernel', event: 'Sleep' },
  4026531844: { type: 'Other', event: 'further' },
};
/** The event of waits that found the kernel's map full, of which only the type is left. */
const SUMMED_UP = 0xffffff;
const LOCK = 3;
const MODE_BITS = 0xff0000;

/** Undefined if the process was idle: what it waited for is no part of any work. */
export function waitedFor(major: number, event: number): Waited | undefined {
  const own = OWN[event];
  if (own !== undefined) return own;
  const isLock = event >>> 24 === LOCK;
  const summedUp = (event & 0xffffff) === SUMMED_UP;
  // Of locks the mode stands in bits that PostgreSQL leaves free.
  const info = isLock && !summedUp ? event & ~MODE_BITS : event;
  if (isIdle(major, info)) return undefined;
  const named = waitEvent(major, info);
  if (named === undefined) return OWN[0xf0000003];
  if (summedUp) return { type: named.type, event: 'further' };
  const number = info & 0xffffff;
  const lockMode = isLock ? lockModeName((event & MODE_BITS) >>> 16) : undefined;
  // Majors number their events anew: from a newer one's only the type is sure.
  const name = named.verified ? named.name : `event ${number}`;
  return { type: named.type, event: name, ...(lockMode === undefined ? {} : { lockMode }) };
}
