/** The names of what pgscope found a process to wait for: PostgreSQL's wait events, and what the kernel says where there is none. */
import { isIdle } from './idle.js';
import { waitEvent } from './wait-event.js';

export interface Waited {
  /** pg_stat_activity.wait_event_type; `Kernel` where PostgreSQL names no event, `Other` for what is summed up. */
  type: string;
  event: string;
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

/** Undefined if the process was idle: what it waited for is no part of any work. */
export function waitedFor(major: number, event: number): Waited | undefined {
  const own = OWN[event];
  if (own !== undefined) return own;
  if (isIdle(major, event)) return undefined;
  const named = waitEvent(major, event);
  if (named === undefined) return OWN[0xf0000003];
  const number = event & 0xffffff;
  if (number === SUMMED_UP) return { type: named.type, event: 'further' };
  // Majors number their events anew: from a newer one's only the type is sure.
  return { type: named.type, event: named.verified ? named.name : `event ${number}` };
}
