/** The names of one major version's wait events, by number, as scripts/generate-wait-events.ts writes them from PostgreSQL's sources. */

export interface WaitEventTable {
  /** What the sources call themselves, such as "18.4". */
  version: string;
  /** By the top byte of `wait_event_info`. */
  classes: Readonly<Record<number, WaitClass>>;
}

export interface WaitClass {
  /** As in pg_stat_activity.wait_event_type. */
  type: string;
  /** As in pg_stat_activity.wait_event, by the rest of the number. */
  names: Readonly<Record<number, string>>;
  /** All numbers from `from` on have this one name: such as those that extensions are given while the server runs. */
  others?: { from: number; name: string };
}
