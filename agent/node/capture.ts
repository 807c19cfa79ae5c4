/** The capture on a node: makes what runs equal to the plan, step by step, and drains when metrics are due. */

import { type CapturedServer, createDrain, createRouter, createServers, type Servers } from '../capture.js';
import { type ContainerSight, createContainerFollower } from '../containers.js';
import type { QueryDescriber } from '../queries.js';
import { RefusedError, type Tracer, TracerError, tracerPath } from '../tracer.js';
import type { Plan, PlannedTarget } from './plan.js';
import { createRefusals, type RefusedServer } from './refusals.js';
import type { Streams } from './streams.js';
import { holdTracer, type TracerState } from './tracer-holder.js';

export interface NodeCaptureOptions {
  streams: Streams;
  describe: QueryDescriber['describe'];
  env: NodeJS.ProcessEnv;
  /** Something has happened that a step should see to. */
  onChange(): void;
  onLog(line: string): void;
}

/** What is known about one container. */
export interface ContainerView {
  sight: ContainerSight;
  /** Of a postmaster that was seen in it, also of one that is not captured. */
  pid: number | undefined;
  servers: CapturedServer[];
  /** Servers in it that cannot be captured. */
  refusals: RefusedServer[];
}

export interface NodeCapture {
  /** Attaches, detaches, changes settings, drains: one step towards the plan. Never rejects; one at a time. */
  step(plan: Plan): Promise<void>;
  view(container: string): ContainerView;
  readonly tracer: TracerState;
  readonly restarts: number;
  /** When the tracer has answered last; monotonic ms, undefined before it is ready. */
  readonly answeredAt: number | undefined;
  /** When the next step has something to do by itself; monotonic ms. */
  readonly nextAt: number;
  /** Counts of what was lost on this node before it came to streams. */
  readonly losses: Record<string, number>;
  /** A last drain; then the tracer ends, and with it every probe. */
  end(): Promise<void>;
}

/** Also where nothing is due, a drain says that the tracer is there, and keeps the kernel's maps small. ms. */
const MAX_DRAIN_GAP_MS = 15_000;

export function createNodeCapture({ streams, describe, env, onChange, onLog }: NodeCaptureOptions): NodeCapture {
  const now = () => performance.now();
  const follower = createContainerFollower();
  const refusals = createRefusals();
  let running: { servers: Servers; drain(): Promise<void> } | undefined;
  let drainedAt = now();
  let answeredAt: number | undefined;
  let said = '';

  const router = createRouter({
    describe: (_target, { text, truncated }) => describe(text, { truncated, queryText: 'normalized' }),
    sinks: [streams],
    servers: () => begun().servers,
    tracer: () => ({ restarts: holder.tracer?.restarts ?? 0, malformedLines: holder.tracer?.malformedLines ?? 0 }),
    onLog,
  });
  const holder = holdTracer({
    path: tracerPath(env),
    onLog,
    onChange,
    onEvent(event) {
      answeredAt = now();
      router.receive(event);
      if (event.type === 'detached') onChange();
    },
  });

  let plan: ReadonlyMap<string, PlannedTarget> = new Map();
  const tracerSettings = (container = '') => {
    const target = plan.get(container);
    if (target === undefined) throw new Error(`container ${container} is not in the plan`);
    return target.tracer;
  };

  function begin(tracer: Tracer): void {
    const servers = createServers({
      tracer,
      follower,
      settings: ({ container }) => tracerSettings(container),
      onAttached(server) {
        refusals.attached(server);
        streams.addTarget(server);
        onLog(
          `capturing PostgreSQL ${server.version} of ${server.name}: PID ${server.pid}, ${server.backends} processes`,
        );
      },
      onRefused(postmaster, error) {
        if (refusals.refused(postmaster, error)) onLog(error.message);
      },
      onLog,
    });
    running = { servers, drain: createDrain({ tracer, router, onDrained: () => streams.collect(), onLog }) };
  }

  function begun() {
    if (running === undefined && holder.tracer !== undefined) begin(holder.tracer);
    if (running === undefined) throw new Error('the tracer has not started');
    return running;
  }

  /** What the tracer does not do now it is asked for again by the next step. */
  function sayOnce(error: Error): void {
    if (!(error instanceof TracerError || error instanceof RefusedError)) throw error;
    if (error.message !== said) onLog(error.message);
    said = error.message;
  }

  async function drain(): Promise<void> {
    drainedAt = now();
    await begun().drain();
  }

  async function follow(targets: Plan['targets']): Promise<void> {
    const { servers } = begun();
    for (const { target, container = '' } of servers.all) {
      if (targets.has(container)) continue;
      await servers.release(target);
      streams.removeTarget(target);
    }
    if (streams.addsTo(targets)) await drain();
    plan = targets;
    streams.follow(targets);
    await servers.configure();
    await servers.poll();
  }

  return {
    async step({ targets, looked }) {
      const nobodyAttaches = holder.tracer === undefined;
      const planned = Array.from(targets.values(), ({ container }) => ({ ...container, lookOnly: nobodyAttaches }));
      follower.want([...planned, ...looked]);
      refusals.keep(targets);
      if (nobodyAttaches) {
        follower.poll();
        return;
      }
      try {
        await follow(targets);
        if (streams.dueAt <= now() || now() - drainedAt >= MAX_DRAIN_GAP_MS) await drain();
        said = '';
      } catch (error) {
        sayOnce(error as Error);
      }
    },
    view: (container) => {
      const sight = follower.sight(container);
      const all = running?.servers.all ?? [];
      return {
        sight,
        pid: follower.postmaster(container),
        servers: all.filter((server) => server.container === container),
        refusals: sight === 'postmaster' ? refusals.of(container) : [],
      };
    },
    get tracer() {
      return holder.state;
    },
    get restarts() {
      return holder.tracer?.restarts ?? 0;
    },
    get answeredAt() {
      return answeredAt;
    },
    get nextAt() {
      return Math.min(follower.nextPollAt, streams.dueAt, drainedAt + MAX_DRAIN_GAP_MS);
    },
    get losses() {
      return router.losses;
    },
    async end() {
      if (holder.tracer?.running) await drain().catch((error: Error) => onLog(error.message));
      await holder.stop();
    },
  };
}
