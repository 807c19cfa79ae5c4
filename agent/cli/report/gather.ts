/** A whole OTLP file into one recording: what the page shows, as plain values. Reads the file twice, never holds it. */
import { OWN_METRICS, POINT, type ProgramLoss, RESOURCE } from '../../telemetry.js';
import { type Background, BackgroundStore } from './background.js';
import { type Failure, Failures } from './failures.js';
import { type FileCalls, FileStore } from './files.js';
import { type LockChains, lockChains } from './lock-chains.js';
import { LockWaitStore } from './lock-waits.js';
import type { EventRecord, PointRecord, Resource, SpanRecord } from './otlp.js';
import { type ProgramResult, ProgramStore } from './programs.js';
import { type Query, QueryStore } from './queries.js';
import { type Reading, readRequests } from './read.js';
import { SeriesStore } from './series.js';
import { isStatement, Slowest, Traces, type Waterfall } from './slowest.js';
import { Clock, type Timeline } from './timeline.js';

export interface Loss {
  stage: string;
  reason: string;
  count: number;
}

export interface Recording {
  reading: Reading;
  /** Name and version of what wrote the file. */
  writer: string;
  /** The resources that statements ran on. */
  servers: Resource[];
  /** Unix seconds; both 0 if nothing has a time. */
  fromSeconds: number;
  toSeconds: number;
  clock: Clock;
  /** Most database time first. */
  queries: Query[];
  /** Bytes of all statements over time, by `byteSlot`. */
  statementBytes: Timeline;
  /** The busiest first. */
  background: Background[];
  /** By kind and operation. */
  files: FileCalls[];
  /** By name. */
  programs: ProgramResult[];
  statementSpans: number;
  failedSpans: number;
  waterfalls: Waterfall[];
  failures: Failure[];
  locks: LockChains;
  /** Waits for locks left out by the report's own limit, the shortest ones. */
  lockWaitsLeftOut: number;
  losses: Loss[];
  /** Points left out by the report's own limit on series. */
  overflowedPoints: number;
}

/** Servers that are named on the page; a file of a whole cluster may have more. */
const MAX_SERVERS = 100;

/** Programs print titles, too: lines that are no event are nothing that is missing. */
const TITLES: ProgramLoss = 'linesUnknown';

export async function gather(path: string): Promise<Recording> {
  const reading: Reading = { requests: 0, unreadable: 0, cutOff: false };
  const gathering = new Gathering();
  let writer = '';
  for await (const request of readRequests(path, reading)) {
    writer ||= request.scope;
    for (const span of request.spans) gathering.addSpan(span);
    for (const point of request.points) gathering.addPoint(point);
    for (const event of request.events) gathering.addEvent(event);
  }
  const waterfalls = await tracesAround(path, gathering.slowest.statements());
  return { ...gathering.recording(), reading, writer, waterfalls };
}

async function tracesAround(path: string, statements: SpanRecord[]): Promise<Waterfall[]> {
  const traces = new Traces(statements);
  if (statements.length === 0) return [];
  for await (const { spans } of readRequests(path, { requests: 0, unreadable: 0, cutOff: false })) {
    for (const span of spans) traces.add(span);
  }
  return traces.waterfalls();
}

class Gathering {
  readonly slowest = new Slowest();
  readonly #clock = new Clock();
  readonly #queries = new QueryStore(this.#clock);
  readonly #background = new BackgroundStore(this.#clock);
  readonly #files = new FileStore();
  readonly #programs = new ProgramStore();
  readonly #failures = new Failures();
  readonly #lockWaits = new LockWaitStore();
  readonly #losses = new Map<string, Loss>();
  readonly #lossSeries = new SeriesStore();
  readonly #servers = new Map<string, Resource>();
  readonly #programServers = new Map<string, Resource>();
  #statementSpans = 0;
  #failedSpans = 0;
  #fromSeconds = Number.POSITIVE_INFINITY;
  #toSeconds = Number.NEGATIVE_INFINITY;

