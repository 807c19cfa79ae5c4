/** NodeProfiles for tests, as the API server would store them. */
import { keyOfTarget } from '../../../agent/node/plan.js';
import { projectNodeProfile } from '../../../agent/node/profiles.js';

export const ID = 'a'.repeat(64);
export const OTHER_ID = 'b'.repeat(64);

/** How the agent knows these. */
export const KEY = keyOfTarget(target());
export const OTHER_KEY = keyOfTarget(target(OTHER_ID));

export function target(id = ID, change: Record<string, unknown> = {}) {
  return {
    podNamespace: 'shop',
    podName: 'orders-db-0',
    podUID: 'pod-1',
    container: 'postgres',
    containerID: `containerd://${id}`,
    resource: { 'service.name': 'orders-db' },
    ...change,
  };
}

/** `spec`: fields that differ from the smallest one. */
export function rawProfile(name: string, spec: Record<string, unknown> = {}) {
  return {
    apiVersion: 'pgscope.dev/v1alpha1',
    kind: 'NodeProfile',
    metadata: { name, namespace: 'shop', uid: `uid of ${name}`, resourceVersion: '1', generation: 3 },
    spec: {
      nodeName: 'node-a',
      profile: { name, uid: 'p', generation: 1 },
      targets: [target()],
      ...spec,
    },
  };
}

export function profile(name: string, spec: Record<string, unknown> = {}) {
  return projectNodeProfile(rawProfile(name, spec));
}
