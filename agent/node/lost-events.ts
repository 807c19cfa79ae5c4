/** How many events a NodeProfile has lost since its first target was attached. */

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
  /** `lost`: the count of the node and destination; 0 is where the profile's first target was attached. */
  since(profile: NodeProfile, lost: number, attached: boolean): number;
  keep(profiles: Iterable<NodeProfile>): void;
}

export function createLostEvents(): LostEvents {
  const before = new Map<string, number>();
  const key = (profile: NodeProfile) => `${keyOf(profile)} ${profile.metadata.uid}`;
  return {
    since(profile, lost, attached) {
      const known = before.get(key(profile));
      if (known !== undefined) return Math.max(0, lost - known);
      if (attached) before.set(key(profile), lost);
      return 0;
    },
    keep(profiles) {
      const keys = new Set(Array.from(profiles, key));
      for (const known of before.keys()) if (!keys.has(known)) before.delete(known);
    },
  };
}
