/** What kind of file a system call is for, from the wait event that PostgreSQL shows meanwhile. */
import { waitEvent } from './wait-event.js';

/**
 * `relation`: tables, indexes and their forks, temporary tables among them; `wal`; `temporary`: what spills from sorts and hashes;
 * `other`: all other files, such as those of transaction states; `unknown`: PostgreSQL named no event, or (13) shows none.
 */
export const FILE_KINDS = ['relation', 'wal', 'temporary', 'other', 'unknown'] as const;

export type FileKind = (typeof FILE_KINDS)[number];

/**
 * By the event's name, which majors write differently (`BufFileRead`, `BuffileRead`). Up to PostgreSQL 18 nothing but relations is
 * read by io_uring. Summaries of WAL are files of their own kind.
 */
const KINDS: [RegExp, FileKind][] = [
  [/^(datafile|aioiouring)/, 'relation'],
  [/^buffile/, 'temporary'],
  [/^walsummary/, 'other'],
  [/^wal/, 'wal'],
];

/** The class of PostgreSQL's events of I/O, in the highest byte. */
const IO = 10;

/** `event`: PostgreSQL's `wait_event_info`; 0: none. */
export function fileKindOf(major: number, event: number): FileKind {
  if (event === 0) return 'unknown';
  const named = event >>> 24 === IO ? waitEvent(major, event) : undefined;
  // Of a major whose events are not known a name is as likely wrong as right.
  if (named?.verified === false) return 'unknown';
  const name = named?.name.toLowerCase() ?? '';
  return KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? 'other';
}
