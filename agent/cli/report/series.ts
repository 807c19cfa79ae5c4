/**
 * Cumulative series back to what happened between two points. A series is known by its resource, metric and attributes; a new start
 * time, or a value that went down, means that its producer began again at zero.
 */
import { EMPTY, type Histogram, subtract } from '../histogram.js';
import { keyOf, type PointRecord } from './otlp.js';

/** Different series that are followed; a server has about 30 for each of its queries. */
export const MAX_SERIES = 200_000;

export interface Increment {
  point: PointRecord;
  /** From when to when it happened, Unix seconds; equal where the producer gave no start. */
  fromSeconds: number;
  toSeconds: number;
  /** Sums: how much was added. Histograms: seconds added to their sum. */
  value: number;
  /** Values added; empty for sums. */
  buckets: Histogram;
}

interface Last {
  startSeconds: number | undefined;
  timeSeconds: number;
  value: number;
  buckets: Histogram;
}

export class SeriesStore {
  /** Points that were left out because there were too many series. */
  overflowed = 0;
  readonly #last = new Map<string, Last>();
  /** Resource → when its points were collected last, and before. */
  readonly #collected = new Map<string, { last: number; before: number | undefined }>();
  readonly #maxSeries: number;

  constructor(maxSeries = MAX_SERIES) {
    this.#maxSeries = maxSeries;
  }

  /** Undefined if the point adds nothing: a gauge, the end of a series, a repeated point, one series too many. */
  advance(point: PointRecord): Increment | undefined {
    if (point.temporality === 'gauge') return undefined;
    const now = stateOf(point);
    if (point.temporality === 'delta') return point.ended ? undefined : increment(point, now, point.startSeconds);
    const key = `${point.metric}\n${point.resource.key}\n${keyOf(point.attributes)}`;
    const last = this.#last.get(key);
    if (point.ended) {
      this.#last.delete(key);
      return undefined;
    }
    const before = this.#collectedBefore(point);
    if (last === undefined && this.#last.size >= this.#maxSeries) {
      this.overflowed++;
      return undefined;
    }
    if (last !== undefined && now.startSeconds === last.startSeconds && now.timeSeconds <= last.timeSeconds)
      return undefined;
    this.#last.set(key, now);
    // A counter has no points while it is 0: what a series begins with has happened since the last collection.
    if (last === undefined) return increment(point, now, later(point.startSeconds, before));
    if (now.startSeconds !== last.startSeconds || now.value < last.value) {
      return increment(point, now, point.startSeconds);
    }
    const added = { value: now.value - last.value, buckets: subtract(now.buckets, last.buckets) };
    return increment(point, { ...now, ...added }, last.timeSeconds);
  }

  /** When points of the same resource were collected before this one; undefined for the first collection. */
  #collectedBefore({ resource, timeSeconds }: PointRecord): number | undefined {
    const times = this.#collected.get(resource.key);
    if (times === undefined || timeSeconds > times.last) {
      this.#collected.set(resource.key, { last: timeSeconds, before: times?.last });
      return times?.last;
    }
    return timeSeconds === times.last ? times.before : undefined;
  }
}

function later(start: number | undefined, before: number | undefined): number | undefined {
  return start === undefined || before === undefined ? start : Math.max(start, before);
}

function stateOf({ startSeconds, timeSeconds, value, histogram }: PointRecord): Last {
  return { startSeconds, timeSeconds, value: histogram?.sum ?? value, buckets: histogram?.buckets ?? EMPTY };
}

function increment(point: PointRecord, added: Last, from: number | undefined): Increment {
  const toSeconds = point.timeSeconds;
  return {
    point,
    fromSeconds: Math.min(from ?? toSeconds, toSeconds),
    toSeconds,
    value: added.value,
    buckets: added.buckets,
  };
}
