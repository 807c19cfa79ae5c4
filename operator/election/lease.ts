/** The Lease as it travels, and what an elector writes into it. Pure. */
import type { V1Lease } from '@kubernetes/client-node';

/** The generated types decode times into Dates; in JSON they are strings. */
type Wire<T> = T extends Date ? string : T extends object ? { [K in keyof T]: Wire<T[K]> } : T;

export type LeaseSpec = NonNullable<Wire<V1Lease>['spec']>;

/** Everything that is not the election's own, such as labels, is written back as it was read. */
export interface Lease {
  apiVersion: 'coordination.k8s.io/v1';
  kind: 'Lease';
  metadata: { name: string; namespace: string; resourceVersion?: string; [other: string]: unknown };
  spec?: LeaseSpec;
}

export interface Claim {
  identity: string;
  leaseDurationMs: number;
  /** Milliseconds since 1970, for people who read the Lease: no elector decides by it. */
  wallNowMs: number;
}

/** The Lease for its first holder. */
export function firstLease(name: string, namespace: string, claim: Claim): Lease {
  const empty: Lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace } };
  return { ...empty, spec: { ...claimedSpec(undefined, claim), leaseTransitions: 0 } };
}

/** The Lease held, or still held, by the claim's identity. */
export function claimed(lease: Lease, claim: Claim): Lease {
  return { ...lease, spec: claimedSpec(lease.spec, claim) };
}

function claimedSpec(before: LeaseSpec | undefined, { identity, leaseDurationMs, wallNowMs }: Claim): LeaseSpec {
  const now = microTime(wallNowMs);
  const kept = before?.holderIdentity === identity;
  return {
    ...before,
    holderIdentity: identity,
    leaseDurationSeconds: Math.ceil(leaseDurationMs / 1000),
    acquireTime: kept ? (before.acquireTime ?? now) : now,
    renewTime: now,
    leaseTransitions: (before?.leaseTransitions ?? 0) + (kept ? 0 : 1),
  };
}

/** The Lease without a holder: whoever asks next has it at once. */
export function released(lease: Lease, wallNowMs: number): Lease {
  const now = microTime(wallNowMs);
  const spec = { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, acquireTime: now, renewTime: now };
  return { ...lease, spec };
}

/** Whether the holder has written since: what is compared is the record, never a clock of another machine. */
export function sameRecord(one: Lease, other: Lease): boolean {
  return JSON.stringify(record(one)) === JSON.stringify(record(other));
}

function record({ spec = {} }: Lease) {
  const { holderIdentity, leaseDurationSeconds, acquireTime, renewTime, leaseTransitions } = spec;
  return [holderIdentity ?? '', leaseDurationSeconds, acquireTime, renewTime, leaseTransitions];
}

/** MicroTime wants exactly six digits. */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
