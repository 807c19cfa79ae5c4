/** The slowest captured statements of a stream of spans, and then the traces around them. */
import { QUERY, RESOURCE } from '../../telemetry.js';
import type { SpanRecord } from './otlp.js';

/** Waterfalls on a page, of which one query has at most a few: a page of one query's executions would tell less. */
export const MAX_WATERFALLS = 12;
const MAX_OF_ONE_QUERY = 3;
/** Queries whose slowest statements are kept while reading. */
const MAX_QUERIES = 1000;
/** Spans of one trace that are shown: those that began nearest to the slow statement. */
export const MAX_SPANS = 30;

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
    return this.#waterfalls.map((each) => ({
      ...each,
      spans: each.spans.toSorted((a, b) => compare(a.startNs, b.startNs)),
    }));
  }
}

export function durationNs(span: SpanRecord): number {
  return Math.max(0, Number(span.endNs - span.startNs));
}

function slowestOf([, spans]: [string, SpanRecord[]]): number {
  const [first] = spans;
  return first === undefined ? 0 : durationNs(first);
}

/** The slow statement and its own children stay in any case. */
function dropFarthest(waterfall: Waterfall): void {
  const { slow } = waterfall;
  const distance = (span: SpanRecord): number => {
    if (span.spanId === slow.spanId || span.parentSpanId === slow.spanId) return -1;
    return Math.abs(Number(span.startNs - slow.startNs));
  };
  const farthest = waterfall.spans.reduce((most, span) => (distance(span) > distance(most) ? span : most));
  waterfall.spans = waterfall.spans.filter((span) => span !== farthest);
  waterfall.hidden++;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
