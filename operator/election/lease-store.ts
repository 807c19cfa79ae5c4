/** Reads and writes the one Lease; the API server's resourceVersion decides who was first. */
import { type KubeClient, KubeError } from '../../kube/client.js';
import type { Lease } from './lease.js';

export interface LeaseStore {
  readonly name: string;
  readonly namespace: string;
  /** Undefined if there is none. */
  read(signal: AbortSignal): Promise<Lease | undefined>;
  /** Gives the Lease as stored; undefined if somebody else was faster. Rejects with a KubeError. */
  write(lease: Lease, signal: AbortSignal): Promise<Lease | undefined>;
}

export function createLeaseStore(client: KubeClient, namespace: string, name: string): LeaseStore {
  const all = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
  const path = `${all}/${name}`;
  return {
    name,
    namespace,
    read: (signal) => unless('NotFound', client.request<Lease>({ path, signal })),
    write: (lease, signal) =>
      lease.metadata.resourceVersion === undefined
        ? unless('AlreadyExists', client.request<Lease>({ method: 'POST', path: all, body: lease, signal }))
        : unless('Conflict', client.request<Lease>({ method: 'PUT', path, body: lease, signal })),
  };
}

async function unless(reason: string, answer: Promise<Lease>): Promise<Lease | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof KubeError && error.reason === reason) return undefined;
    throw error;
  }
}
