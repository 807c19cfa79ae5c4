/** A large cluster's nodes and pods, written straight into an API server as kubelets and controllers would write them. */
import { type Administrator, AnswerError, eachOf } from './administrator.js';
import { heartbeat, nodeObject, nodeStatus } from './fleet/node-object.js';
import { containerID, containersOf, type FleetPod, podObject, podStatus } from './fleet/pod-object.js';

export interface FleetSize {
  nodes: number;
  /** Each is a namespace with a profile. */
  teams: number;
  podsPerTeam: number;
  /** Of a team's pods; together they are on all nodes. */
  databasesPerTeam: number;
}

const KUBELET = 'fieldManager=kubelet';
const CONTROLLER = 'fieldManager=kube-controller-manager';
const STRATEGIC = 'application/strategic-merge-patch+json';
const PROFILE = {
  apiVersion: 'pgscope.dev/v1alpha1',
  kind: 'PostgresProfile',
  metadata: { name: 'databases' },
  spec: { selector: { matchLabels: { 'app.kubernetes.io/name': 'postgresql' } } },
};

export class Fleet {
  readonly nodes: Set<string>;
  /** Of the teams, without agents. */
  readonly pods: FleetPod[];
  readonly agents = new Map<string, FleetPod>();
  readonly namespaces: string[];
  readonly #administrator: Administrator;

  constructor(administrator: Administrator, size: FleetSize) {
    this.#administrator = administrator;
    const nodes = Array.from({ length: size.nodes }, (_, number) => `node-${String(number).padStart(4, '0')}.example`);
    this.nodes = new Set(nodes);
    this.namespaces = Array.from({ length: size.teams }, (_, team) => `team-${String(team).padStart(2, '0')}`);
    this.pods = this.namespaces.flatMap((namespace, team) => podsOf(namespace, team, nodes, size));
  }

