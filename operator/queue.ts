/**
 * A queue of keys with the semantics of client-go's: a key that waits is there once, a key is never worked on twice at once, and a key
 * added while it is worked on is worked on again. The door of `operator/queue`.
 */
import { type Clock, systemClock } from '../kube/clock.js';
import { createDelays } from './queue/delays.js';
import { createKeyBackoff } from './queue/key-backoff.js';
import { NO_METRICS, type QueueMetrics, type UnfinishedWork } from './queue/metrics.js';
import { createRateBound } from './queue/rate-bound.js';

export type { QueueMetrics, UnfinishedWork } from './queue/metrics.js';

export interface WorkQueueOptions {
  clock?: Clock;
  metrics?: QueueMetrics;
}

/** It grows with the number of different keys, and no further. */
export interface WorkQueue {
  add(key: string): void;
  /** Adds after `ms`; of several such times of one key the earliest holds. */
  addAfter(key: string, ms: number): void;
  /** Adds a key whose work failed: after 5 ms, doubled with each failure up to 1000 s, and no more than 10 keys a second after the first 100. */
  addAfterFailure(key: string): void;
  /** The key's work succeeded: its next failure is the first. */
  forget(key: string): void;
  /** Failures of the key since it was last forgotten. */
  failures(key: string): number;
  /** Waits for a key and takes it; it must be given back by `done`. Undefined when the queue was shut down and nothing waits. */
  take(): Promise<string | undefined>;
  done(key: string): void;
  /** Takes no more keys, drops those that are delayed; ends when what waited has been taken and given back. */
  shutDown(): Promise<void>;
  /** Keys that wait to be taken, delayed ones not counted. */
  readonly depth: number;
  /** What is being worked on now. */
  unfinished(): UnfinishedWork;
}

export function createWorkQueue({ clock = systemClock, metrics = NO_METRICS }: WorkQueueOptions = {}): WorkQueue {
  /** Keys to work on, with the time at which each was added; a Map keeps their order. */
  const waiting = new Map<string, number>();
  /** Keys being worked on, with the time at which each was taken. */
  const working = new Map<string, number>();
  /** Keys added while being worked on. */
  const again = new Map<string, number>();
  const takers: ((key: string | undefined) => void)[] = [];
  const drained = Promise.withResolvers<void>();
  const backoff = createKeyBackoff();
  const rate = createRateBound(clock);
  let shutting = false;

  const secondsSince = (ms: number): number => Math.max(0, clock.now() - ms) / 1000;

  const add = (key: string): void => {
    if (shutting || waiting.has(key) || again.has(key)) return;
    metrics.added();
    if (working.has(key)) again.set(key, clock.now());
    else enqueue(key, clock.now());
  };

  const delays = createDelays(clock, add);

  const addAfter = (key: string, ms: number): void => {
    if (shutting) return;
    if (ms <= 0) add(key);
    else delays.add(key, ms);
  };

  const enqueue = (key: string, addedAt: number): void => {
    waiting.set(key, addedAt);
    metrics.depth(waiting.size);
    const taker = takers.shift();
    if (taker !== undefined) taker(takeFirst());
  };

  const takeFirst = (): string | undefined => {
    for (const [key, addedAt] of waiting) {
      waiting.delete(key);
      working.set(key, clock.now());
      metrics.depth(waiting.size);
      metrics.waited(secondsSince(addedAt));
      return key;
    }
    return undefined;
  };

  const settle = (): void => {
    if (!shutting || waiting.size > 0) return;
    // No key can come any more but one that was added again while it is worked on.
    if (working.size > 0) return;
    for (const taker of takers.splice(0)) taker(undefined);
    drained.resolve();
  };

  return {
    add,
    addAfter,
    addAfterFailure: (key) => {
      if (shutting) return;
      metrics.retried();
      addAfter(key, Math.max(backoff.next(key), rate.reserve()));
    },
    forget: (key) => backoff.forget(key),
    failures: (key) => backoff.failures(key),
    take: () => {
      const key = takeFirst();
      if (key !== undefined || (shutting && working.size === 0)) return Promise.resolve(key);
      return new Promise((resolve) => takers.push(resolve));
    },
    done: (key) => {
      const takenAt = working.get(key);
      if (takenAt === undefined) throw new Error(`the key ${key} is not being worked on; done must follow take once`);
      working.delete(key);
      metrics.worked(secondsSince(takenAt));
      const addedAt = again.get(key);
      again.delete(key);
      if (addedAt !== undefined) enqueue(key, addedAt);
      settle();
    },
    shutDown: () => {
      shutting = true;
      delays.clear();
      settle();
      return drained.promise;
    },
    get depth() {
      return waiting.size;
    },
    unfinished: () => {
      const seconds = [...working.values()].map(secondsSince);
      return { seconds: seconds.reduce((sum, one) => sum + one, 0), longestSeconds: Math.max(0, ...seconds) };
    },
  };
}
