/** How many events a NodeProfile has lost since its first target was attached, over restarts of the agent. */

import { keyOf } from '../../kube/objects.js';
import type { TelemetryTotals } from '../telemetry.js';
import type { NodeProfile } from './profiles.js';

/** Losses of the kernel, the tracer and the router after which a statement is missing; the others cost detail alone. */
const EVENTS = [
  'recordsRateLimitedFailed',
  'recordsRateLimitedSlow',
  'recordsRateLimitedTraced',
  'recordsRateLimitedSampled',
  'recordsRingFull',
  'scratchBusy',
  'linesMalformed',
];

/** `capture`: counted for the whole node, since the tracer does not tell by target; `totals`: of the profile's destination. */
export function eventsLost(
  capture: Record<string, number>,
  totals: Pick<TelemetryTotals, 'losses'> | undefined,
): number {
  const captured = EVENTS.reduce((sum, name) => sum + (capture[name] ?? 0), 0);
  const later = (totals?.losses ?? []).filter(
    ({ stage, reason, signal }) =>
      (stage === 'export' && signal === 'traces') || (stage === 'telemetry' && reason === 'recordsRateLimited'),
  );
  return later.reduce((sum, { count }) => sum + count, captured);
}

export interface LostEvents {
  /** `lost`: the count of the node and destination; what it was when the profile's first target was attached does not count. */
  of(profile: NodeProfile, lost: number, attached: boolean): number;
  keep(profiles: Iterable<NodeProfile>): void;
}

/** An agent goes on from the count that its predecessor stored: what was lost stays lost, and no new loss hides behind an old one. */
export function createLostEvents(): LostEvents {
  const counts = new Map<string, { stored: number; before?: number }>();
  const key = (profile: NodeProfile) => `${keyOf(profile)} ${profile.metadata.uid}`;
  return {
    of(profile, lost, attached) {
      const count = counts.get(key(profile)) ?? { stored: profile.lostEvents };
      counts.set(key(profile), count);
      if (attached) count.before ??= lost;
      return count.stored + Math.max(0, lost - (count.before ?? lost));
    },
    keep(profiles) {
      const keys = new Set(Array.from(profiles, key));
      for (const known of counts.keys()) if (!keys.has(known)) counts.delete(known);
    },
  };
}