  async write(): Promise<void> {
    for (const name of this.namespaces) await this.#create('/api/v1/namespaces', { metadata: { name } });
    await eachOf(this.nodes, (name) => this.#writeNode(name));
    await this.ready(this.namespaces);
    await eachOf(this.pods, (pod) => this.#writePod(pod));
  }

  async applyProfiles(): Promise<void> {
    await eachOf(this.namespaces, (namespace) => this.#create(profiles(namespace), PROFILE));
  }

  /** Another spec, so that every NodeProfile of these is another one, too. */
  async changeProfiles(namespaces: readonly string[]): Promise<void> {
    const body = { spec: { metrics: { interval: '30s' } } };
    const contentType = 'application/merge-patch+json';
    for (const namespace of namespaces)
      await this.#administrator.ask('PATCH', `${profiles(namespace)}/databases`, { body, contentType });
  }

  /** What the controller manager makes in a new namespace before pods can be created. */
  async ready(namespaces: readonly string[]): Promise<void> {
    for (const namespace of namespaces)
      await this.#create(`/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name: 'default' } });
  }

  /** One for each node, as the DaemonSet controller makes them for the label. */
  async startAgents(nodes: Iterable<string>): Promise<void> {
    await eachOf(nodes, async (nodeName) => {
      const name = `pgscope-agent-${nodeName.split('.')[0]}`;
      const pod: FleetPod = { namespace: 'pgscope', name, nodeName, kind: 'agent', incarnation: 0 };
      await this.#writePod(pod);
      this.agents.set(nodeName, pod);
    });
  }

  /** Deletes the pods and creates others of the same names, as a StatefulSet's roll does. */
  async replacePods(pods: readonly FleetPod[]): Promise<void> {
    await eachOf(pods, async (pod) => {
      await this.#deletePod(pod);
      pod.incarnation += 1;
      await this.#writePod(pod);
    });
  }

  /** Takes nodes away, and their pods as the pod garbage collector does: the nodes first. */
  async removeNodes(names: readonly string[]): Promise<void> {
    await eachOf(names, (name) => this.#administrator.ask('DELETE', `/api/v1/nodes/${name}`));
    for (const name of names) this.nodes.delete(name);
    const lost = [...this.pods, ...this.agents.values()].filter(({ nodeName }) => !this.nodes.has(nodeName));
    await eachOf(lost, (pod) => this.#deletePod(pod));
    for (const pod of lost) {
      if (pod.kind === 'agent') this.agents.delete(pod.nodeName);
      else this.pods.splice(this.pods.indexOf(pod), 1);
    }
  }

  async heartbeat(nodeName: string): Promise<void> {
    await this.#administrator.ask('PATCH', `/api/v1/nodes/${nodeName}/status?${KUBELET}`, {
      body: { status: { conditions: heartbeat() } },
      contentType: STRATEGIC,
    });
  }

  databases(): FleetPod[] {
    return this.pods.filter(({ kind }) => kind === 'database');
  }

  databasesOf(namespace: string): number {
    return this.databases().filter((pod) => pod.namespace === namespace).length;
  }

  /** Every container that a profile means: what NodeProfiles have to hold, one line each. */
  targets(): string[] {
    return this.databases().flatMap((pod) =>
      containersOf(pod).map((name) => targetLine(pod.namespace, pod.nodeName, `${pod.uid} ${containerID(pod, name)}`)),
    );
  }

  /** What a pod takes as JSON, with all that the API server adds. */
  async sizes(): Promise<string> {
    const sizes = [this.pods[0], this.pods.at(-1)].map(async (pod) => {
      const { length } = JSON.stringify(pod && (await this.#administrator.ask('GET', podPath(pod))));
      return `${(length / 1000).toFixed(0)} KB`;
    });
    return `of ${(await Promise.all(sizes)).join(' and ')} each`;
  }

  async #writeNode(name: string): Promise<void> {
    const node = await this.#create('/api/v1/nodes', nodeObject(name));
    const status = { ...node, spec: { ...node.spec, taints: [] }, status: nodeStatus(name) };
    await this.#administrator.ask('PUT', `/api/v1/nodes/${name}/status?${KUBELET}`, { body: status });
  }

  async #writePod(pod: FleetPod): Promise<void> {
    const created = await this.#create(`/api/v1/namespaces/${pod.namespace}/pods`, podObject(pod));
    pod.uid = created.metadata.uid;
    const body = { ...created, status: podStatus(pod) };
    await this.#administrator.ask('PUT', `${podPath(pod)}/status?${KUBELET}`, { body });
  }

  /** First asked to end, then gone: two changes, as a kubelet makes them. */
  async #deletePod(pod: FleetPod): Promise<void> {
    await this.#administrator.ask('DELETE', podPath(pod));
    const now = { gracePeriodSeconds: 0, preconditions: { uid: pod.uid } };
    await this.#administrator.ask('DELETE', podPath(pod), { body: now }).catch((error: unknown) => {
      if (!(error instanceof AnswerError && error.code === 404)) throw error;
    });
  }

  #create(collection: string, body: object) {
    return this.#administrator.ask('POST', `${collection}?${CONTROLLER}`, { body });
  }
}

function profiles(namespace: string): string {
  return `/apis/pgscope.dev/v1alpha1/namespaces/${namespace}/postgresprofiles`;
}

export function targetLine(namespace: string, nodeName: string, rest: string): string {
  return `${namespace} ${nodeName} ${rest}`;
}

function podPath({ namespace, name }: FleetPod): string {
  return `/api/v1/namespaces/${namespace}/pods/${name}`;
}

/** Two teams share a node's databases where each has as many as there are nodes for two: everything is spread evenly. */
function podsOf(namespace: string, team: number, nodes: string[], size: FleetSize): FleetPod[] {
  const { databasesPerTeam, podsPerTeam } = size;
  return Array.from({ length: podsPerTeam }, (_, number): FleetPod => {
    const isDatabase = number < databasesPerTeam;
    const at = isDatabase ? team * databasesPerTeam + number : team * podsPerTeam + number;
    const nodeName = nodes[at % nodes.length] ?? '';
    const name = isDatabase ? `orders-db-${number}` : `checkout-${number % 17}-${String(number).padStart(5, '0')}`;
    return { namespace, name, nodeName, kind: isDatabase ? 'database' : 'service', incarnation: 0 };
  });
}
