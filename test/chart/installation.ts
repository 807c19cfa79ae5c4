/** The chart, installed by helm into an API server, and the objects that tests write there. */
import { execa } from 'execa';
import { helm } from '../../scripts/chart/helm.js';
import type { ApiServer, User } from './api-server.js';

export const NAMESPACE = 'pgscope';
export const OPERATOR = serviceAccount('pgscope-operator');
export const AGENT = serviceAccount('pgscope-agent');
export const CLEANUP = serviceAccount('pgscope-cleanup');

export function serviceAccount(name: string, namespace = NAMESPACE): User {
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  };
}

/** An agent with the token of a pod on this node. */
export function agentOn(node: string): User {
  return { ...AGENT, extra: { 'authentication.kubernetes.io/node-name': node } };
}

/** Runs `helm ARGUMENTS…` against the server; throws with what it printed if it fails. */
export async function runHelm({ url, token }: ApiServer, ...args: string[]): Promise<string> {
  const where = ['--kube-apiserver', url, '--kube-token', token, '--kube-insecure-skip-tls-verify'];
  const { stdout } = await execa(helm(), [...args, '--namespace', NAMESPACE, ...where], {
    env: { HELM_CONFIG_HOME: '/nonexistent', HELM_CACHE_HOME: '/nonexistent', KUBECONFIG: '/nonexistent' },
  });
  return stdout;
}

export function nodeProfilePath(namespace: string, name = ''): string {
  return `/apis/pgscope.dev/v1alpha1/namespaces/${namespace}/nodeprofiles${name && `/${name}`}`;
}

export function nodeProfile(name: string, nodeName: string) {
  return {
    apiVersion: 'pgscope.dev/v1alpha1',
    kind: 'NodeProfile',
    metadata: {
      name,
      ownerReferences: [
        { apiVersion: 'pgscope.dev/v1alpha1', kind: 'PostgresProfile', name: 'db', uid: 'a-uid', controller: true },
      ],
    },
    spec: { nodeName, profile: { name: 'db', uid: 'a-uid', generation: 1 }, targets: [] },
  };
}
