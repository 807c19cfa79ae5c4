/** What controllers see of the cluster and of their settings; main puts it together, tests build small ones. */
import type { KubeClient } from '../kube/client.js';
import type { Store } from '../kube/reflector.js';
import type { EventRecorder } from './events.js';
import type { AgentPod, NodeObject, NodeProfileObject, Pod, Profile } from './views.js';

/** The settings that decide what controllers do; the operator's own settings have more. */
export interface ControllerSettings {
  /** Namespace of operator and agents. */
  namespace: string;
  /** Names of the destinations that the administrator has defined. */
  destinations: readonly string[];
  /** Whether profiles may ask for queryText: raw. */
  allowRawText: boolean;
  /** How long a node keeps its label after its last target has gone. */
  labelGraceMs: number;
  /** k8s.cluster.name of every resource; undefined: the attribute is left out. */
  clusterName?: string | undefined;
}

export interface Cluster {
  profiles: Store<Profile>;
  pods: Store<Pod>;
  nodeProfiles: Store<NodeProfileObject>;
  agents: Store<AgentPod>;
  nodes: Store<NodeObject>;
  client: KubeClient;
  settings: ControllerSettings;
  /** Milliseconds since 1970. */
  clock: { now(): number };
  events: EventRecorder;
  onLog(line: string): void;
}
