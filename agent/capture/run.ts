/** Runs a capture: starts the tracer, attaches, drains each interval until the end, and stops with a last drain. */

import { setTimeout } from 'node:timers/promises';
import type { QueryDescriber } from '../queries.js';
import { createFollower, TargetError, type TargetSelection } from '../targets.js';
import { startTracer, type Tracer, TracerError, tracerPath } from '../tracer.js';
import { type Activity, type CaptureInterval, createActivity } from './activity.js';
import { createDrain } from './drain.js';
import { createRouter, type Router } from './route.js';
import { type CapturedServer, createServers, type Servers } from './servers.js';
import type { CaptureSettings } from './settings.js';
import type { CaptureSink } from './sink.js';

export interface CaptureOptions {
  selection: TargetSelection;
  settings: CaptureSettings;
  describe: QueryDescriber['describe'];
  /** Where events go besides; default nowhere. */
  sink?: CaptureSink;
  /** Counts from the first attached server; default until `signal`. ms. */
  durationMs?: number;
  /** Ends the capture with a last drain. */
  signal: AbortSignal;
  /** PGSCOPE_TRACER names another tracer. */
  env: NodeJS.ProcessEnv;
  /** A server is attached; again when it has restarted. */
  onAttached(server: CapturedServer): void;
  /** Called after each drain; the next one waits for it. The last call comes when the capture has ended. */
  onInterval(interval: CaptureInterval): void | Promise<void>;
  /** Lines for people. */
  onLog(line: string): void;
}

/** Nothing can be recorded; the message says why and what to do. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError';
}

/** Resolves when the capture has ended and the tracer is gone. Rejects with a CaptureError if it cannot begin. */
export async function runCapture(options: CaptureOptions): Promise<void> {
  try {
    await capture(options);
  } catch (error) {
    throw error instanceof TargetError || error instanceof TracerError ? new CaptureError(error.message) : error;
  }
}

async function capture(options: CaptureOptions): Promise<void> {
  const { selection, settings, env, sink, onAttached, onLog } = options;
  const activity = createActivity(() => router.lost('queriesForgotten'));
  const sinks = sink === undefined ? [activity] : [activity, sink];
  const router = createRouter({
    describe: (_target, { text, truncated }) => options.describe(text, { truncated, queryText: settings.queryText }),
    sinks,
    servers: () => servers,
    tracer: () => tracer,
    onLog,
  });
  const tracer = await startTracer({ path: tracerPath(env), onEvent: router.receive, onLog });
  const servers = createServers({
    tracer,
    follower: createFollower(selection),
    settings: () => settings.tracer,
    onLog,
    onAttached(server) {
      for (const each of sinks) each.addTarget(server);
      onAttached(server);
    },
  });
  try {
    await attachFirst(servers, onLog);
    await drainUntilEnd({ options, tracer, servers, router, activity });
  } finally {
    await tracer.stop();
  }
}

async function attachFirst(servers: Servers, onLog: (line: string) => void): Promise<void> {
  const refusals = await servers.start();
  if (servers.all.length > 0) return refusals.forEach(onLog);
  throw new CaptureError(
    refusals.length > 0
      ? refusals.join('\n')
      : 'no PostgreSQL server runs on this host, or none that this process can see (in a container: share the PID namespace of the host)',
  );
}

interface Running {
  options: CaptureOptions;
  tracer: Tracer;
  servers: Servers;
  router: Router;
  activity: Activity;
}

/** Drains at fixed times, so that intervals do not drift; a time that has passed meanwhile is left out. */
async function drainUntilEnd({ options, tracer, servers, router, activity }: Running): Promise<void> {
  const { settings, signal, durationMs, onLog, onInterval } = options;
  const end = durationMs === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(durationMs)]);
  const startedAt = performance.now();
  let drainedAt = startedAt;

  async function onDrained(): Promise<void> {
    const now = performance.now();
    const seconds = (now - drainedAt) / 1000;
    drainedAt = now;
    await onInterval({
      at: new Date(),
      seconds,
      servers: servers.all,
      ...activity.take(),
      losses: router.losses,
    });
  }
  const drain = createDrain({ tracer, router, locks: settings.lockWaits ?? false, onDrained, onLog });

  for (let ending = false; !ending; ) {
    const elapsedMs = performance.now() - startedAt;
    const untilNextMs = settings.intervalMs - (elapsedMs % settings.intervalMs);
    await setTimeout(untilNextMs, undefined, { signal: end }).catch(() => {});
    ending = end.aborted;
    if (!ending) await servers.poll();
    await drain();
  }
}
