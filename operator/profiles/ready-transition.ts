/** The Event that tells of a change of Ready; none for what passes by itself. */
import type { PostgresProfileStatus } from '../../api/postgres-profile.js';
import type { ProfileEvent } from '../events.js';
import type { Profile } from '../views.js';

/** On the way to Profiling, or back to it. */
const PASSING = ['Pending', 'NothingYet', 'NoTargets'];
const NORMAL = ['Profiling', 'Completed', 'Suspended'];
/** An agent is missing for a while wherever a target is new; that one cannot come at all is another matter. */
const AGENT_MISSING = 'AgentNotReady';

/** Whether an agent is missing for a reason that does not pass by itself, when the status was written last and now. */
export interface AgentTrouble {
  wasFailing: boolean;
  isFailing: boolean;
}

export function readyTransition(
  profile: Profile,
  next: PostgresProfileStatus,
  { wasFailing, isFailing }: AgentTrouble,
): ProfileEvent | undefined {
  const before = ready(profile.status);
  const now = ready(next);
  if (now === undefined || PASSING.includes(now.reason)) return undefined;
  const isMissing = now.reason === AGENT_MISSING;
  const isWorse = isMissing && isFailing && !wasFailing;
  if (before?.reason === now.reason && before.status === now.status && !isWorse) return undefined;
  const { namespace, name, uid } = profile.metadata;
  return {
    regarding: { namespace, name, uid },
    type: NORMAL.includes(now.reason) || (isMissing && !isFailing) ? 'Normal' : 'Warning',
    reason: now.reason,
    action: 'Profile',
    note: now.message,
  };
}

function ready({ conditions = [] }: PostgresProfileStatus) {
  return conditions.find(({ type }) => type === 'Ready');
}
