/**
 * The agent on a node: captures what the NodeProfiles of its node ask for, for as long as it runs. The door of agent/node/.
 * One loop: profiles and time make a plan, a step makes what runs equal to it, and the status says how far that got.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeClient } from '../kube/client.js';
import { keyOf } from '../kube/objects.js';
import { createReflector } from '../kube/reflector.js';
import { createNodeCapture } from './node/capture.js';
import type { Destinations } from './node/destinations.js';
import { healthz, readyz } from './node/health.js';
import { keepHeapSmall } from './node/heap.js';
import { openHttp } from './node/http.js';
import { metricsPage } from './node/metrics-page.js';
import { makePlan } from './node/plan.js';
import { isFor, NODE_PROFILES_PATH, projectNodeProfile } from './node/profiles.js';
import { createLibrary, createNodePrograms, projectTraceProgram, TRACE_PROGRAMS_PATH } from './node/programs.js';
import { openReceivers, type Receiver, type Receivers } from './node/receivers.js';
import { createReporter } from './node/report.js';
import { createStatusWriter } from './node/status-writer.js';
import { createStreams } from './node/streams.js';
import { createWake } from './node/wake.js';
import { createQueryDescriber } from './queries.js';

export { type Destinations, DestinationsError, readDestinations } from './node/destinations.js';

export interface NodeAgentOptions {
  nodeName: string;
  client: KubeClient;
  destinations: Destinations;
  /** Whether the administrator allows queryText: raw on this node. */
  allowRawText: boolean;
  /** Trace programs: the most runs at one time, and whether one may see every process of the node. */
  maxPrograms: number;
  allowNodePrograms: boolean;
  /** NodeProfiles of other namespaces are refused; undefined: none is. */
  watchNamespaces: readonly string[] | undefined;
  /** Of /healthz, /readyz and /metrics; 0: any free one, which is logged. */
  port: number;
  /** PGSCOPE_TRACER names another tracer. */
  env: NodeJS.ProcessEnv;
  /** Ends the agent: a last drain, what is left is sent. */
  signal: AbortSignal;
  onLog(line: string): void;
}

/** Steps are at most so far apart: expiry and rows are seen to in this time. ms. */
const STEP_MS = 1000;
/** No two steps are closer together than this, however often something changes. ms. */
const MIN_STEP_MS = 50;
/** How long receivers that do not answer can hold up the end. */
const END_MS = 10_000;
/** As long as a bpftrace has to end by itself, and its last values a moment more (agent/programs/bpftrace/process.ts). */
const PROGRAMS_END_MS = 12_000;

/** Resolves when the signal has come and all is flushed. Rejects if the port is taken or there is no tracer. */
export async function runNodeAgent(options: NodeAgentOptions): Promise<void> {
  const { nodeName, client, destinations, allowRawText, watchNamespaces, signal, onLog } = options;
  const namespaces = watchNamespaces && new Set(watchNamespaces);
  keepHeapSmall();
  const now = () => performance.now();
  const wake = createWake();
  const describer = await createQueryDescriber();
  const receivers = openReceivers({
    destinations,
    nodeName,
    programLosses: (destination) => programs.losses(destination),
    onLog,
  });
  const streams = createStreams({
    telemetry: (destination) => receiverOf(receivers, destination).telemetry,
    describe: describer.describe,
    nodeName,
    now,
  });
  const capture = createNodeCapture({ ...options, streams, describe: describer.describe, onChange: wake.now });
  const library = createReflector({
    client,
    path: TRACE_PROGRAMS_PATH,
    name: 'traceprograms',
    project: projectTraceProgram,
    onLog,
  });
  const programs = createNodePrograms({
    library: createLibrary({
      store: library.store,
      synced: () => library.synced,
      allowNode: options.allowNodePrograms,
    }),
    maxRuns: options.maxPrograms,
    servers: (container) => capture.view(container).servers,
    resource: ({ target }, destination) => streams.resource(target, destination),
    output: (destination) => receiverOf(receivers, destination).programs,
    takes: (destination) => receiverOf(receivers, destination).takes,
    describe: describer.describe,
    env: options.env,
    onChange: wake.now,
    onLog,
  });
  const writer = createStatusWriter({ client, onLog });
  const reporter = createReporter({ capture, programs, receivers, writer });
  const reflector = createReflector({
    client,
    path: NODE_PROFILES_PATH,
    query: { fieldSelector: `spec.nodeName=${nodeName}` },
    name: 'nodeprofiles',
    project: projectNodeProfile,
    onLog,
  });
  let steppedAt: number | undefined;
  const health = { steppedAt: () => steppedAt, synced: () => reflector.synced, capture, now };
  const metrics = () =>
    metricsPage({
      receivers,
      rows: reporter.rows,
      programs: programs.states,
      nodeProfiles: reflector.store.size,
      synced: reflector.synced,
      tracerRunning: capture.tracer.kind === 'running',
      tracerRestarts: capture.restarts,
      captureLosses: capture.losses,
      statusWriteFailures: writer.failures,
    });

  async function step(): Promise<void> {
    const own = [...reflector.store.values()].filter((profile) => isFor(profile, nodeName));
    const profiles = own.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    const plan = makePlan(profiles, { rawText: allowRawText, destinations: receivers, namespaces }, Date.now());
    await capture.step(plan);
    programs.step(plan);
    reporter.report(profiles, plan);
    steppedAt = now();
  }

  const http = await openHttp({ port: options.port, healthz: healthz(health), readyz: readyz(health), metrics }).catch(
    async (error: Error) => {
      await capture.end();
      throw error;
    },
  );
  onLog(`agent of node ${nodeName}: /healthz, /readyz and /metrics on port ${http.port}`);
  signal.addEventListener('abort', wake.now, { once: true });
  reflector.onChange(wake.now);
  reflector.start();
  if (options.maxPrograms > 0) {
    library.onChange(wake.now);
    library.start();
  }
  await reflector.whenSynced(signal).catch(() => {});
  while (!signal.aborted) {
    await step();
    const untilNextMs = Math.min(STEP_MS, capture.nextAt - now(), programs.nextAt - now());
    await new Promise((resolve) => setTimeout(resolve, MIN_STEP_MS));
    await wake.within(Math.max(0, untilNextMs - MIN_STEP_MS));
  }
  // The status stays as it is: that nothing is captured any more, the operator sees by the agent's pod.
  await Promise.all([reflector.stop(), library.stop(), writer.stop()]);
  await Promise.all([capture.end(), within(programs.end(), PROGRAMS_END_MS)]);
  await Promise.all([...receivers.values()].map(({ telemetry }) => telemetry.shutdown(END_MS)));
  client.close();
  await http.close();
}

/** What has not ended by then is ended by the kernel, with this process. */
async function within(ended: Promise<void>, limitMs: number): Promise<void> {
  const waiting = new AbortController();
  const limit = sleep(limitMs, undefined, { signal: waiting.signal }).catch(() => {});
  try {
    await Promise.race([ended, limit]);
  } finally {
    waiting.abort();
  }
}

function receiverOf(receivers: Receivers, destination: string): Receiver {
  const receiver = receivers.get(destination);
  if (receiver === undefined) throw new Error(`no destination ${destination}`);
  return receiver;
}
