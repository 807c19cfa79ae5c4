/** The statements of those who hold a lock: described like every other text, before anybody sees them. */

import type { DescribedQuery } from '../queries.js';
import type { Blocker, StatementEvent } from '../tracer/events.js';

/** What PostgreSQL keeps of a session's text, unless track_activity_query_size says otherwise; longer ones may be cut off. */
const KEPT_BYTES = 1023;

/** The same record, in which no blocker has a text as its client sent it. */
export function withBlockersDescribed(
  event: StatementEvent,
  describe: (sent: { text: string; truncated: boolean }) => DescribedQuery,
): StatementEvent {
  if (event.longWaits?.some(({ lock }) => lock !== undefined) !== true) return event;
  const described = ({ text, ...rest }: Blocker): Blocker => {
    if (text === undefined || text === '') return rest;
    return { ...rest, described: describe({ text, truncated: Buffer.byteLength(text) >= KEPT_BYTES }) };
  };
  const longWaits = event.longWaits.map((wait) =>
    wait.lock === undefined ? wait : { ...wait, lock: { ...wait.lock, blockers: wait.lock.blockers.map(described) } },
  );
  return { ...event, longWaits };
}
