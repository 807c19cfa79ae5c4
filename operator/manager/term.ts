/** One time of leading: queues and workers that begin with everything that is due and end with what is in flight. */
import type { Clock } from '../../kube/clock.js';
import type { Controllers, Due } from '../controllers.js';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics.js';
import { createWorkQueue } from '../queue.js';
import type { Traces } from '../traces.js';
import type { Health } from './health.js';
import { runWorkers } from './workers.js';

/** Keys of one controller that are worked on at once. */
const WORKERS = 4;
/** An API server that answers at all answers a reconcile's few requests sooner. */
const RECONCILE_LIMIT_MS = 60_000;
/** A reconcile that is still there then does not heed its signal: only a restart helps. */
const STUCK_MS = 120_000;
/** What a reconcile that is in flight may still take when this operator is to stop. */
const DRAIN_MS = 10_000;
/** And after it was told to leave off. */
const CUT_MS = 1_000;

export interface TermOptions {
  controllers: Controllers;
  health: Health;
  metrics: Metrics;
  traces: Traces;
  log: Log;
  clock: Clock;
}

export interface Terms {
  /** Dropped while this operator does not lead: a leader begins with everything. */
  enqueue(due: Due[]): void;
  /** Works until `signal` is aborted and what was in flight has ended or its time is over. */
  lead(signal: AbortSignal): Promise<void>;
}

export function createTerms({ controllers, health, metrics, traces, log, clock }: TermOptions): Terms {
  let queues = new Map<string, ReturnType<typeof createWorkQueue>>();
  const enqueue = (due: Due[]): void => {
    for (const { controller, key } of due) queues.get(controller)?.add(key);
  };

  return {
    enqueue,
    async lead(signal) {
      const cut = new AbortController();
      const bounds: (() => void)[] = [];
      const running = controllers.controllers.map((controller) => {
        const { name } = controller;
        const queue = createWorkQueue({ metrics: metrics.queue(name) });
        queues.set(name, queue);
        const longestMs = (): number => queue.unfinished().longestSeconds * 1000;
        bounds.push(health.bound(`workers of ${name}`, { longestMs, limitMs: STUCK_MS }));
        const options = { controller, queue, count: WORKERS, limitMs: RECONCILE_LIMIT_MS, metrics, traces, log };
        return runWorkers(options, signal, cut.signal);
      });
      enqueue(controllers.all());
      const ended = Promise.all(running);
      await aborted(signal);
      queues = new Map();
      if (!(await within(clock, DRAIN_MS, ended))) {
        cut.abort(new Error('the operator stops'));
        if (!(await within(clock, CUT_MS, ended))) log.warn('a reconcile does not end; the operator stops without it');
      }
      for (const unbind of bounds) unbind();
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** Whether it ended in time. */
async function within(clock: Clock, ms: number, work: Promise<unknown>): Promise<boolean> {
  const limit = Promise.withResolvers<boolean>();
  const cancel = clock.after(ms, () => limit.resolve(false));
  const inTime = await Promise.race([work.then(() => true), limit.promise]);
  cancel();
  return inTime;
}
