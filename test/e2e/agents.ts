/** pgscope's own pods in the cluster, and what their processes hold on the machine. */
import { readdirSync, readFileSync } from 'node:fs';
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

/** PIDs, as this machine shows them, of a pod's processes by their name (15 characters at most). */
export function processesOf({ metadata }: KubeObject, comm: string): number[] {
  const uid = String(metadata.uid);
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && read(pid, 'comm').trim() === comm && read(pid, 'cgroup').includes(uid));
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // it has ended
  }
}
