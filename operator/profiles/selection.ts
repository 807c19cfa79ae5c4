/** Which containers a profile asks for, and which of the pods it means are left out, and why. */
import type { PostgresProfileSpec } from '../../api/postgres-profile.js';
import type { NodeObject, Pod, PodContainer } from '../views.js';
import { beingDeleted } from './leaving.js';
import { selects } from './selector.js';

/** A running container of a pod that the profile means. */
export interface Candidate {
  pod: Pod;
  nodeName: string;
  container: PodContainer & { containerID: string };
}

export type ExclusionReason =
  | 'NotRunning'
  | 'UnsupportedNode'
  | 'StaticPod'
  | 'ContainerNotFound'
  | 'SharedContainer'
  | 'TooManyContainers';

/** A pod that the profile means but from which nothing is captured. */
export interface Exclusion {
  podName: string;
  reason: ExclusionReason;
  /** Completes "pod x …": `has no container db; it has postgres, exporter`. */
  message: string;
}

export interface Selection {
  /** Pods that the profile means, running or not. */
  matchedPods: number;
  /** In the order of node, pod and container. */
  candidates: Candidate[];
  /** In the order of pods. */
  exclusions: Exclusion[];
}

/** What a NodeProfile can hold. */
export const MAX_TARGETS_PER_NODE = 256;

/** The form that a NodeProfile takes; a runtime that writes others is not known. */
const CONTAINER_ID = /^[a-z0-9.-]+:\/\/[A-Za-z0-9_.-]{1,220}$/;
/** Names of runtime classes whose containers are out of reach of the node's kernel. Administrators choose these names; these are the documented ones. */
const SANDBOXED = /gvisor|runsc|kata/i;

/** `pods` are those of the profile's namespace, in any order; `node` finds a node by name. */
export function select(
  spec: Pick<PostgresProfileSpec, 'selector' | 'podName' | 'container'>,
  pods: Iterable<Pod>,
  node: (name: string) => NodeObject | undefined,
): Selection {
  const matched = [...pods]
    .filter((pod) => selects(spec, pod))
    .sort(by((pod) => [pod.metadata.name, pod.metadata.uid]));
  const looked = matched.map((pod) => (pod.terminating ? lookAtLeaving : lookAt)(pod, spec.container, node));
  const found = looked.flatMap(({ candidates = [] }) => candidates).sort(by(candidateKey));
  const { own, shared } = withoutShared(found);
  const { kept, dropped } = firstOfEachNode(own);
  const exclusions = [...looked.flatMap(({ exclusion }) => exclusion ?? []), ...shared, ...dropped];
  return {
    matchedPods: matched.length,
    candidates: kept,
    exclusions: exclusions.sort(by(({ podName, reason }) => [podName, reason])),
  };
}

interface Look {
  candidates?: Candidate[];
  exclusion?: Exclusion;
}

/** Where the node is away nobody says any more whether its containers run. */
function lookAtLeaving(...[pod, wanted, node]: Parameters<typeof lookAt>): Look {
  const { candidates = [] } = node(pod.nodeName ?? '')?.ready ? lookAt(pod, wanted, node) : {};
  return candidates.length > 0 ? { candidates } : { exclusion: beingDeleted(pod.metadata.name) };
}

function lookAt(pod: Pod, wanted: string | undefined, node: (name: string) => NodeObject | undefined): Look {
  const exclude = (reason: ExclusionReason, message: string) => {
    return { exclusion: { podName: pod.metadata.name, reason, message } };
  };
  const { nodeName } = pod;
  if (nodeName === undefined) return exclude('NotRunning', 'is not scheduled to a node');
  if (pod.phase !== 'Running') return exclude('NotRunning', `is ${pod.phase}`);
  if (pod.runtimeClassName !== undefined && SANDBOXED.test(pod.runtimeClassName)) {
    return exclude(
      'UnsupportedNode',
      `has the runtime class ${pod.runtimeClassName}: eBPF of the node cannot see into it`,
    );
  }
  const unsupported = node(nodeName)?.unsupported;
  if (unsupported !== undefined) {
    return exclude('UnsupportedNode', `runs on ${nodeName}, ${unsupported}: no agent can run there`);
  }
  if (pod.isStatic) return exclude('StaticPod', `is a static pod, ${STATIC_POD}`);
  const containers = pod.containers.filter(({ name }) => wanted === undefined || name === wanted);
  if (containers.length === 0) {
    const names = pod.containers.map(({ name }) => name).join(', ');
    return exclude('ContainerNotFound', `has no container ${wanted}; it has ${names}`);
  }
  const candidates = containers.filter(isRunning).map((container) => ({ pod, nodeName, container }));
  return candidates.length > 0
    ? { candidates }
    : exclude('NotRunning', `has no running container${wanted ? ` ${wanted}` : ''}`);
}

function isRunning(container: PodContainer): container is Candidate['container'] {
  return container.running && container.containerID !== undefined && CONTAINER_ID.test(container.containerID);
}

/** Its cgroup has the hash of its file in place of a UID, and that stands in annotations alone, which whoever may write the pod can write. */
const STATIC_POD = 'and nothing that Kubernetes guards tells which containers on the node are its own';

/** A container belongs to one pod. Where two name it, one status is wrong, and nothing here tells which. */
function withoutShared(candidates: Candidate[]): { own: Candidate[]; shared: Exclusion[] } {
  const claims = Map.groupBy(candidates, ({ nodeName, container }) => `${nodeName} ${bareId(container)}`);
  const isShared = ({ nodeName, container }: Candidate) =>
    (claims.get(`${nodeName} ${bareId(container)}`)?.length ?? 0) > 1;
  const message = "names a container that is another's in its status, too; correct who writes the status of pods";
  const names = new Set(candidates.filter(isShared).map(({ pod }) => pod.metadata.name));
  return {
    own: candidates.filter((candidate) => !isShared(candidate)),
    shared: Array.from(names, (podName) => ({ podName, reason: 'SharedContainer', message })),
  };
}

function bareId({ containerID }: Candidate['container']): string {
  return containerID.slice(containerID.indexOf('://') + 3);
}

function firstOfEachNode(candidates: Candidate[]): { kept: Candidate[]; dropped: Exclusion[] } {
  const counts = new Map<string, number>();
  const kept: Candidate[] = [];
  const dropped = new Map<string, Exclusion>();
  for (const candidate of candidates) {
    const { nodeName, pod } = candidate;
    const count = counts.get(nodeName) ?? 0;
    counts.set(nodeName, count + 1);
    if (count < MAX_TARGETS_PER_NODE) kept.push(candidate);
    else dropped.set(pod.metadata.name, tooMany(pod.metadata.name, nodeName));
  }
  return { kept, dropped: [...dropped.values()] };
}

function tooMany(podName: string, nodeName: string): Exclusion {
  const message = `has containers beyond the first ${MAX_TARGETS_PER_NODE} on node ${nodeName}; narrow the selector or name a container`;
  return { podName, reason: 'TooManyContainers', message };
}

function candidateKey({ nodeName, pod, container }: Candidate): string[] {
  return [nodeName, pod.metadata.name, container.name, container.containerID];
}

/** Compares by the first of the keys that differs, code unit by code unit: the same order on every machine. */
function by<T>(keys: (value: T) => string[]): (a: T, b: T) => number {
  return (a, b) => {
    const [keysA, keysB] = [keys(a), keys(b)];
    const at = keysA.findIndex((key, index) => key !== keysB[index]);
    return at === -1 ? 0 : (keysA[at] ?? '') < (keysB[at] ?? '') ? -1 : 1;
  };
}
