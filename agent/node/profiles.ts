/** NodeProfiles as the agent keeps them: projected right after decoding, nothing raw is kept. */

import type { Condition } from '../../api/condition.js';
import { type NodeProfileSpec, readNodeProfileSpec } from '../../api/node-profile.js';
import type { Reading } from '../../api/reading.js';
import { identify, type ObjectMeta } from '../../kube/objects.js';

export const NODE_PROFILES_PATH = '/apis/pgscope.dev/v1alpha1/nodeprofiles';

export interface NodeProfile {
  metadata: Required<Pick<ObjectMeta, 'name' | 'namespace' | 'uid' | 'resourceVersion' | 'generation'>>;
  /** It is about to go: nothing is captured for it any more. */
  deleting: boolean;
  reading: Reading<NodeProfileSpec>;
  /** Of its stored status, which an agent before this one may have written. */
  conditions: readonly Condition[];
  lostEvents: number;
}

export function projectNodeProfile(raw: unknown): NodeProfile {
  const metadata = identify(raw).metadata as ObjectMeta;
  const { spec, status } = raw as { spec?: unknown; status?: { conditions?: Condition[]; lostEvents?: number } };
  const { name, namespace = '', uid, resourceVersion, generation = 0 } = metadata;
  return {
    metadata: { name, namespace, uid, resourceVersion, generation },
    deleting: metadata.deletionTimestamp !== undefined,
    reading: readNodeProfileSpec(spec),
    conditions: Array.isArray(status?.conditions) ? status.conditions : [],
    lostEvents: Number(status?.lostEvents) || 0,
  };
}

/** The server has been asked for this node's alone; the status of another node's is not ours to write. */
export function isFor({ reading }: NodeProfile, nodeName: string): boolean {
  return !reading.ok || reading.spec.nodeName === nodeName;
}

/** Where its status is written. */
export function statusPath({ metadata: { namespace, name } }: NodeProfile): string {
  return `/apis/pgscope.dev/v1alpha1/namespaces/${namespace}/nodeprofiles/${name}/status`;
}
