/**
 * When a profile began, when it ends, and whether it is over. The time counts from the first attached target; an end that passed while
 * the operator was down is an end all the same; what is over stays over, whatever the spec says later.
 */

import { durationMs } from '../../api/duration.js';
import type { NodeProfileStatus } from '../../api/node-profile.js';
import type { Profile } from '../views.js';

export interface Lifetime {
  startedAt?: string;
  expiresAt?: string;
  completed: boolean;
}

export interface LifetimeInput {
  profile: Pick<Profile, 'metadata' | 'status'>;
  /** spec.duration; undefined: no limit. Also undefined while the spec cannot be read. */
  duration: string | undefined;
  /** What the agents wrote. */
  reports: Iterable<NodeProfileStatus>;
  nowMs: number;
}

export function lifetime({ profile, duration, reports, nowMs }: LifetimeInput): Lifetime {
  const { status } = profile;
  const completed = status.conditions?.some(({ type, status: holds }) => type === 'Completed' && holds === 'True');
  const startedAt = status.startedAt ?? earliestAttachment(profile, reports, nowMs);
  if (completed) {
    return { ...(startedAt && { startedAt }), ...(status.expiresAt && { expiresAt: status.expiresAt }), completed };
  }
  if (startedAt === undefined) return { completed: false };
  if (duration === undefined) return { startedAt, completed: false };
  const expiresMs = Date.parse(startedAt) + durationMs(duration);
  return { startedAt, expiresAt: new Date(expiresMs).toISOString(), completed: expiresMs <= nowMs };
}

/** By the agents' clocks; what is before the profile was made or in the future comes from a clock that is wrong. */
function earliestAttachment(
  { metadata }: Pick<Profile, 'metadata'>,
  reports: Iterable<NodeProfileStatus>,
  nowMs: number,
): string | undefined {
  const times = [...reports]
    .flatMap(({ targets = [] }) => targets.flatMap(({ attachedAt }) => Date.parse(attachedAt ?? '')))
    .filter((time) => !Number.isNaN(time));
  if (times.length === 0) return undefined;
  const created = Date.parse(metadata.creationTimestamp) || 0;
  const earliest = times.reduce((least, time) => Math.min(least, time));
  return new Date(Math.min(Math.max(earliest, created), nowMs)).toISOString();
}
