/** Counts profiles and targets from the statuses as they are stored: what `kubectl get pgp` shows, added up. */
import type { Profile } from '../views.js';
import { MAX_REASONS } from './definitions.js';

export interface ProfileCounts {
  byReason: Map<string, number>;
  targets: { matched: number; attached: number };
}

export function countProfiles(profiles: Iterable<Pick<Profile, 'status'>>): ProfileCounts {
  const byReason = new Map<string, number>();
  const targets = { matched: 0, attached: 0 };
  for (const { status } of profiles) {
    const ready = status.conditions?.find(({ type }) => type === 'Ready');
    const reason = ready?.reason ?? 'Unknown';
    const counted = byReason.has(reason) || byReason.size < MAX_REASONS ? reason : 'other';
    byReason.set(counted, (byReason.get(counted) ?? 0) + 1);
    targets.matched += status.targets?.matched ?? 0;
    targets.attached += status.targets?.attached ?? 0;
  }
  return { byReason, targets };
}
