/** Servers that the tracer refuses, by container, with its own words for a row. */

import type { Postmaster } from '../targets.js';
import type { RefusedError } from '../tracer.js';

export interface RefusedServer {
  reason: string;
  message: string;
}

export interface Refusals {
  /** True if this is news. */
  refused(postmaster: Postmaster, error: RefusedError): boolean;
  attached(postmaster: Postmaster): void;
  of(container: string): RefusedServer[];
  /** Forgets all other containers. */
  keep(containers: { has(container: string): boolean }): void;
}

export function createRefusals(): Refusals {
  /** Container → server → why. */
  const refusals = new Map<string, Map<string, RefusedServer>>();
  return {
    refused({ id, container = '' }, { reason, message }) {
      const servers = refusals.get(container) ?? new Map<string, RefusedServer>();
      const before = servers.get(id)?.message;
      refusals.set(container, servers.set(id, { reason, message }));
      return before !== message;
    },
    attached({ id, container = '' }) {
      refusals.get(container)?.delete(id);
    },
    of: (container) => [...(refusals.get(container)?.values() ?? [])],
    keep(containers) {
      for (const container of refusals.keys()) if (!containers.has(container)) refusals.delete(container);
    },
  };
}