  addSpan(span: SpanRecord): void {
    this.#lockWaits.add(span);
    if (!isStatement(span)) return;
    this.#statementSpans++;
    if (span.failed) this.#failedSpans++;
    this.#addServer(span.resource);
    this.#fromSeconds = Math.min(this.#fromSeconds, Number(span.startNs) / 1e9);
    this.#toSeconds = Math.max(this.#toSeconds, Number(span.endNs) / 1e9);
    this.slowest.add(span);
    this.#failures.add(span);
    this.#queries.addText(span.attributes);
  }

  addPoint(point: PointRecord): void {
    if (point.metric === OWN_METRICS.losses.name) {
      this.#addLoss(point);
      return;
    }
    const isPostgres = point.resource.attributes[RESOURCE.dbSystem.name] !== undefined;
    if (this.#programs.add(point)) {
      if (isPostgres && this.#programServers.size < MAX_SERVERS)
        this.#programServers.set(point.resource.key, point.resource);
      return;
    }
    if (!this.#files.add(point) && !this.#background.add(point)) this.#queries.add(point);
    if (isPostgres) this.#addServer(point.resource);
  }

  addEvent(event: EventRecord): void {
    this.#programs.addEvent(event);
  }

  recording(): Omit<Recording, 'reading' | 'writer' | 'waterfalls'> {
    const programs = this.#programs.list();
    const { fromSeconds, toSeconds } = this.#period(programs);
    return {
      servers: this.#allServers(),
      fromSeconds,
      toSeconds,
      clock: this.#clock,
      queries: this.#queries.queries(),
      statementBytes: this.#queries.bytes,
      background: this.#background.list(),
      files: this.#files.list(),
      programs,
      statementSpans: this.#statementSpans,
      failedSpans: this.#failedSpans,
      failures: this.#failures.list(),
      locks: lockChains(this.#lockWaits.waits()),
      lockWaitsLeftOut: this.#lockWaits.leftOut,
      losses: [...this.#losses.values()].filter(({ count }) => count > 0).sort((a, b) => b.count - a.count),
      overflowedPoints:
        this.#queries.overflowed +
        this.#background.overflowed +
        this.#files.overflowed +
        this.#programs.overflowed +
        this.#lossSeries.overflowed,
    };
  }

  /** What was captured says it; programs may have run for longer, and count where there is nothing else. */
  #period(programs: readonly ProgramResult[]): { fromSeconds: number; toSeconds: number } {
    const from = Math.min(this.#fromSeconds, this.#queries.firstSeconds, this.#background.firstSeconds);
    const to = Math.max(this.#toSeconds, this.#queries.lastSeconds, this.#background.lastSeconds);
    if (from <= to) return { fromSeconds: from, toSeconds: to };
    if (programs.length === 0) return { fromSeconds: 0, toSeconds: 0 };
    return {
      fromSeconds: Math.min(...programs.map(({ fromSeconds }) => fromSeconds)),
      toSeconds: Math.max(...programs.map(({ toSeconds }) => toSeconds)),
    };
  }

  /** `pgscope run` does not know a server's version: one that is known from elsewhere, too, is not named twice. */
  #allServers(): Resource[] {
    const instanceOf = ({ key, attributes }: Resource) => attributes[RESOURCE.serviceInstanceId.name] ?? key;
    const known = new Set([...this.#servers.values()].map(instanceOf));
    const others = [...this.#programServers.values()].filter((server) => !known.has(instanceOf(server)));
    return [...this.#servers.values(), ...others].slice(0, MAX_SERVERS);
  }

  #addServer(resource: Resource): void {
    if (this.#servers.size < MAX_SERVERS) this.#servers.set(resource.key, resource);
  }

  #addLoss(point: PointRecord): void {
    const increment = this.#lossSeries.advance(point);
    if (increment === undefined) return;
    const stage = String(point.attributes[POINT.stage.name] ?? 'unknown');
    const reason = String(point.attributes[POINT.lossReason.name] ?? 'unknown');
    if (reason === TITLES) return;
    const loss = this.#losses.get(`${stage}\n${reason}`) ?? { stage, reason, count: 0 };
    loss.count += increment.value;
    this.#losses.set(`${stage}\n${reason}`, loss);
  }
}
