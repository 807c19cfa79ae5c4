/** All queries of a recording, each with its sums, its latency histogram and its course over time. */

import { POINT, QUERY, QUERY_METRICS, SPAN, TARGET_METRICS } from '../../telemetry.js';
import { OVERFLOW } from '../../tracer.js';
import { add, EMPTY, type Histogram } from '../histogram.js';
import { type Load, totalOf } from '../load.js';
import type { Wait } from '../waits.js';
import { BYTE_KINDS, byteKindOf, byteSlot } from './bytes.js';
import { type Counters, counterOf, noCounters } from './counters.js';
import { LATENCY_ROWS, rowsOf } from './latency.js';
import type { Attributes, PointRecord, Resource } from './otlp.js';
import { type Increment, SeriesStore } from './series.js';
import { LOAD_SLOTS, slotOf, type TimePoint, TimeSums, timePointOf } from './time-points.js';
import type { Clock, Timeline } from './timeline.js';

/** Different queries that are kept apart; the rest is one row, as it is in the agent. */
export const MAX_QUERIES = 1000;

/** Slots of a query's timeline: seconds of statements' durations, then measured seconds by class, then statements by latency row. */
export const SECONDS_SLOT = 0;
export const LOAD_SLOT = 1;
export const LATENCY_SLOT = LOAD_SLOT + LOAD_SLOTS;
export const SLOTS = LATENCY_SLOT + LATENCY_ROWS;

export interface Query {
  server: Resource | undefined;
  /** Empty for what is no single query. */
  fingerprint: string;
  database: string;
  user: string;
  summary: string;
  /** Undefined where it was not recorded. */
  text: string | undefined;
  /** Of its statements; 0 at level waits. */
  durationSeconds: number;
  /** The same where it is known, else all time that was measured. */
  timeSeconds: number;
  /** Measured seconds by class, those of parallel workers among them. */
  load: Load;
  /** Longest first; none in recordings of versions that did not measure them. */
  waits: Wait[];
  counters: Counters;
  latency: Histogram;
  timeline: Timeline;
}

interface Entry extends Omit<Query, 'timeSeconds' | 'load' | 'waits'> {
  time: TimeSums;
}

export class QueryStore {
  readonly #queries = new Map<string, Entry>();
  readonly #texts = new Map<string, string>();
  readonly #series = new SeriesStore();
  readonly #clock: Clock;
  readonly #maxQueries: number;
  /** Bytes of all statements, by `byteSlot`. */
  readonly bytes: Timeline;
  /** The period that the points of durations and of other times cover, Unix seconds. */
  firstSeconds = Number.POSITIVE_INFINITY;
  lastSeconds = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, maxQueries = MAX_QUERIES) {
    this.#clock = clock;
    this.#maxQueries = maxQueries;
    this.bytes = clock.timeline(BYTE_KINDS.length);
  }

  /** Points that were left out because there were too many series. */
  get overflowed(): number {
    return this.#series.overflowed;
  }

  add(point: PointRecord): void {
    if (point.metric === TARGET_METRICS.info.name) {
      this.addText(point.attributes);
      return;
    }
    const isDuration = point.metric === QUERY_METRICS.duration.name && point.histogram !== undefined;
    const time = isDuration ? undefined : timePointOf(QUERY_METRICS, point);
    const counter = isDuration ? undefined : counterOf(point.metric, point.attributes);
    if (!isDuration && counter === undefined && time === undefined) return;
    const increment = this.#series.advance(point);
    if (increment === undefined) return;
    const query = this.#query(point);
    if (isDuration) this.#addDurations(query, increment);
    if (time !== undefined) this.#addTime(query, time, increment);
    if (counter === undefined) return;
    query.counters[counter] += increment.value;
    this.#addBytes(point, increment);
  }

  /** Remembers the text that a span or an info point carries. */
  addText(attributes: Attributes): void {
    const fingerprint = textAt(attributes, QUERY.fingerprint.name);
    const text = textAt(attributes, SPAN.text.name);
    if (text === '' || (this.#texts.size >= this.#maxQueries && !this.#texts.has(fingerprint))) return;
    this.#texts.set(fingerprint, text);
  }

  /** Every query, most database time first. */
  queries(): Query[] {
    const queries = [...this.#queries.values()].map(({ time, ...query }) => ({
      ...query,
      text: this.#texts.get(query.fingerprint),
      timeSeconds: query.durationSeconds > 0 ? query.durationSeconds : totalOf(time.load),
      load: time.load,
      waits: time.waits,
    }));
    return queries.sort((a, b) => b.timeSeconds - a.timeSeconds);
  }

  #addTime(query: Entry, time: TimePoint, increment: Increment): void {
    query.time.add(time, increment);
    if (time.quantity === 'count') return;
    const { fromSeconds, toSeconds, value } = increment;
    this.#covers(increment);
    query.timeline.add(fromSeconds, toSeconds, [[LOAD_SLOT + slotOf(time), value]]);
  }

  #addBytes(point: PointRecord, { value, fromSeconds, toSeconds }: Increment): void {
    const kind = byteKindOf(QUERY_METRICS, point);
    if (kind !== undefined) this.bytes.add(fromSeconds, toSeconds, [[byteSlot(kind), value]]);
  }

  #covers({ fromSeconds, toSeconds }: Increment): void {
    this.firstSeconds = Math.min(this.firstSeconds, fromSeconds);
    this.lastSeconds = Math.max(this.lastSeconds, toSeconds);
  }

  #addDurations(query: Entry, increment: Increment): void {
    const { fromSeconds, toSeconds, value, buckets } = increment;
    this.#covers(increment);
    query.durationSeconds += value;
    query.latency = add(query.latency, buckets);
    const rows = rowsOf(buckets).map(([row, count]): [number, number] => [LATENCY_SLOT + row, count]);
    query.timeline.add(fromSeconds, toSeconds, [[SECONDS_SLOT, value], ...rows]);
  }

  #query({ resource, attributes }: PointRecord): Entry {
    const fingerprint =
      attributes[POINT.overflow.name] === true ? OVERFLOW : textAt(attributes, QUERY.fingerprint.name);
    const database = textAt(attributes, QUERY.namespace.name);
    const user = textAt(attributes, QUERY.user.name);
    const own = [resource.key, fingerprint, database, user].join('\n');
    const full = this.#queries.size >= this.#maxQueries && !this.#queries.has(own);
    const key = full ? OVERFLOW : own;
    const present = this.#queries.get(key);
    if (present !== undefined) return present;
    const rest = key === OVERFLOW || fingerprint === OVERFLOW;
    const query: Entry = {
      server: full ? undefined : resource,
      fingerprint: rest ? '' : fingerprint,
      database: rest ? '' : database,
      user: rest ? '' : user,
      summary: rest ? 'all other queries' : textAt(attributes, QUERY.summary.name) || 'unnamed query',
      text: undefined,
      durationSeconds: 0,
      time: new TimeSums(),
      counters: noCounters(),
      latency: EMPTY,
      timeline: this.#clock.timeline(SLOTS),
    };
    this.#queries.set(key, query);
    return query;
  }
}

function textAt(attributes: Attributes, name: string): string {
  const value = attributes[name];
  return value === undefined ? '' : String(value);
}
