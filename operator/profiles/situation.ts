/** All that a profile's status is made of. */
import type { PostgresProfileSpec } from '../../api/postgres-profile.js';
import type { Profile } from '../views.js';
import type { Acceptance } from './acceptance.js';
import type { Lifetime } from './lifetime.js';
import type { Selection } from './selection.js';
import type { NodeReport } from './targets.js';

export interface Situation {
  profile: Pick<Profile, 'metadata' | 'status'>;
  acceptance: Acceptance;
  /** Whether an accepted spec says `suspend: true`. */
  suspended: boolean;
  life: Lifetime;
  /** What the profile means, also while it is suspended or over; undefined if the spec is not accepted. */
  selection?: Selection;
  /** One for each NodeProfile there should be; none while nothing is to be captured. */
  reports: NodeReport[];
  /** On all nodes since the beginning. */
  lostEvents: number;
  nowMs: number;
}

/** The spec if it is accepted. */
export function specOf({ acceptance }: Pick<Situation, 'acceptance'>): PostgresProfileSpec | undefined {
  return acceptance.accepted ? acceptance.spec : undefined;
}

/** Whether anything is to be captured at all. */
export function isActive({
  acceptance,
  suspended,
  life,
}: Pick<Situation, 'acceptance' | 'suspended' | 'life'>): boolean {
  return acceptance.accepted && !suspended && !life.completed;
}

/**
 * Whether the agents' present answers are about the profile's present spec. Once every target was attached for a generation, an answer
 * that lags only has to take up something else, such as the end that was reckoned from the first attachment.
 */
export function isSettled({ profile, reports }: Pick<Situation, 'profile' | 'reports'>): boolean {
  const before = profile.status.conditions?.find(({ type }) => type === 'ProbesAttached');
  const wasAttached = before?.status === 'True' && before.observedGeneration === profile.metadata.generation;
  return wasAttached || reports.every(({ current }) => current);
}
