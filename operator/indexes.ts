/** The indexes that reconciles look things up in, so that none of them goes through the whole cluster. */
import { createStoreIndex, type StoreIndex } from './store-index.js';
import type { AgentPod, NodeProfileObject, Pod, Profile } from './views.js';

export interface Indexes {
  profilesByNamespace: StoreIndex<Profile>;
  podsByNamespace: StoreIndex<Pod>;
  /** By `namespace/name` of the profile they are a share of. */
  nodeProfilesByProfile: StoreIndex<NodeProfileObject>;
  nodeProfilesByNode: StoreIndex<NodeProfileObject>;
  agentsByNode: StoreIndex<AgentPod>;
}

export function createIndexes(): Indexes {
  return {
    profilesByNamespace: createStoreIndex(({ metadata }) => metadata.namespace),
    podsByNamespace: createStoreIndex(({ metadata }) => metadata.namespace),
    nodeProfilesByProfile: createStoreIndex(profileKeyOf),
    nodeProfilesByNode: createStoreIndex(({ spec }) => spec.nodeName),
    agentsByNode: createStoreIndex(({ nodeName }) => nodeName),
  };
}

/** The key of the profile that a NodeProfile is a share of. */
export function profileKeyOf({ metadata, spec }: NodeProfileObject): string {
  return `${metadata.namespace}/${spec.profile.name}`;
}
