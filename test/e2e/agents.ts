/** pgscope's own pods in the cluster. */
import { NAMESPACE } from './installation.js';
import { eventually, type KubeObject, list } from './kubernetes.js';
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
