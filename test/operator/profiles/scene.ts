/** A small cluster at one moment, and what the operator makes of a profile in it. */
import type { NodeProfileStatus } from '../../../api/node-profile.js';
import { createIndexes } from '../../../operator/indexes.js';
import { type Assessment, assess } from '../../../operator/profiles/assess.js';
import type { DesiredNodeProfile } from '../../../operator/profiles/node-profiles.js';
import type { AgentPod, NodeObject, Pod, Profile } from '../../../operator/views.js';
import { agent, attachedStatus, NOW_MS, node, profile, stored } from './objects.js';

export interface Scene {
  profile?: Profile;
  pods?: Pod[];
  nodes?: NodeObject[];
  agents?: AgentPod[];
  /** What the agent of each node wrote; undefined: its NodeProfile is not stored yet. */
  report?(desired: DesiredNodeProfile): NodeProfileStatus | undefined;
  /** Of the stored NodeProfiles. */
  generation?: number;
  nowMs?: number;
}

export const settings = {
  namespace: 'pgscope',
  destinations: ['default'],
  allowRawText: false,
  labelGraceMs: 300_000,
  clusterName: undefined,
};

/** Unless the scene says otherwise: two ready nodes with ready agents that have attached everything. */
export function assessed(scene: Scene): Assessment {
  const { pods = [], generation, nowMs = NOW_MS, report = attachedStatus } = scene;
  const subject = scene.profile ?? profile();
  const nodes = new Map((scene.nodes ?? [node('worker-1'), node('worker-2')]).map((one) => [one.metadata.name, one]));
  const indexes = createIndexes();
  for (const object of pods) indexes.podsByNamespace.apply({ type: 'added', object });
  for (const object of scene.agents ?? [agent('worker-1'), agent('worker-2')]) {
    indexes.agentsByNode.apply({ type: 'added', object });
  }
  const seen = {
    nodes: { ...nodes, get: (key: string) => nodes.get(key), values: () => nodes.values(), size: nodes.size },
    settings,
    clock: { now: () => nowMs },
  };
  for (const desired of assess(subject, seen, indexes).desired) {
    const status = report(desired);
    if (status === undefined) continue;
    indexes.nodeProfilesByProfile.apply({ type: 'added', object: stored(desired, status, generation) });
  }
  return assess(subject, seen, indexes);
}

/** The status' conditions as `Status/Reason`, by type. */
export function states({ status }: Assessment): Record<string, string> {
  return Object.fromEntries((status.conditions ?? []).map((one) => [one.type, `${one.status}/${one.reason}`]));
}

export function message({ status }: Assessment, type: string): string | undefined {
  return status.conditions?.find((one) => one.type === type)?.message;
}
