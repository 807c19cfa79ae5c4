/** What the operator watches. */
import type { KubeClient } from '../../kube/client.js';
import { customPath } from '../names.js';
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
} from '../views.js';
import { createWatched, type Watched } from './watched.js';

export interface Watches {
  profiles: Watched<Profile>;
  pods: Watched<Pod>;
  nodeProfiles: Watched<NodeProfileObject>;
  agents: Watched<AgentPod>;
  nodes: Watched<NodeObject>;
}

export interface WatchesOptions {
  client: KubeClient;
  /** Namespace of the agents. */
  namespace: string;
  agentSelector: string;
  /** Of profiles, NodeProfiles and pods; undefined: all. */
  watchNamespaces: readonly string[] | undefined;
  onLog(line: string): void;
}

export function createWatches(options: WatchesOptions): Watches {
  const { client, namespace, agentSelector, watchNamespaces, onLog } = options;
  const watched = { client, namespaces: watchNamespaces, onLog };
  return {
    profiles: createWatched({
      ...watched,
      name: 'postgresprofiles',
      path: (of) => customPath('postgresprofiles', of),
      project: projectProfile,
    }),
    pods: createWatched({ ...watched, name: 'pods', path: podsPath, project: projectPod }),
    nodeProfiles: createWatched({
      ...watched,
      name: 'nodeprofiles',
      path: (of) => customPath('nodeprofiles', of),
      project: projectNodeProfile,
    }),
    agents: createWatched({
      ...watched,
      name: 'agents',
      path: () => podsPath(namespace),
      namespaces: undefined,
      labelSelector: agentSelector,
      project: projectAgentPod,
    }),
    nodes: createWatched({
      ...watched,
      name: 'nodes',
      path: () => '/api/v1/nodes',
      namespaces: undefined,
      project: projectNode,
    }),
  };
}

function podsPath(namespace?: string): string {
  return namespace === undefined ? '/api/v1/pods' : `/api/v1/namespaces/${namespace}/pods`;
}
