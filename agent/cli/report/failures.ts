/** Failed statements among the captured spans, by SQLSTATE. */
import { SPAN } from '../../telemetry.js';
import type { SpanRecord } from './otlp.js';
import { isStatement } from './slowest.js';

/** PostgreSQL has about 260 codes; applications may make up their own. */
const MAX_CODES = 300;
const MAX_SUMMARIES = 50;

export interface Failure {
  /** SQLSTATE, or the name of the signal that ended the backend. */
  code: string;
  count: number;
  lastNs: bigint;
  /** Summaries of the queries that failed so, most frequent first. */
  queries: [summary: string, count: number][];
}

export class Failures {
  readonly #failures = new Map<string, { count: number; lastNs: bigint; queries: Map<string, number> }>();

  add(span: SpanRecord): void {
    if (!span.failed || !isStatement(span)) return;
    const { attributes } = span;
    const own = String(attributes[SPAN.statusCode.name] ?? attributes[SPAN.errorType.name] ?? 'unknown');
    const code = this.#failures.size >= MAX_CODES && !this.#failures.has(own) ? 'others' : own;
    const failure = this.#failures.get(code) ?? { count: 0, lastNs: 0n, queries: new Map<string, number>() };
    this.#failures.set(code, failure);
    failure.count++;
    if (span.endNs > failure.lastNs) failure.lastNs = span.endNs;
    const full = failure.queries.size >= MAX_SUMMARIES && !failure.queries.has(span.name);
    const summary = full ? 'others' : span.name;
    failure.queries.set(summary, (failure.queries.get(summary) ?? 0) + 1);
  }

  /** Most frequent first. */
  list(): Failure[] {
    return [...this.#failures.entries()]
      .map(([code, { count, lastNs, queries }]) => ({
        code,
        count,
        lastNs,
        queries: [...queries].sort((a, b) => b[1] - a[1]),
      }))
      .sort((a, b) => b.count - a.count);
  }
}
