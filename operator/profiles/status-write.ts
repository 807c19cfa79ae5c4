/** When a status is written: transitions at once, everything else at most every 30 s, nothing that is stored already. */
import type { PostgresProfileStatus } from '../../api/postgres-profile.js';
import { canonical } from '../canonical.js';

export const STATUS_PERIOD_MS = 30_000;

export type StatusWrite = 'now' | 'never' | { afterMs: number };

/** `lastWriteMs` is when this process last wrote it; undefined if it has not yet. */
export function statusWrite(
  stored: PostgresProfileStatus,
  next: PostgresProfileStatus,
  { nowMs, lastWriteMs }: { nowMs: number; lastWriteMs: number | undefined },
): StatusWrite {
  if (canonical(inOrder(stored)) === canonical(inOrder(next))) return 'never';
  if (canonical(turningPoints(stored)) !== canonical(turningPoints(next))) return 'now';
  const sinceMs = nowMs - (lastWriteMs ?? Number.NEGATIVE_INFINITY);
  return sinceMs >= STATUS_PERIOD_MS || sinceMs < 0 ? 'now' : { afterMs: STATUS_PERIOD_MS - sinceMs };
}

/** The API server keeps conditions by type, in an order of its own. */
function inOrder({ conditions = [], ...rest }: PostgresProfileStatus) {
  return { ...rest, conditions: conditions.toSorted((a, b) => (a.type < b.type ? -1 : 1)) };
}

/** What somebody may wait for. */
function turningPoints({ observedGeneration, startedAt, expiresAt, conditions = [] }: PostgresProfileStatus) {
  const states = conditions.map(({ type, status, reason, observedGeneration: of }) => [type, status, reason, of ?? 0]);
  return { observedGeneration, startedAt, expiresAt, states: states.sort() };
}
