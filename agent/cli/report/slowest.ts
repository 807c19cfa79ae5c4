/** The slowest captured statements of a stream of spans, and then the traces around them. */
import { QUERY, RESOURCE } from '../../telemetry.js';
import type { SpanRecord } from './otlp.js';

/** Waterfalls on a page, of which one query has at most a few: a page of one query's executions would tell less. */
export const MAX_WATERFALLS = 12;
const MAX_OF_ONE_QUERY = 3;
/** Queries whose slowest statements are kept while reading. */
const MAX_QUERIES = 1000;
/** Spans of one trace that are shown: the slow statement with all below it, and those that began nearest to it. */
export const MAX_SPANS = 40;

export interface Waterfall {
  slow: SpanRecord;
  /** Of the same trace in this file, the slow one among them, earliest first. */
  spans: SpanRecord[];
  /** Spans of the trace that found no room. */
  hidden: number;
}

const KIND_SERVER = 2;

/** A statement on a server; not its parts, nor what else a file of several services holds, such as an HTTP server's requests. */
export function isStatement({ kind, resource }: SpanRecord): boolean {
  return kind === KIND_SERVER && resource.attributes[RESOURCE.dbSystem.name] !== undefined;
}

export class Slowest {
  readonly #ofQuery = new Map<string, SpanRecord[]>();

  add(span: SpanRecord): void {
    if (!isStatement(span)) return;
    const query = String(span.attributes[QUERY.fingerprint.name] ?? span.name);
    const kept = this.#ofQuery.get(query) ?? [];
    kept.push(span);
    kept.sort((a, b) => durationNs(b) - durationNs(a));
    this.#ofQuery.set(query, kept.slice(0, MAX_OF_ONE_QUERY));
    if (this.#ofQuery.size > MAX_QUERIES) this.#dropFastest();
  }

  /** Slowest first; one of each trace, since its waterfall shows the others too. */
  statements(): SpanRecord[] {
    const all = [...this.#ofQuery.values()].flat().sort((a, b) => durationNs(b) - durationNs(a));
    return [...Map.groupBy(all, ({ traceId }) => traceId).values()]
      .flatMap(([slowest]) => slowest ?? [])
      .slice(0, MAX_WATERFALLS);
  }

  #dropFastest(): void {
    const [fastest] = [...this.#ofQuery.entries()].reduce((least, each) =>
      slowestOf(each) < slowestOf(least) ? each : least,
    );
    this.#ofQuery.delete(fastest);
  }
}

/** Collects the traces of chosen statements in a second pass over the same spans. */
export class Traces {
  readonly #waterfalls: Waterfall[];

  constructor(statements: readonly SpanRecord[]) {
    this.#waterfalls = statements.map((slow) => ({ slow, spans: [], hidden: 0 }));
  }

  add(span: SpanRecord): void {
    for (const waterfall of this.#waterfalls) {
      if (waterfall.slow.traceId !== span.traceId) continue;
      waterfall.spans.push(span);
      if (waterfall.spans.length > MAX_SPANS) dropFarthest(waterfall);
    }
  }

  waterfalls(): Waterfall[] {
    return this.#waterfalls.map(withoutOrphans);
  }
}

export function durationNs(span: SpanRecord): number {
  return Math.max(0, Number(span.endNs - span.startNs));
}

function slowestOf([, spans]: [string, SpanRecord[]]): number {
  const [first] = spans;
  return first === undefined ? 0 : durationNs(first);
}

/** More than any distance in time. */
const PART_DISTANCE = 1e20;

/** The slow statement and what is below it stay in any case; the parts of other statements go first. */
function dropFarthest(waterfall: Waterfall): void {
  const { slow, spans } = waterfall;
  const own = below(slow, spans);
  const distance = (span: SpanRecord): number => {
    if (span.spanId === slow.spanId) return -2;
    if (own.has(span.spanId)) return -1;
    return Math.abs(Number(span.startNs - slow.startNs)) + (isPart(span) ? PART_DISTANCE : 0);
  };
  const farthest = waterfall.spans.reduce((most, span) => (distance(span) > distance(most) ? span : most));
  waterfall.spans = waterfall.spans.filter((span) => span !== farthest);
  waterfall.hidden++;
}

/** Ids of the spans below one, and its own. */
function below(span: SpanRecord, spans: readonly SpanRecord[]): Set<string> {
  const ids = new Set([span.spanId]);
  let size = 0;
  while (ids.size > size) {
    size = ids.size;
    for (const { spanId, parentSpanId } of spans) if (ids.has(parentSpanId)) ids.add(spanId);
  }
  return ids;
}

/** A phase, a nested statement or a wait of a statement. */
function isPart({ kind, resource }: SpanRecord): boolean {
  return kind !== KIND_SERVER && resource.attributes[RESOURCE.dbSystem.name] !== undefined;
}

/** In the order of time. Parts of which what they are below has found no room are left out, too. */
function withoutOrphans({ slow, spans, hidden }: Waterfall): Waterfall {
  let kept = spans.toSorted((a, b) => compare(a.startNs, b.startNs));
  for (let before = hidden > 0 ? Number.POSITIVE_INFINITY : 0; kept.length < before; ) {
    before = kept.length;
    const ids = new Set(kept.map(({ spanId }) => spanId));
    kept = kept.filter((span) => !isPart(span) || ids.has(span.parentSpanId));
  }
  return { slow, spans: kept, hidden: hidden + spans.length - kept.length };
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
