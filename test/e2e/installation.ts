/** pgscope in the cluster: installed by helm, as a user would do it; operator and agents can be sent away. */
import { execa } from 'execa';
import { patch } from './kubernetes.js';
import { VALUES } from './values.js';

export const RELEASE = 'pgscope';
export const NAMESPACE = 'pgscope';
const APPS = `/apis/apps/v1/namespaces/${NAMESPACE}`;
export const OPERATOR_PATH = `${APPS}/deployments/pgscope-operator`;
export const AGENT_PATH = `${APPS}/daemonsets/pgscope-agent`;

/** Brings the release to the suite's values and these options, such as `--set agent.privileged=true`. */
export async function upgrade(...options: string[]): Promise<void> {
  await helm(
    'upgrade',
    '--install',
    RELEASE,
    'charts/pgscope',
    '--create-namespace',
    '--wait',
    '--values=-',
    ...options,
  );
}

/** Runs helm in pgscope's namespace; `--values=-` are the suite's. */
export async function helm(...args: string[]): Promise<string> {
  return (await execa('helm', [...args, '--namespace', NAMESPACE], { input: JSON.stringify(VALUES) })).stdout;
}

export async function scaleOperator(replicas: number): Promise<void> {
  await patch(OPERATOR_PATH, { spec: { replicas } });
}

/** Agents find no node that they may run on. */
export async function keepAgentsAway(away: boolean): Promise<void> {
  const nodeSelector = { 'e2e.pgscope.dev/nowhere': away ? 'true' : null };
  await patch(AGENT_PATH, { spec: { template: { spec: { nodeSelector } } } });
}
