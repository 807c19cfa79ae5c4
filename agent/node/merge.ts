/** Several profiles on one server: what a stream to one destination shows, and what the tracer must capture for all streams. */

import { durationMs, durationNs } from '../../api/duration.js';
import type { NodeProfileSpec } from '../../api/node-profile.js';
import type { TracerSettings } from '../tracer.js';

/** Which statements become spans. */
export interface SpanSettings {
  minDurationNs: number;
  minWaitNs: number;
  nestedDepth: number;
  errors: boolean;
  sampleRatio: number;
  traceContext: TracerSettings['traceContext'];
  maxPerSecond: number;
}

/** What goes to one destination about one server. */
export interface StreamSettings {
  level: TracerSettings['level'];
  queryText: NodeProfileSpec['queryText'];
  spans: SpanSettings;
  intervalMs: number;
  maxQueries: number;
}

const LEVELS: readonly TracerSettings['level'][] = ['waits', 'statements', 'phases'];
const FROM_LEAST_REVEALING: readonly StreamSettings['queryText'][] = ['none', 'normalized', 'raw'];
const CONTEXT_SOURCES: SpanSettings['traceContext'] = ['sqlcomment', 'application_name'];

export function streamSettings({ level, queryText, spans, metrics }: NodeProfileSpec): StreamSettings {
  const { minDuration, minWait, nestedDepth, errors, sampleRatio, traceContext, maxPerSecond } = spans;
  return {
    level,
    queryText,
    spans: {
      minDurationNs: durationNs(minDuration),
      minWaitNs: durationNs(minWait),
      nestedDepth,
      errors,
      sampleRatio,
      traceContext: inOrder(CONTEXT_SOURCES, traceContext),
      maxPerSecond,
    },
    intervalMs: durationMs(metrics.interval),
    maxQueries: metrics.maxQueries,
  };
}

/** One destination's: the highest level, the shortest interval, the union of spans, the least revealing text. */
export function mergeStreams(one: StreamSettings, other: StreamSettings): StreamSettings {
  return {
    level: LEVELS[Math.max(LEVELS.indexOf(one.level), LEVELS.indexOf(other.level))] ?? one.level,
    queryText: FROM_LEAST_REVEALING.find((mode) => mode === one.queryText || mode === other.queryText) ?? 'none',
    spans: mergeSpans(one.spans, other.spans),
    intervalMs: Math.min(one.intervalMs, other.intervalMs),
    maxQueries: Math.max(one.maxQueries, other.maxQueries),
  };
}

export function mergeSpans(one: SpanSettings, other: SpanSettings): SpanSettings {
  return {
    minDurationNs: Math.min(one.minDurationNs, other.minDurationNs),
    minWaitNs: Math.min(one.minWaitNs, other.minWaitNs),
    nestedDepth: Math.max(one.nestedDepth, other.nestedDepth),
    errors: one.errors || other.errors,
    sampleRatio: Math.max(one.sampleRatio, other.sampleRatio),
    traceContext: inOrder(CONTEXT_SOURCES, [...one.traceContext, ...other.traceContext]),
    maxPerSecond: Math.max(one.maxPerSecond, other.maxPerSecond),
  };
}

/** What all streams of a server need together; each then gets its own share. `streams` is not empty. */
export function tracerSettings(streams: readonly StreamSettings[]): TracerSettings {
  const [first, ...rest] = streams;
  if (first === undefined) throw new RangeError('no stream');
  const { level, spans } = rest.reduce(mergeStreams, first);
  return { level, ...spans, rawText: streams.some(({ queryText }) => queryText === 'raw') };
}

/** Each value once, in the order of `all`, so that equal settings look equal. */
function inOrder<T>(all: readonly T[], some: readonly unknown[]): T[] {
  return all.filter((value) => some.includes(value));
}
