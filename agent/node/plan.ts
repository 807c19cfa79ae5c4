/** From NodeProfiles to what is to be captured now: a pure function of the profiles, the time, and what the administrator allows. */

import type { NodeProfileSpec, NodeProfileTarget } from '../../api/node-profile.js';
import { keyOf } from '../../kube/objects.js';
import { placeKey, type WantedContainer } from '../containers.js';
import type { TracerSettings } from '../tracer.js';
import { mergeStreams, type StreamSettings, streamSettings, tracerSettings } from './merge.js';
import type { NodeProfile } from './profiles.js';
import { type PlannedProgram, withPrograms } from './programs/plan.js';

export interface PlannedTarget {
  container: WantedContainer;
  /** Attributes that the operator has resolved. */
  resource: Record<string, string>;
  /** Destination → what goes there. */
  streams: ReadonlyMap<string, StreamSettings>;
  tracer: TracerSettings;
  programs: readonly PlannedProgram[];
}

/** Why nothing is captured for a profile; a row's words. */
export interface Refusal {
  state: 'Failed' | 'Detached';
  reason: string;
  message: string;
}

export interface Plan {
  /** A container's placeKey → what to do there: two pods that name one container are two targets, of which one is not there. */
  targets: ReadonlyMap<string, PlannedTarget>;
  /** Those of profiles that are left out: only what is in them is to be known, so that a row about a sidecar says that it is one. */
  looked: readonly WantedContainer[];
  /** Key of a NodeProfile → why it is left out. */
  refusals: ReadonlyMap<string, Refusal>;
}

export interface Allowed {
  rawText: boolean;
  /** Names of destinations. */
  destinations: { has(name: string): boolean };
  /** Those whose NodeProfiles the operator looks after; undefined: all. */
  namespaces: ReadonlySet<string> | undefined;
}

export function makePlan(profiles: Iterable<NodeProfile>, allowed: Allowed, nowMs: number): Plan {
  const targets = new Map<string, PlannedTarget>();
  const looked = new Map<string, WantedContainer>();
  const refusals = new Map<string, Refusal>();
  for (const profile of profiles) {
    if (profile.deleting) continue;
    const refusal = refusalOf(profile, allowed, nowMs);
    if (refusal !== undefined) refusals.set(keyOf(profile), refusal);
    if (!profile.reading.ok) continue;
    if (refusal === undefined) addTargets(targets, profile.reading.spec);
    else for (const target of profile.reading.spec.targets) looked.set(keyOfTarget(target), containerOf(target, true));
  }
  return {
    targets,
    looked: [...looked].flatMap(([key, container]) => (targets.has(key) ? [] : [container])),
    refusals,
  };
}

/** What a target is known by on this node: pod and container. */
export function keyOfTarget(target: Pick<NodeProfileTarget, 'containerID' | 'podUID'>): string {
  return placeKey(placeOf(target));
}

/** `containerd://0123…` without the runtime's name. */
function placeOf({ containerID, podUID }: Pick<NodeProfileTarget, 'containerID' | 'podUID'>) {
  return { id: containerID.slice(containerID.indexOf('://') + 3), podUID };
}

function containerOf(target: NodeProfileTarget, lookOnly: boolean): WantedContainer {
  const { podNamespace, podName, container } = target;
  return { ...placeOf(target), name: `${podNamespace}/${podName}/${container}`, lookOnly };
}

/** A NodeProfile is refused whatever it says, also if nobody but the operator could have written it. */
function refusalOf({ reading, metadata }: NodeProfile, allowed: Allowed, nowMs: number): Refusal | undefined {
  const failed = (reason: string, message: string): Refusal => ({ state: 'Failed', reason, message });
  // The operator sees no object there, so it would neither end this one nor say what becomes of it.
  if (allowed.namespaces?.has(metadata.namespace) === false) {
    return failed(
      'NamespaceNotWatched',
      `pgscope does not watch namespace ${metadata.namespace} any more; the administrator names the namespaces in the chart's watchNamespaces`,
    );
  }
  if (!reading.ok) return failed('InvalidSpec', reading.errors.join('; '));
  const { queryText, destination, expiresAt } = reading.spec;
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
  if (expiresAt !== undefined && !(Date.parse(expiresAt) > nowMs))
    return { state: 'Detached', reason: 'Expired', message: `the time was over at ${expiresAt}` };
  return undefined;
}

function addTargets(targets: Map<string, PlannedTarget>, spec: NodeProfileSpec): void {
  const settings = streamSettings(spec);
  for (const target of spec.targets) {
    const key = keyOfTarget(target);
    const known = targets.get(key);
    const streams = new Map(known?.streams);
    const before = streams.get(spec.destination);
    streams.set(spec.destination, before === undefined ? settings : mergeStreams(before, settings));
    targets.set(key, {
      container: known?.container ?? containerOf(target, false),
      resource: known?.resource ?? target.resource,
      streams,
      tracer: tracerSettings([...streams.values()]),
      programs: withPrograms(known?.programs ?? [], spec),
    });
  }
}
