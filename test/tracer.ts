/** What the real tracer tells about real servers, summed up query by query for tests to compare. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  AggregateEvent,
  AttachedEvent,
  Counters,
  DetachedEvent,
  DrainedEvent,
  HookEvent,
  LockEvent,
  QueryEvent,
  StatementEvent,
  TracerEvent,
  TracerSettings,
} from '../agent/tracer/events.js';
import type { IoEvent } from '../agent/tracer/io-event.js';
import { startTracer, type Tracer, tracerPath } from '../agent/tracer.js';

import { childrenOf } from './servers.js';

/** The counters that a test can rely on: absent ones are 0. */
export type CounterName = keyof Counters;

/** What one query (or several that a test takes together) did since the recording began or was reset. */
export interface QueryTotals {
  /** Distinct, of all that were summed. */
  fingerprints: string[];
  /** Text of each fingerprint as the tracer told it. */
  texts: string[];
  calls: number;
  errors: number;
  /** Executions in the histogram of durations. */
  measured: number;
  counter(name: CounterName): number;
}

const EVERYTHING: TracerSettings = {
  level: 'statements',
  minDurationNs: null,
  errors: true,
  sampleRatio: 0,
  traceContext: ['sqlcomment', 'application_name'],
  maxPerSecond: 1_000_000,
  rawText: true,
  minWaitNs: 1_000_000,
  nestedDepth: 1,
};

export class Recording {
  readonly attached = new Map<string, AttachedEvent>();
  readonly detached: DetachedEvent[] = [];
  readonly hooks: HookEvent[] = [];
  readonly log: string[] = [];
  statements: StatementEvent[] = [];
  aggregates: AggregateEvent[] = [];
  io: IoEvent[] = [];
  #locks: LockEvent[] = [];
  lastDrain: DrainedEvent | undefined;
  readonly #queries = new Map<string, QueryEvent>();
  #tracer: Tracer | undefined;

  static async start(): Promise<Recording> {
    const recording = new Recording();
    recording.#tracer = await startTracer({
      path: tracerPath(process.env),
      onEvent: (event) => recording.#take(event),
      onLog: (line) => recording.log.push(line),
    });
    return recording;
  }

  get tracer(): Tracer {
    if (this.#tracer === undefined) throw new Error('the recording has been stopped');
    return this.#tracer;
  }

  /** PID of the tracer itself. */
  processId(): number {
    const own = childrenOf(process.pid).find(({ pid }) =>
      readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('pgscope-tracer'),
    );
    if (own === undefined) throw new Error('the tracer does not run');
    return own.pid;
  }

  async attach({ pid }: { pid: number }, settings: Partial<TracerSettings> = {}, target = 'local'): Promise<void> {
    await this.tracer.attach(target, pid, { ...EVERYTHING, ...settings });
  }

  async settings(settings: Partial<TracerSettings>, target = 'local'): Promise<void> {
    await this.tracer.settings(target, { ...EVERYTHING, ...settings });
  }

  async drain(): Promise<DrainedEvent> {
    const restarts = this.tracer.restarts;
    const drained = await this.tracer.drain();
    if (restarts > 0 || this.tracer.malformedLines > 0) {
      throw new Error(`the tracer died or wrote nonsense:\n${this.log.slice(-20).join('\n')}`);
    }
    return drained;
  }

  /** Who waits for a lock now. */
  async locks(): Promise<LockEvent[]> {
    this.#locks = [];
    await this.tracer.drain({ locks: true });
    return this.#locks;
  }

  /** Sum of the queries whose text has this marker (a name that only one test's statements contain), after a drain. */
  async totals(marker: string, target = 'local'): Promise<QueryTotals> {
    await this.drain();
    return this.sum((event) => event.target === target && this.text(event).includes(marker));
  }

  sum(belongs: (event: AggregateEvent) => boolean): QueryTotals {
    const events = this.aggregates.filter(belongs);
    const add = (value: (event: AggregateEvent) => number) => events.reduce((sum, event) => sum + value(event), 0);
    const fingerprints = [...new Set(events.map(({ fingerprint }) => fingerprint))];
    return {
      fingerprints,
      texts: [...new Set(events.map((event) => this.text(event)))],
      calls: add(({ calls }) => calls),
      errors: add(({ errors }) => errors),
      measured: add(({ durations }) => durations?.counts.reduce((sum, count) => sum + count, 0) ?? 0),
      counter: (name) => add((event) => event[name] ?? 0),
    };
  }

  /** Text of the query of an event; empty if the tracer has not told it. */
  text({ target, fingerprint }: { target: string; fingerprint: string }): string {
    return this.#queries.get(`${target} ${fingerprint}`)?.text ?? '';
  }

  query(target: string, fingerprint: string): QueryEvent | undefined {
    return this.#queries.get(`${target} ${fingerprint}`);
  }

  /** Records of statements whose query's text has this marker, after a drain. */
  async records(marker: string, target = 'local'): Promise<StatementEvent[]> {
    await this.drain();
    return this.statements.filter((event) => event.target === target && this.text(event).includes(marker));
  }

  /** Losses since the tracer's start that are not 0. */
  async losses(): Promise<Record<string, number>> {
    const { losses } = await this.drain();
    return Object.fromEntries(Object.entries(losses).filter(([, count]) => count > 0));
  }

  /** Drains until the condition holds. */
  async until(condition: () => boolean, what: string, timeoutMs = 30_000): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      await this.drain();
      if (condition()) return;
      if (performance.now() > deadline) throw new Error(`the tracer has not told within ${timeoutMs} ms: ${what}`);
      await sleep(50);
    }
  }

  /** Forgets what was counted so far; texts of known queries stay, as the tracer tells them once. */
  async reset(): Promise<void> {
    await this.drain();
    this.aggregates = [];
    this.statements = [];
    this.io = [];
  }

  async stop(): Promise<void> {
    await this.#tracer?.stop();
    this.#tracer = undefined;
  }

  #take(event: TracerEvent): void {
    switch (event.type) {
      case 'attached':
        this.attached.set(event.target, event);
        break;
      case 'detached':
        this.detached.push(event);
        break;
      case 'hook':
        this.hooks.push(event);
        break;
      case 'query':
        this.#queries.set(`${event.target} ${event.fingerprint}`, event);
        break;
      case 'statement':
        this.statements.push(event);
        break;
      case 'aggregate':
        this.aggregates.push(event);
        break;
      case 'io':
        this.io.push(event);
        break;
      case 'lock':
        this.#locks.push(event);
        break;
      case 'drained':
        this.lastDrain = event;
        break;
    }
  }
}
