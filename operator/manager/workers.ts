/** The workers of one controller: each takes a key, reconciles it, gives it back. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Controller, Requeue } from '../controller.js';
import type { Log } from '../log.js';
import type { Metrics, ReconcileResult } from '../metrics.js';
import type { WorkQueue } from '../queue.js';
import type { Traces } from '../traces.js';

export interface WorkersOptions {
  controller: Controller;
  queue: WorkQueue;
  /** Keys worked on at once. */
  count: number;
  /** A reconcile's signal is aborted after so long. */
  limitMs: number;
  metrics: Metrics;
  traces: Traces;
  log: Log;
}

/**
 * Works until `stop` is aborted and what was in flight has ended. `cut` ends that too: it aborts the signal of each reconcile. Never
 * rejects: what a reconcile throws is logged, and its key tried again later.
 */
export async function runWorkers(options: WorkersOptions, stop: AbortSignal, cut: AbortSignal): Promise<void> {
  const { controller, queue, count, metrics } = options;
  const unregister = metrics.workers(controller.name, count, () => queue.unfinished());
  const shutDown = (): void => void queue.shutDown();
  if (stop.aborted) shutDown();
  stop.addEventListener('abort', shutDown, { once: true });
  await Promise.all(Array.from({ length: count }, () => work(options, stop, cut)));
  unregister();
}

async function work(options: WorkersOptions, stop: AbortSignal, cut: AbortSignal): Promise<void> {
  const { queue } = options;
  for (;;) {
    const key = await queue.take();
    if (key === undefined) return;
    // What still waits after the stop is taken and given back, so that the queue runs empty and lets all workers go.
    if (!stop.aborted) await reconcile(options, key, cut);
    queue.done(key);
    // A reconcile that has nothing to write waits for nothing, and a queue full of these would keep the Lease from being renewed.
    await nextTurn();
  }
}

async function reconcile(options: WorkersOptions, key: string, cut: AbortSignal): Promise<void> {
  const { controller, queue, metrics, traces, log } = options;
  const { name } = controller;
  const limit = limitedSignal(cut, options.limitMs);
  const beganMs = performance.now();
  let result: ReconcileResult = 'error';
  metrics.started(name);
  try {
    const requeue = await traces.reconcile({ controller: name, key }, async () =>
      controller.reconcile(key, limit.signal),
    );
    result = requeue === undefined ? 'success' : 'requeue_after';
    succeeded(queue, key, requeue);
  } catch (error) {
    const cause = limit.signal.aborted ? limit.signal.reason : error;
    if (!cut.aborted) log.error(`reconcile failed: ${messageOf(cause)}`, { controller: name, key });
    queue.addAfterFailure(key);
  } finally {
    limit.cancel();
    metrics.ended(name, result, (performance.now() - beganMs) / 1000);
  }
}

function succeeded(queue: WorkQueue, key: string, requeue: Requeue | undefined): void {
  queue.forget(key);
  if (requeue !== undefined) queue.addAfter(key, requeue.afterMs);
}

/** A signal of its own for each reconcile: listeners on one that lives as long as the operator would pile up. */
function limitedSignal(cut: AbortSignal, limitMs: number): { signal: AbortSignal; cancel(): void } {
  const own = new AbortController();
  const onCut = (): void => own.abort(cut.reason);
  if (cut.aborted) onCut();
  cut.addEventListener('abort', onCut, { once: true });
  const timer = setTimeout(() => own.abort(new Error(`took longer than ${limitMs / 1000} s`)), limitMs);
  return {
    signal: own.signal,
    cancel() {
      clearTimeout(timer);
      cut.removeEventListener('abort', onCut);
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
