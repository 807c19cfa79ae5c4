/** pgscope's own pods in the cluster. */
import { NAMESPACE } from './installation.js';
import { eventually, get, type KubeObject, list } from './kubernetes.js';
import { isReady } from './postgres.js';

const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;

export async function agentPods(): Promise<KubeObject[]> {
  return await list(PODS, { labelSelector: 'app.kubernetes.io/component=agent' });
}

export async function operatorPods(): Promise<KubeObject[]> {
  return await list(PODS, { labelSelector: 'app.kubernetes.io/component=operator' });
}

/** The agent's pod on a node; undefined while there is none. */
export async function agentOn(node: string): Promise<KubeObject | undefined> {
  return (await agentPods()).find(({ spec }) => spec.nodeName === node);
}

export async function agentReadyOn(node: string): Promise<KubeObject> {
  let pod: KubeObject | undefined;
  await eventually(`the agent on ${node} to be Ready`, async () => {
    pod = await agentOn(node);
    return isReady(pod);
  });
  return pod;
}

export async function operatorReady(): Promise<KubeObject> {
  let ready: KubeObject | undefined;
  await eventually('an operator to be Ready', async () => {
    ready = (await operatorPods()).find(isReady);
    return ready !== undefined;
  });
  return ready;
}

export async function operatorGone(): Promise<void> {
  await eventually('the operators to be gone', async () => (await operatorPods()).length === 0);
}

/** Identity of the operator that leads; it begins with the name of its pod. */
export async function leader(): Promise<string> {
  let holder = '';
  await eventually('an operator to lead', async () => {
    const lease = await get(`/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/pgscope-operator`);
    holder = lease?.spec?.holderIdentity ?? '';
    return holder !== '';
  });
  return holder;
}
