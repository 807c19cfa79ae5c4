/** The reflector's loop: list, then watch from there on and on; a new list only when the server has forgotten where the watch was. */
import { isExpired, KubeError } from '../client.js';
import { type Clock, sleep } from '../clock.js';
import type { Identified } from '../objects.js';
import type { ReflectorOptions } from '../reflector.js';
import { createBackoff } from './backoff.js';
import { listAll } from './list.js';
import { tryProject } from './project.js';
import type { Replica } from './store.js';
import { follow, OutOfOrderError } from './watch.js';

/** What has happened so far. */
export interface Progress {
  /** Complete lists. */
  lists: number;
  /** Watches that were asked for. */
  watches: number;
  /** When the last event, bookmark or list came; ms since 1970, 0 before the first. */
  lastEventAt: number;
  /** Lists and watches that failed, expired ones too. */
  failures: number;
}

export interface RunOptions<T extends Identified> extends ReflectorOptions<T> {
  clock: Clock;
  replica: Replica<T>;
  progress: Progress;
  /** Is called after each complete list. */
  onSynced(): void;
  signal: AbortSignal;
}

/** Watches that fail in a row, though the server can be reached, before its position is given up: a restored etcd may never reach it again. */
const FAILURES_BEFORE_LIST = 5;
/** A watch that the server ends sooner is no success: without a pause, it would be asked for again and again. */
const SHORT_WATCH_MS = 10_000;
/** A list costs most; within this time of the last one a new one has to wait. */
const FREE_LIST_MS = 120_000;
/** The server may ask for a pause up to this. */
const MAX_RETRY_AFTER_MS = 120_000;

/** Ends when `signal` is aborted; never rejects. */
export async function runReflector<T extends Identified>(options: RunOptions<T>): Promise<void> {
  const { client, path, name, clock, replica, progress, signal } = options;
  const project = (raw: unknown) => tryProject(raw, options.project, (line) => options.onLog(`${name}: ${line}`));
  const common = { client, path, project, signal, ...(options.query && { query: options.query }) };
  const listBackoff = createBackoff();
  const watchBackoff = createBackoff();
  let lastListAt = Number.NEGATIVE_INFINITY;
  let failedWatches = 0;
  let position: string | undefined;

  const pause = (ms: number, error?: unknown): Promise<void> => sleep(clock, Math.max(ms, askedMs(error)), signal);

  const failed = (error: unknown): void => {
    progress.failures += 1;
    options.onLog(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  };

  const list = async (): Promise<void> => {
    if (clock.now() - lastListAt < FREE_LIST_MS) await pause(listBackoff.next(clock.now()));
    if (signal.aborted) return;
    try {
      const listed = await listAll({ ...common, ...(options.pageSize && { pageSize: options.pageSize }) });
      if (signal.aborted) return;
      replica.replace(listed.objects);
      position = listed.resourceVersion;
      progress.lists += 1;
      moved();
      options.onSynced();
    } catch (error) {
      if (signal.aborted) return;
      failed(error);
      await pause(0, error);
    } finally {
      lastListAt = clock.now();
    }
  };

  const moved = (): void => {
    progress.lastEventAt = clock.now();
    failedWatches = 0;
  };

  const watch = async (since: string): Promise<void> => {
    const openedAt = clock.now();
    progress.watches += 1;
    const onProgress = (resourceVersion: string): void => {
      moved();
      if (resourceVersion !== position) watchBackoff.reset();
      position = resourceVersion;
    };
    try {
      await follow({ ...common, replica, clock, onProgress }, since);
      failedWatches = 0;
      if (clock.now() - openedAt < SHORT_WATCH_MS) await pause(watchBackoff.next(clock.now()));
      else watchBackoff.reset();
    } catch (error) {
      if (!signal.aborted) await recover(error);
    }
  };

  const recover = async (error: unknown): Promise<void> => {
    failed(error);
    if (isReached(error)) failedWatches += 1;
    if (isExpired(error) || error instanceof OutOfOrderError || failedWatches >= FAILURES_BEFORE_LIST) {
      failedWatches = 0;
      position = undefined;
      return;
    }
    await pause(watchBackoff.next(clock.now()), error);
  };

  while (!signal.aborted) await (position === undefined ? list() : watch(position));
}

function askedMs(error: unknown): number {
  const asked = error instanceof KubeError ? (error.retryAfterMs ?? 0) : 0;
  return Math.min(asked, MAX_RETRY_AFTER_MS);
}

/** A server that is away or busy will know the position when it is back. */
function isReached(error: unknown): boolean {
  return !(error instanceof KubeError && (error.reason === 'NoAnswer' || error.code === 429));
}
