/** A node as the operator keeps it: its label for the agent, whether it is ready, and whether an agent could work there at all. */
import { AGENT_LABEL } from '../names.js';
import type { RawCondition, RawMetadata, ViewMetadata } from './raw.js';

export interface NodeObject {
  metadata: ViewMetadata;
  /** The value of the label pgscope.dev/agent; undefined without it. */
  agentLabel?: string;
  ready: boolean;
  /** Why no agent can work on it, as words that complete "node x is …": `a virtual node (AWS Fargate)`. Undefined on real ones. */
  unsupported?: string;
}

/** Labels that tell nodes without a kernel of their own to look into. */
const UNSUPPORTED: { label: string; value: string; what: string }[] = [
  { label: 'type', value: 'virtual-kubelet', what: 'a virtual node (virtual-kubelet)' },
  { label: 'kubernetes.io/role', value: 'virtual-kubelet', what: 'a virtual node (virtual-kubelet)' },
  { label: 'eks.amazonaws.com/compute-type', value: 'fargate', what: 'a virtual node (AWS Fargate)' },
  { label: 'kubernetes.io/os', value: 'windows', what: 'a Windows node' },
];

export function projectNode(raw: unknown): NodeObject {
  const { metadata, status } = raw as { metadata: RawMetadata; status?: { conditions?: RawCondition[] } };
  const { name, uid, resourceVersion, labels = {} } = metadata;
  const agentLabel = labels[AGENT_LABEL];
  const unsupported = UNSUPPORTED.find(({ label, value }) => labels[label] === value)?.what;
  return {
    metadata: { name, uid, resourceVersion },
    ...(agentLabel !== undefined && { agentLabel }),
    ready: status?.conditions?.some(({ type, status: holds }) => type === 'Ready' && holds === 'True') ?? false,
    ...(unsupported !== undefined && { unsupported }),
  };
}
