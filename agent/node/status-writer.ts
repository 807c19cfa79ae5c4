/** Writes the status of NodeProfiles: transitions at once, all else every half minute and only if it has changed; again when it failed. */

import type { NodeProfileStatus } from '../../api/node-profile.js';
import { type KubeClient, KubeError } from '../../kube/client.js';
import { keyOf } from '../../kube/objects.js';
import { type NodeProfile, statusPath } from './profiles.js';

export interface StatusWriterOptions {
  client: Pick<KubeClient, 'request'>;
  onLog(line: string): void;
  /** Wall clock, ms; default Date.now. */
  now?: () => number;
}

export interface StatusWriter {
  /** What the status is now; cheap when nothing is to be written. */
  offer(profile: NodeProfile, status: NodeProfileStatus): void;
  /** The last one that was written or stored; undefined if none is known. */
  last(profile: NodeProfile): NodeProfileStatus | undefined;
  /** Forgets all other profiles. */
  keep(profiles: Iterable<NodeProfile>): void;
  /** Resolves when no write is under way; nothing is written any more. */
  stop(): Promise<void>;
  /** Writes that failed so far. */
  readonly failures: number;
}

interface Written {
  status?: NodeProfileStatus;
  shape?: string;
  transition?: string;
  at: number;
  failedInRow: number;
  notBefore: number;
  writing: Promise<void> | undefined;
  /** The object is gone, or nobody may write: nothing is tried again. */
  over: boolean;
}

const EVERY_MS = 30_000;
const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 60_000;
const MANAGER = 'pgscope-agent';

export function createStatusWriter({ client, onLog, now = Date.now }: StatusWriterOptions): StatusWriter {
  const objects = new Map<string, Written>();
  const stopping = new AbortController();
  let failures = 0;

  function writtenOf(profile: NodeProfile): Written {
    const key = keyWithUid(profile);
    const known = objects.get(key);
    if (known !== undefined) return known;
    const fresh: Written = { at: 0, failedInRow: 0, notBefore: 0, writing: undefined, over: false };
    objects.set(key, fresh);
    return fresh;
  }

  function isDue(written: Written, status: NodeProfileStatus): boolean {
    if (written.over || written.writing !== undefined || now() < written.notBefore) return false;
    if (transitionOf(status) !== written.transition) return true;
    return now() - written.at >= EVERY_MS && JSON.stringify(status) !== written.shape;
  }

  async function write(profile: NodeProfile, status: NodeProfileStatus, written: Written): Promise<void> {
    try {
      await client.request({
        method: 'PATCH',
        path: statusPath(profile),
        query: { fieldManager: MANAGER },
        contentType: 'application/merge-patch+json',
        body: { status },
        signal: stopping.signal,
      });
      Object.assign(written, { status, shape: JSON.stringify(status), transition: transitionOf(status) });
      Object.assign(written, { at: now(), failedInRow: 0, notBefore: 0 });
    } catch (error) {
      failed(profile, written, error as Error);
    }
  }

  function failed(profile: NodeProfile, written: Written, error: Error): void {
    if (stopping.signal.aborted) return;
    if (error instanceof KubeError && error.code === 404) {
      written.over = true;
      return;
    }
    failures += 1;
    written.failedInRow += 1;
    if (written.failedInRow === 1)
      onLog(`the status of NodeProfile ${keyOf(profile)} cannot be written: ${error.message}; trying again`);
    const asked = error instanceof KubeError ? (error.retryAfterMs ?? 0) : 0;
    const pauseMs = Math.min(FIRST_RETRY_MS * 2 ** (written.failedInRow - 1), MAX_RETRY_MS);
    written.notBefore = now() + Math.max(pauseMs, asked);
  }

  return {
    offer(profile, status) {
      const written = writtenOf(profile);
      if (stopping.signal.aborted || !isDue(written, status)) return;
      written.writing = write(profile, status, written).finally(() => {
        written.writing = undefined;
      });
    },
    last: (profile) => objects.get(keyWithUid(profile))?.status,
    keep(profiles) {
      const keys = new Set(Array.from(profiles, keyWithUid));
      for (const key of objects.keys()) if (!keys.has(key)) objects.delete(key);
    },
    async stop() {
      stopping.abort();
      await Promise.all([...objects.values()].map(({ writing }) => writing));
    },
    get failures() {
      return failures;
    },
  };
}

/** Of two objects of one name, one after the other, each gets its own status. */
function keyWithUid(profile: NodeProfile): string {
  return `${keyOf(profile)} ${profile.metadata.uid}`;
}

/** What is told at once when it changes; numbers, times and wording are not. */
function transitionOf({ observedGeneration, targets = [], programs = [], conditions = [] }: NodeProfileStatus): string {
  return JSON.stringify([
    observedGeneration,
    targets.map(({ containerID, state, reason, pid, level }) => [containerID, state, reason, pid, level]),
    programs.map(({ name, state, reason, running }) => [name, state, reason, running]),
    conditions.map(({ type, status, reason }) => [type, status, reason]),
  ]);
}
