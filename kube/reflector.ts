/** Keeps a local copy of all objects of one kind, and tells what changes. The door of `kube/reflector`. */
import type { KubeClient } from './client.js';
import { type Clock, systemClock } from './clock.js';
import type { Identified } from './objects.js';
import { createListeners } from './reflector/listeners.js';
import { type Progress, runReflector } from './reflector/run.js';
import { type Change, createReplica, type Store } from './reflector/store.js';

export type { Progress } from './reflector/run.js';
export type { Change, Store } from './reflector/store.js';

export interface ReflectorOptions<T extends Identified> {
  client: KubeClient;
  /** The collection, such as `/api/v1/pods`. */
  path: string;
  query?: { labelSelector?: string; fieldSelector?: string };
  /** For logs and metrics, such as `pods`. */
  name: string;
  /**
   * Makes what is kept of an object, right after decoding; nothing else of it is kept. The result must have the object's own name,
   * namespace, uid and resourceVersion. An object for which it throws is logged and treated as absent.
   */
  project(raw: unknown): T;
  onLog(line: string): void;
  /** Objects per page of a list; default 500. */
  pageSize?: number;
  clock?: Clock;
}

export interface Reflector<T> {
  /** What is known now; it lags behind the server, and keeps the last known state while the server is away. */
  readonly store: Store<T>;
  /** Whether the store has been filled once. */
  readonly synced: boolean;
  /** Ends when `synced` is true; rejects with the signal's reason, or when the reflector is stopped before. */
  whenSynced(signal?: AbortSignal): Promise<void>;
  /**
   * Is called for each change in order, after the store has it. Changes replayed from an empty store give the store. What it throws is logged. Must be
   * called before `start`.
   */
  onChange(listener: (change: Change<T>) => void): void;
  start(): void;
  /** Ends when no request, timer or watch of it is left. It cannot be started again. */
  stop(): Promise<void>;
  readonly progress: Readonly<Progress>;
}

export function createReflector<T extends Identified>(options: ReflectorOptions<T>): Reflector<T> {
  const { name, onLog, clock = systemClock } = options;
  const stopping = new AbortController();
  const sync = Promise.withResolvers<void>();
  // A reflector that nobody waits for may be stopped before it is synced.
  sync.promise.catch(() => undefined);
  const progress: Progress = { lists: 0, watches: 0, lastEventAt: 0, failures: 0 };
  const listeners = createListeners<Change<T>>((line) => onLog(`${name}: ${line}`));
  const replica = createReplica<T>(listeners.tell);
  let synced = false;
  let running: Promise<void> | undefined;

  const onSynced = (): void => {
    synced = true;
    sync.resolve();
  };

  return {
    store: replica.store,
    get synced() {
      return synced;
    },
    whenSynced: (signal) => unlessAborted(sync.promise, signal),
    onChange: (listener) => {
      if (running !== undefined) throw new Error(`${name}: onChange must be called before start`);
      listeners.add(listener);
    },
    start: () => {
      if (stopping.signal.aborted)
        throw new Error(`${name}: was stopped and cannot be started again; make a new reflector`);
      running ??= runReflector({ ...options, clock, replica, progress, onSynced, signal: stopping.signal });
    },
    stop: async () => {
      const stopped = new Error(`${name}: the reflector was stopped`);
      stopping.abort(stopped);
      sync.reject(stopped);
      await running;
    },
    progress,
  };
}

function unlessAborted(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return promise;
  const { promise: first, resolve, reject } = Promise.withResolvers<void>();
  const abort = (): void => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  return first;
}
