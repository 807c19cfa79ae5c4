/** Objects for the tests of the operator, as the API server would send them, and their views. */
import type { NodeProfileStatus, TargetRow } from '../../../api/node-profile.js';
import type { DesiredNodeProfile } from '../../../operator/profiles/node-profiles.js';
import {
  type AgentPod,
  type NodeObject,
  type NodeProfileObject,
  type Pod,
  type Profile,
  projectAgentPod,
  projectNode,
  projectNodeProfile,
  projectPod,
  projectProfile,
} from '../../../operator/views.js';

export const NOW_MS = Date.parse('2026-03-01T12:00:00Z');
let version = 0;

export interface RawObject {
  apiVersion?: string;
  kind?: string;
  metadata: {
    name: string;
    namespace?: string;
    uid: string;
    resourceVersion: string;
    generation?: number;
    labels?: Record<string, string>;
    [field: string]: unknown;
  };
  spec?: unknown;
  status?: unknown;
}

function metadata(name: string, more: object): RawObject['metadata'] {
  return { name, uid: `uid-${name}`, resourceVersion: String(++version), ...more };
}

export function rawProfile(spec: object, more: { metadata?: object; status?: object } = {}): RawObject {
  const base = { namespace: 'shop', generation: 1, creationTimestamp: '2026-03-01T11:00:00Z' };
  const { status } = more;
  return { metadata: metadata('orders', { ...base, ...more.metadata }), spec, ...(status && { status }) };
}

export function profile(spec: object = { selector: {} }, more: { metadata?: object; status?: object } = {}): Profile {
  return projectProfile(rawProfile(spec, more));
}

export interface PodShape {
  namespace?: string;
  node?: string | null;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  phase?: string;
  containers?: readonly string[];
  /** Names of those that do not run. */
  waiting?: readonly string[];
  image?: string;
  metadata?: object;
  spec?: object;
}

export function rawPod(name: string, shape: PodShape = {}): RawObject {
  const { containers = ['postgres'], waiting = [], image = 'postgres:17.5', node = 'worker-1' } = shape;
  return {
    metadata: metadata(name, {
      namespace: shape.namespace ?? 'shop',
      labels: shape.labels ?? { app: 'orders-db' },
      annotations: shape.annotations ?? {},
      ...shape.metadata,
    }),
    spec: {
      ...(node && { nodeName: node }),
      containers: containers.map((container) => ({ name: container, image })),
      ...shape.spec,
    },
    status: {
      phase: shape.phase ?? 'Running',
      containerStatuses: containers.map((container) => ({
        name: container,
        containerID: `containerd://${name}-${container}`,
        imageID: `docker.io/library/postgres@sha256:${'ab'.repeat(32)}`,
        state: waiting.includes(container) ? { waiting: { reason: 'CrashLoopBackOff' } } : { running: {} },
      })),
    },
  };
}

export function pod(name: string, shape: PodShape = {}): Pod {
  return projectPod(rawPod(name, shape));
}

export function rawNode(name: string, labels: Record<string, string> = {}, ready = true): RawObject {
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'Unknown' }];
  return { metadata: metadata(name, { labels }), status: { conditions } };
}

export function node(name: string, labels: Record<string, string> = {}, ready = true): NodeObject {
  return projectNode(rawNode(name, labels, ready));
}

export function rawAgent(nodeName: string, status: object = READY, more: object = {}): RawObject {
  return { metadata: metadata(`agent-${nodeName}`, { namespace: 'pgscope', ...more }), spec: { nodeName }, status };
}

export const READY = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };

export function agent(nodeName: string, status: object = READY, more: object = {}): AgentPod {
  return projectAgentPod(rawAgent(nodeName, status, more));
}

/** A desired NodeProfile as it would be stored, with what its agent wrote. */
export function stored(desired: DesiredNodeProfile, status: NodeProfileStatus = {}, generation = 1): NodeProfileObject {
  const { name, ...rest } = desired.metadata;
  return projectNodeProfile({ metadata: metadata(name, { ...rest, generation }), spec: desired.spec, status });
}

/** What an agent writes that has attached everything. */
export function attachedStatus(desired: DesiredNodeProfile, change: (row: TargetRow) => TargetRow = (row) => row) {
  const rows = desired.spec.targets.map(({ containerID }): TargetRow => {
    return change({
      containerID,
      state: 'Attached',
      reason: 'Attached',
      message: '',
      attachedAt: '2026-03-01T11:30:00Z',
    });
  });
  return { observedGeneration: 1, targets: rows, conditions: [exportingCondition('True', 'Exporting')] };
}

export function exportingCondition(status: 'True' | 'False' | 'Unknown', reason: string, message = '') {
  return { type: 'Exporting', status, reason, message, lastTransitionTime: '2026-03-01T11:30:00Z' };
}
