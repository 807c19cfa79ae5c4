/** The tracer as the agent uses it: when it dies, a new one is started and told about the same targets. */

import { RefusedError, TracerError } from './errors.js';
import type { DrainedEvent, ReadyEvent, TracerEvent, TracerSettings } from './events.js';
import { createRestarter } from './restart.js';
import { openSession, type Session, type SessionOptions } from './session.js';

export interface TracerOptions extends Omit<SessionOptions, 'onMalformed'> {
  /** Wait before the first restart, doubled each time up to a minute until the tracer has run for a minute. Default 1000 ms. */
  restartDelayMs?: number;
}

export interface Tracer {
  /** What the tracer said when it was ready; after a restart the new one's. */
  readonly ready: ReadyEvent;
  /** False from its death until it has been started again. */
  readonly running: boolean;
  /** How often the tracer died and was started again. */
  readonly restarts: number;
  /** Lines that were no event, or none that could be used. */
  readonly malformedLines: number;
  /** Rejects with a RefusedError, or with a TracerError if the tracer is not there. */
  attach(target: string, pid: number, settings: TracerSettings): Promise<void>;
  settings(target: string, settings: TracerSettings): Promise<void>;
  /** Also while the tracer is not there: the next one is not told about the target. */
  detach(target: string): Promise<void>;
  /** `locks`: who waits for a lock is told, too. */
  drain(options?: { locks?: boolean }): Promise<DrainedEvent>;
  /** Ends the tracer; the kernel then detaches everything. */
  stop(): Promise<void>;
}

const MAX_MALFORMED_LOGS = 10;

/** Resolves when the tracer is ready; rejects with a TracerError whose message says why it is not. */
export async function startTracer(options: TracerOptions): Promise<Tracer> {
  const { onEvent, onLog, restartDelayMs = 1000 } = options;
  const attached = new Map<string, { pid: number; settings: TracerSettings }>();
  const stopping = new AbortController();
  let malformedLines = 0;

  const sessionOptions: SessionOptions = {
    ...options,
    onEvent(event: TracerEvent) {
      if (event.type === 'detached') attached.delete(event.target);
      onEvent(event);
    },
    onMalformed(problem) {
      malformedLines += 1;
      if (malformedLines <= MAX_MALFORMED_LOGS) onLog(`a line of the tracer was left out: ${problem}`);
    },
  };

  const restarter = createRestarter({
    open: () => openSession(sessionOptions),
    onLog,
    delayMs: restartDelayMs,
    signal: stopping.signal,
  });

  /** Undefined while the tracer is being started again. */
  let session: Session | undefined = await openSession(sessionOptions);
  let { ready } = session;
  const supervised = supervise(session);

  async function supervise(first: Session): Promise<void> {
    for (let current: Session | undefined = first; current !== undefined; ) {
      const startedAt = performance.now();
      const how = await current.ended;
      session = undefined;
      current = await restarter.next(how, performance.now() - startedAt);
      if (current !== undefined) await resume(current);
    }
  }

  async function resume(next: Session): Promise<void> {
    if (stopping.signal.aborted) return await next.stop();
    session = next;
    ready = next.ready;
    await attachAgain(next);
  }

  async function attachAgain(next: Session): Promise<void> {
    for (const [target, { pid, settings }] of attached) {
      try {
        await next.attach(target, pid, settings);
      } catch (error) {
        if (!(error instanceof RefusedError)) return; // It has died again.
        onLog(`${target} could not be attached again: ${error.message}`);
        sessionOptions.onEvent({ type: 'detached', target, reason: 'Exited' });
      }
    }
  }

  function running(): Session {
    if (session === undefined) throw new TracerError('the tracer has died and is being started again');
    return session;
  }

  return {
    get ready() {
      return ready;
    },
    get running() {
      return session !== undefined;
    },
    get restarts() {
      return restarter.attempts;
    },
    get malformedLines() {
      return malformedLines;
    },
    async attach(target, pid, settings) {
      await running().attach(target, pid, settings);
      attached.set(target, { pid, settings });
    },
    async settings(target, settings) {
      await running().settings(target, settings);
      const known = attached.get(target);
      if (known !== undefined) known.settings = settings;
    },
    async detach(target) {
      attached.delete(target);
      await session?.detach(target);
    },
    drain: async (options) => await running().drain(options),
    async stop() {
      stopping.abort();
      await session?.stop();
      await supervised;
    },
  };
}
