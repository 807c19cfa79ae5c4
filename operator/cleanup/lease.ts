/**
 * Makes operators stand down by holding their Lease. Deleting it would let the next one lead at once, and scaling the Deployment would
 * need a right over it; held by somebody else, the leader loses it at its next renewal and no other can take it. It expires, so that a
 * cleanup that died leaves an operator that works again.
 */
import { type KubeClient, KubeError } from '../../kube/client.js';

/** No pod can have this name. */
export const CLEANUP_HOLDER = 'pgscope cleanup';

const HELD_FOR_SECONDS = 600;
const MOST_TRIES = 20;

interface Lease {
  metadata: { name: string; namespace: string; resourceVersion?: string };
  spec?: { holderIdentity?: string; leaseTransitions?: number; [field: string]: unknown };
}

export interface LeasePlace {
  client: KubeClient;
  namespace: string;
  leaseName: string;
  signal: AbortSignal;
}

/** Whether somebody else held it before. Throws if others change it all the time. */
export async function holdLease(place: LeasePlace): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    try {
      return await tryToHold(place);
    } catch (error) {
      const changed = error instanceof KubeError && error.code === 409;
      if (!changed || tries >= MOST_TRIES) throw error;
    }
  }
}

async function tryToHold({ client, namespace, leaseName, signal }: LeasePlace): Promise<boolean> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
  const lease = await client.request<Lease>({ path: `${path}/${leaseName}`, signal }).catch((error: unknown) => {
    if (error instanceof KubeError && error.code === 404) return undefined;
    throw error;
  });
  const before = lease?.spec?.holderIdentity ?? '';
  const now = new Date().toISOString().replace('Z', '000Z');
  const body = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    ...lease,
    metadata: { name: leaseName, namespace, ...lease?.metadata },
    spec: {
      ...lease?.spec,
      holderIdentity: CLEANUP_HOLDER,
      leaseDurationSeconds: HELD_FOR_SECONDS,
      acquireTime: now,
      renewTime: now,
      leaseTransitions: (lease?.spec?.leaseTransitions ?? 0) + (before === CLEANUP_HOLDER ? 0 : 1),
    },
  };
  if (lease === undefined) await client.request({ method: 'POST', path, body, signal });
  else await client.request({ method: 'PUT', path: `${path}/${leaseName}`, body, signal });
  return before !== '' && before !== CLEANUP_HOLDER;
}
