/** What trace programs told: the last values of their metrics, those of all servers and runs together, and the events that matter most. */
import { PROGRAM_METRICS } from '../../telemetry.js';
import { addBuckets, type Buckets, NO_BUCKETS } from './buckets.js';
import { type Attributes, type EventRecord, keyOf, type PointRecord } from './otlp.js';
import { EventList, type ProgramEvents } from './program-events.js';

export interface ProgramSeries {
  attributes: Attributes;
  /** Of counters the sum, of gauges the last value (of several servers the largest), of histograms how many values. */
  value: number;
  /** Of all values of a histogram, where it was told; else 0. */
  sum: number;
  /** Empty for what is no histogram, and for one of which count and sum alone are known. */
  buckets: Buckets;
}

export interface ProgramMetric {
  name: string;
  description: string;
  /** UCUM code. */
  unit: string;
  kind: 'counter' | 'gauge' | 'histogram';
  /** The largest first. */
  series: ProgramSeries[];
}

export interface ProgramResult {
  name: string;
  /** Empty where the program has none. */
  description: string;
  /** Unix seconds. */
  fromSeconds: number;
  toSeconds: number;
  /** In the order in which they were told. */
  metrics: ProgramMetric[];
  events: ProgramEvents[];
}

/** A program has at most 1000 series for each server, and names its metrics itself. */
const MAX_SERIES = 20_000;
const MAX_PROGRAMS = 50;
const MAX_METRICS = 100;

type Totals = Omit<ProgramSeries, 'attributes'>;

interface Series {
  attributes: Attributes;
  startSeconds: number | undefined;
  timeSeconds: number;
  /** Counted by runs that are over. */
  before: Totals;
  now: Totals;
}

interface Metric extends Omit<ProgramMetric, 'series'> {
  series: Map<string, Series>;
}

interface Entry extends Omit<ProgramResult, 'metrics' | 'events'> {
  metrics: Map<string, Metric>;
  events: EventList;
}

const NOTHING: Totals = { value: 0, sum: 0, buckets: NO_BUCKETS };

export class ProgramStore {
  readonly #programs = new Map<string, Entry>();
  readonly #maxSeries: number;
  #series = 0;
  #leftOut = 0;

  constructor(maxSeries = MAX_SERIES) {
    this.#maxSeries = maxSeries;
  }

  /** Points and events that were left out because there were too many series. */
  get overflowed(): number {
    return this.#leftOut + [...this.#programs.values()].reduce((sum, { events }) => sum + events.leftOut, 0);
  }

  /** False if the point is none of a program. */
  add(point: PointRecord): boolean {
    if (point.program === undefined) return false;
    const entry = this.#entry(point.program.name);
    if (entry === undefined) return true;
    entry.description ||= point.program.description;
    extend(entry, point.startSeconds ?? point.timeSeconds, point.timeSeconds);
    if (point.metric !== PROGRAM_METRICS.running.name && !point.ended) this.#addValue(entry, point);
    return true;
  }

  addEvent(event: EventRecord): void {
    const entry = this.#entry(event.program);
    if (entry === undefined) return;
    const seconds = Number(event.timeNs) / 1e9;
    extend(entry, seconds, seconds);
    entry.events.add(event);
  }

  /** By name. */
  list(): ProgramResult[] {
    return [...this.#programs.values()]
      .map(({ metrics, events, ...entry }) => ({
        ...entry,
        metrics: [...metrics.values()].map(metricOf),
        events: events.list(),
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #entry(name: string): Entry | undefined {
    const known = this.#programs.get(name);
    if (known !== undefined) return known;
    if (this.#programs.size >= MAX_PROGRAMS) {
      this.#leftOut++;
      return undefined;
    }
    const period = { fromSeconds: Number.POSITIVE_INFINITY, toSeconds: Number.NEGATIVE_INFINITY };
    const entry: Entry = { name, description: '', ...period, metrics: new Map(), events: new EventList() };
    this.#programs.set(name, entry);
    return entry;
  }

  #addValue({ metrics }: Entry, point: PointRecord): void {
    const metric = metrics.get(point.metric) ?? newMetric(point);
    const key = `${point.resource.key}\n${keyOf(point.attributes)}`;
    const series = metric.series.get(key);
    if (series !== undefined) advance(series, point);
    else if (this.#series >= this.#maxSeries || (metric.series.size === 0 && metrics.size >= MAX_METRICS))
      this.#leftOut++;
    else {
      this.#series++;
      const { attributes, startSeconds, timeSeconds } = point;
      metric.series.set(key, { attributes, startSeconds, timeSeconds, before: NOTHING, now: totalsOf(point) });
      metrics.set(point.metric, metric);
    }
  }
}

function extend(entry: Entry, fromSeconds: number, toSeconds: number): void {
  entry.fromSeconds = Math.min(entry.fromSeconds, fromSeconds);
  entry.toSeconds = Math.max(entry.toSeconds, toSeconds);
}

function newMetric({ metric, program, temporality }: PointRecord): Metric {
  const kind = program?.histogram !== undefined ? 'histogram' : temporality === 'gauge' ? 'gauge' : 'counter';
  return {
    name: metric,
    description: program?.metricDescription ?? '',
    unit: program?.unit ?? '',
    kind,
    series: new Map(),
  };
}

function totalsOf({ value, program }: PointRecord): Totals {
  if (program?.histogram === undefined) return { ...NOTHING, value };
  const { buckets, count, sum } = program.histogram;
  return { value: count, sum, buckets };
}

/** A new start, or a value that went down: the program was run again, and counts from zero. */
function advance(series: Series, point: PointRecord): void {
  const now = totalsOf(point);
  const { startSeconds, timeSeconds, temporality } = point;
  const isSameRun = startSeconds === series.startSeconds;
  if (isSameRun && timeSeconds <= series.timeSeconds) return;
  const beginsAnew = temporality === 'delta' || !isSameRun || now.value < series.now.value;
  if (beginsAnew && temporality !== 'gauge') series.before = plus(series.before, series.now);
  Object.assign(series, { startSeconds, timeSeconds, now });
}

function plus(left: Totals, right: Totals): Totals {
  const buckets = addBuckets(left.buckets, right.buckets);
  return { value: left.value + right.value, sum: left.sum + right.sum, buckets };
}

/** Series of several servers with the same attributes are one. */
function metricOf({ series, kind, ...metric }: Metric): ProgramMetric {
  const merged = new Map<string, ProgramSeries>();
  for (const { attributes, before, now } of series.values()) {
    const own = plus(before, now);
    const key = keyOf(attributes);
    const other = merged.get(key);
    const all = other === undefined ? own : kind === 'gauge' ? larger(other, own) : plus(other, own);
    merged.set(key, { attributes, ...all });
  }
  return { ...metric, kind, series: [...merged.values()].sort((a, b) => b.value - a.value) };
}

function larger(left: Totals, right: Totals): Totals {
  return right.value > left.value ? right : left;
}
