/** From a profile and its candidates to the NodeProfiles there should be: one for each node. */
import { createHash } from 'node:crypto';
import type { NodeProfileSpec, NodeProfileTarget } from '../../api/node-profile.js';
import type { PostgresProfileSpec } from '../../api/postgres-profile.js';
import { API_VERSION, MANAGED_BY, MANAGED_BY_LABEL, NODE_LABEL, PROFILE_UID_LABEL } from '../names.js';
import type { Profile } from '../views.js';
import { containerResource } from './resource.js';
import type { Candidate } from './selection.js';

/** A NodeProfile as it is applied. */
export interface DesiredNodeProfile {
  apiVersion: string;
  kind: 'NodeProfile';
  metadata: {
    name: string;
    namespace: string;
    labels: Record<string, string>;
    ownerReferences: {
      apiVersion: string;
      kind: 'PostgresProfile';
      name: string;
      uid: string;
      controller: true;
      blockOwnerDeletion: false;
    }[];
  };
  spec: NodeProfileSpec;
}

export interface DesiredInput {
  profile: Pick<Profile, 'metadata'>;
  spec: PostgresProfileSpec;
  candidates: readonly Candidate[];
  /** RFC 3339; undefined while nothing limits the time. */
  expiresAt?: string | undefined;
  clusterName?: string | undefined;
}

/** In the order of nodes; the same for the same input in any order. */
export function desiredNodeProfiles(input: DesiredInput): DesiredNodeProfile[] {
  const ofNode = Map.groupBy(input.candidates, ({ nodeName }) => nodeName);
  return [...ofNode]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([nodeName, candidates]) => build(input, nodeName, candidates));
}

const MAX_NAME_LENGTH = 200;
const MAX_LABEL_LENGTH = 63;

/** A valid name of an object, different for each profile (also one deleted and created again) and node. */
export function nodeProfileName(profile: { name: string; uid: string }, nodeName: string): string {
  return `${cut(profile.name, MAX_NAME_LENGTH)}-${hash(`${profile.uid}/${nodeName}`)}`;
}

/** The node's name as a label value, which is shorter than a name may be. */
export function nodeLabelValue(nodeName: string): string {
  if (nodeName.length <= MAX_LABEL_LENGTH) return nodeName;
  return `${cut(nodeName, MAX_LABEL_LENGTH - 11)}-${hash(nodeName)}`;
}

function build(input: DesiredInput, nodeName: string, candidates: Candidate[]): DesiredNodeProfile {
  const { name, namespace, uid, generation } = input.profile.metadata;
  const { level, queryText, spans, metrics, programs, export: destination } = input.spec;
  return {
    apiVersion: API_VERSION,
    kind: 'NodeProfile',
    metadata: {
      name: nodeProfileName({ name, uid }, nodeName),
      namespace,
      labels: { [MANAGED_BY_LABEL]: MANAGED_BY, [PROFILE_UID_LABEL]: uid, [NODE_LABEL]: nodeLabelValue(nodeName) },
      ownerReferences: [
        { apiVersion: API_VERSION, kind: 'PostgresProfile', name, uid, controller: true, blockOwnerDeletion: false },
      ],
    },
    spec: {
      nodeName,
      profile: { name, uid, generation },
      level,
      queryText,
      spans,
      metrics,
      programs,
      destination: destination.destination,
      ...(input.expiresAt && { expiresAt: input.expiresAt }),
      targets: candidates.map((candidate) => targetOf(candidate, input.clusterName)).sort(byContainerID),
    },
  };
}

function targetOf({ pod, container, nodeName }: Candidate, clusterName: string | undefined): NodeProfileTarget {
  return {
    podNamespace: pod.metadata.namespace,
    podName: pod.metadata.name,
    podUID: pod.metadata.uid,
    container: container.name,
    containerID: container.containerID,
    resource: containerResource({ pod, container, nodeName, clusterName }),
  };
}

function byContainerID(a: NodeProfileTarget, b: NodeProfileTarget): number {
  return a.containerID < b.containerID ? -1 : 1;
}

/** A part of a name has to end with a letter or digit before `-` can follow. */
function cut(name: string, length: number): string {
  return name.slice(0, length).replace(/[-.]+$/, '');
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 10);
}
