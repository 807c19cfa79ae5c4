/**
 * The name of a wait event from its number. PostgreSQL numbers them anew in every major version and appends in minor ones. The few that
 * were renamed in a minor version (17.3: `WALWriteLock` is `WALWrite`) have their newest name.
 */
import type { WaitClass } from './table.js';
import { nearestTable, OLDEST_MAJOR, ownTable } from './tables.js';

export interface WaitEvent {
  /** pg_stat_activity.wait_event_type; `class 12` where the number names none. */
  type: string;
  /** pg_stat_activity.wait_event; `event 77` where the number names none, or one that an extension has named. */
  name: string;
  /**
   * False if this major version is not known. Its type is right, its name that of the newest known version and as likely wrong as right: of
   * the numbers that 17 and 18 share, 128 of 275 name another event.
   */
  verified: boolean;
}

/**
 * `info` is PostgreSQL's uint32 `wait_event_info`: the class in its top byte, the event in the rest. Undefined for 0, which is no wait.
 * For versions older than all known ones only the type is told.
 */
export function waitEvent(major: number, info: number): WaitEvent | undefined {
  if (info === 0) return undefined;
  const own = ownTable(major);
  const number = info >>> 24;
  const event = info & 0xffffff;
  const waitClass = (own ?? nearestTable(major)).classes[number];
  const verified = own !== undefined;
  const name = major < OLDEST_MAJOR ? undefined : nameOf(waitClass, event, verified);
  return { type: waitClass?.type ?? `class ${number}`, name: name ?? `event ${event}`, verified };
}

/** Where the numbers of extensions begin is known of a verified version only. */
function nameOf(waitClass: WaitClass | undefined, event: number, verified: boolean): string | undefined {
  if (waitClass === undefined) return undefined;
  const { names, others } = waitClass;
  return names[event] ?? (verified && others !== undefined && event >= others.from ? others.name : undefined);
}
