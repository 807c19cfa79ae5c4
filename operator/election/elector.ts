/** One candidate's view of the Lease, and one attempt to get or keep it. */
import type { Clock } from '../../kube/clock.js';
import { type Claim, claimed, firstLease, type Lease, released, sameRecord } from './lease.js';
import type { LeaseStore } from './lease-store.js';

export interface ElectorOptions {
  store: LeaseStore;
  identity: string;
  leaseDurationMs: number;
  /** Monotonic: a Lease is judged by how long this process has seen it unchanged, so no clock of another machine matters. */
  clock: Clock;
  /** Milliseconds since 1970. */
  wallClock(): number;
}

export interface Elector {
  /** Who held the Lease when it was read last; empty if nobody did. */
  readonly holder: string;
  /** Takes the Lease if it is free or expired, or renews it. Whether it is held now. Rejects if the server cannot be asked. */
  attempt(signal: AbortSignal): Promise<boolean>;
  /** Gives it back, if it is still held. */
  release(signal: AbortSignal): Promise<void>;
}

export function createElector({ store, identity, leaseDurationMs, clock, wallClock }: ElectorOptions): Elector {
  let observed: { lease: Lease; atMs: number } | undefined;

  const observe = (lease: Lease): void => {
    if (observed === undefined || !sameRecord(observed.lease, lease)) observed = { lease, atMs: clock.now() };
    // Others may have changed a label: the version must be the newest one, the time of the record the first one.
    else observed = { lease, atMs: observed.atMs };
  };
  const holderOf = (): string => observed?.lease.spec?.holderIdentity ?? '';
  const isExpired = ({ lease, atMs }: { lease: Lease; atMs: number }): boolean =>
    clock.now() - atMs >= (lease.spec?.leaseDurationSeconds ?? leaseDurationMs / 1000) * 1000;
  const claim = (): Claim => ({ identity, leaseDurationMs, wallNowMs: wallClock() });

  const write = async (lease: Lease, signal: AbortSignal): Promise<boolean> => {
    const stored = await store.write(lease, signal);
    if (stored !== undefined) observe(stored);
    return stored !== undefined;
  };

  return {
    get holder() {
      return holderOf();
    },
    async attempt(signal) {
      // A holder writes at once: one request, and the server refuses it if anybody wrote in between.
      if (observed !== undefined && holderOf() === identity && !isExpired(observed)) {
        if (await write(claimed(observed.lease, claim()), signal)) return true;
      }
      const lease = await store.read(signal);
      if (lease === undefined) return write(firstLease(store.name, store.namespace, claim()), signal);
      observe(lease);
      const isFree = holderOf() === '' || holderOf() === identity || (observed !== undefined && isExpired(observed));
      return isFree && write(claimed(lease, claim()), signal);
    },
    async release(signal) {
      if (observed === undefined || holderOf() !== identity) return;
      await write(released(observed.lease, wallClock()), signal);
    },
  };
}
