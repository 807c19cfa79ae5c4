/** From NodeProfiles to what is to be captured now: a pure function of the profiles, the time, and what the administrator allows. */

import type { NodeProfileSpec } from '../../api/node-profile.js';
import { levelRefusal } from '../../api/postgres-profile.js';
import { keyOf } from '../../kube/objects.js';
import type { WantedContainer } from '../containers.js';
import type { TracerSettings } from '../tracer.js';
import { mergeStreams, type StreamSettings, streamSettings, tracerSettings } from './merge.js';
import type { NodeProfile } from './profiles.js';

export interface PlannedTarget {
  container: WantedContainer;
  /** Attributes that the operator has resolved. */
  resource: Record<string, string>;
  /** Destination → what goes there. */
  streams: ReadonlyMap<string, StreamSettings>;
  tracer: TracerSettings;
}

/** Why nothing is captured for a profile; a row's words. */
export interface Refusal {
  state: 'Failed' | 'Detached';
  reason: string;
  message: string;
}

export interface Plan {
  /** Container ID, without the runtime's name → what to do there. */
  targets: ReadonlyMap<string, PlannedTarget>;
  /** Key of a NodeProfile → why it is left out. */
  refusals: ReadonlyMap<string, Refusal>;
}

export interface Allowed {
  rawText: boolean;
  /** Names of destinations. */
  destinations: { has(name: string): boolean };
}

export function makePlan(profiles: Iterable<NodeProfile>, allowed: Allowed, nowMs: number): Plan {
  const targets = new Map<string, PlannedTarget>();
  const refusals = new Map<string, Refusal>();
  for (const profile of profiles) {
    if (profile.deleting) continue;
    const refusal = refusalOf(profile, allowed, nowMs);
    if (refusal !== undefined) refusals.set(keyOf(profile), refusal);
    else if (profile.reading.ok) addTargets(targets, profile.reading.spec);
  }
  return { targets, refusals };
}

/** `containerd://0123…` without the runtime's name. */
export function bareId(containerID: string): string {
  return containerID.slice(containerID.indexOf('://') + 3);
}

/** A NodeProfile is refused whatever it says, also if nobody but the operator could have written it. */
function refusalOf({ reading }: NodeProfile, allowed: Allowed, nowMs: number): Refusal | undefined {
  const failed = (reason: string, message: string): Refusal => ({ state: 'Failed', reason, message });
  if (!reading.ok) return failed('InvalidSpec', reading.errors.join('; '));
  const { queryText, destination, level, expiresAt } = reading.spec;
  if (queryText === 'raw' && !allowed.rawText) {
    return failed(
      'RawTextForbidden',
      'queryText: raw is not allowed here; use normalized, or let the administrator start operator and agents with --allow-raw-text',
    );
  }
  if (!allowed.destinations.has(destination)) {
    return failed(
      'UnknownDestination',
      `this agent knows no destination "${destination}"; the administrator defines destinations in the chart's values`,
    );
  }
  const unsupported = levelRefusal(level);
  if (unsupported !== undefined) return failed('UnsupportedLevel', `level: ${unsupported}`);
  if (expiresAt !== undefined && !(Date.parse(expiresAt) > nowMs))
    return { state: 'Detached', reason: 'Expired', message: `the time was over at ${expiresAt}` };
  return undefined;
}

function addTargets(targets: Map<string, PlannedTarget>, spec: NodeProfileSpec): void {
  const settings = streamSettings(spec);
  for (const { podNamespace, podName, container, containerID, resource } of spec.targets) {
    const id = bareId(containerID);
    const known = targets.get(id);
    const streams = new Map(known?.streams);
    const before = streams.get(spec.destination);
    streams.set(spec.destination, before === undefined ? settings : mergeStreams(before, settings));
    targets.set(id, {
      container: known?.container ?? { id, name: `${podNamespace}/${podName}/${container}` },
      resource: known?.resource ?? resource,
      streams,
      tracer: tracerSettings([...streams.values()]),
    });
  }
}
