/** A NodeProfile as it is stored: what was asked of its node's agent, and what the agent answered. */
import type { NodeProfileSpec, NodeProfileStatus } from '../../api/node-profile.js';
import { type NamespacedMetadata, namespacedMetadata, type RawMetadata } from './raw.js';

export interface NodeProfileObject {
  metadata: NamespacedMetadata & { generation: number; labels: Record<string, string>; ownerUIDs: string[] };
  /** As it is stored; only the operator writes it. */
  spec: NodeProfileSpec;
  /** As the agent wrote it; `{}` before it did. */
  status: NodeProfileStatus;
}

export function projectNodeProfile(raw: unknown): NodeProfileObject {
  const { metadata, spec, status } = raw as {
    metadata: RawMetadata;
    spec: NodeProfileSpec;
    status?: NodeProfileStatus;
  };
  return {
    metadata: {
      ...namespacedMetadata(metadata),
      generation: metadata.generation ?? 0,
      labels: metadata.labels ?? {},
      ownerUIDs: (metadata.ownerReferences ?? []).map(({ uid }) => uid),
    },
    spec,
    status: status ?? {},
  };
}
