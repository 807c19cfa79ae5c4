/** The Event that tells of a change of Ready; none for what passes by itself. */
import type { PostgresProfileStatus } from '../../api/postgres-profile.js';
import type { ProfileEvent } from '../events.js';
import type { Profile } from '../views.js';

/** On the way to Profiling, or back to it. */
const PASSING = ['Pending', 'NothingYet', 'NoTargets'];
const NORMAL = ['Profiling', 'Completed', 'Suspended', 'AgentNotReady'];

export function readyTransition(profile: Profile, next: PostgresProfileStatus): ProfileEvent | undefined {
  const before = ready(profile.status);
  const now = ready(next);
  if (now === undefined || PASSING.includes(now.reason)) return undefined;
  if (before?.reason === now.reason && before.status === now.status) return undefined;
  const { namespace, name, uid } = profile.metadata;
  return {
    regarding: { namespace, name, uid },
    type: NORMAL.includes(now.reason) ? 'Normal' : 'Warning',
    reason: now.reason,
    action: 'Profile',
    note: now.message,
  };
}

function ready({ conditions = [] }: PostgresProfileStatus) {
  return conditions.find(({ type }) => type === 'Ready');
}
