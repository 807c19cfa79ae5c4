/**
 * One line of an OTLP JSON file (an export request, as the OpenTelemetry Collector's file exporter writes it) to plain records.
 * The file may come from anywhere: what is missing gets a neutral value, what has the wrong shape is left out.
 */
import { PROGRAM } from '../../telemetry.js';
import type { Histogram } from '../histogram.js';
import { type Buckets, bucketsFrom } from './buckets.js';

export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface Resource {
  /** The same for equal attributes. */
  key: string;
  attributes: Attributes;
}

export interface SpanRecord {
  resource: Resource;
  traceId: string;
  spanId: string;
  /** Empty for a root. */
  parentSpanId: string;
  name: string;
  kind: number;
  /** Unix nanoseconds. */
  startNs: bigint;
  endNs: bigint;
  attributes: Attributes;
  failed: boolean;
  /** Trace ids of its links. */
  links: string[];
}

export interface PointRecord {
  resource: Resource;
  metric: string;
  attributes: Attributes;
  /** Unix seconds; undefined where the producer gave none. */
  startSeconds: number | undefined;
  timeSeconds: number;
  temporality: 'cumulative' | 'delta' | 'gauge';
  /** Sums and gauges. */
  value: number;
  /** Histograms; `sum` in the metric's unit. */
  histogram?: { buckets: Histogram; sum: number };
  /** "No recorded value": the series ends here. */
  ended: boolean;
  /** Of what a trace program tells. */
  program?: ProgramPart;
}

/** What a point of a trace program has beside a server's own. */
export interface ProgramPart {
  name: string;
  description: string;
  metricDescription: string;
  /** UCUM code. */
  unit: string;
  /** Of a histogram with bounds of its own, buckets and sum in the unit; the sum is 0 where it was not told. */
  histogram?: { buckets: Buckets; count: number; sum: number };
}

/** A log record that a trace program has made. */
export interface EventRecord {
  program: string;
  name: string;
  /** Unix nanoseconds. */
  timeNs: bigint;
  attributes: Attributes;
}

export interface Request {
  spans: SpanRecord[];
  points: PointRecord[];
  events: EventRecord[];
  /** The writer of the first scope: name and version. */
  scope: string;
}

type Json = Record<string, unknown>;

/** Undefined for a value that is no export request of traces, metrics or logs. Of logs only those of trace programs count. */
export function requestOf(value: unknown): Request | undefined {
  const request = object(value);
  const { resourceSpans, resourceMetrics, resourceLogs } = request;
  if (![resourceSpans, resourceMetrics, resourceLogs].some(Array.isArray)) return undefined;
  return {
    spans: list(resourceSpans).flatMap((each) => {
      const resource = resourceOf(each);
      return list(each.scopeSpans).flatMap((scoped) => list(scoped.spans).map((span) => spanOf(span, resource)));
    }),
    points: list(resourceMetrics).flatMap((each) => {
      const resource = resourceOf(each);
      return list(each.scopeMetrics).flatMap((scoped) =>
        list(scoped.metrics).flatMap((metric) =>
          pointsOf(metric, resource, attributesOf(object(scoped.scope).attributes)),
        ),
      );
    }),
    events: list(resourceLogs).flatMap((each) =>
      list(each.scopeLogs).flatMap((scoped) => list(scoped.logRecords).flatMap((record) => eventOf(record))),
    ),
    scope: scopeOf(request),
  };
}

function scopeOf({ resourceSpans, resourceMetrics }: Json): string {
  const first = list(resourceMetrics)[0] ?? list(resourceSpans)[0] ?? {};
  const scoped = list(first.scopeMetrics)[0] ?? list(first.scopeSpans)[0];
  const scope = object(scoped?.scope);
  return [text(scope.name), text(scope.version)].filter((part) => part !== '').join(' ');
}

function resourceOf(each: Json): Resource {
  const attributes = attributesOf(object(each.resource).attributes);
  return { key: keyOf(attributes), attributes };
}

/** The same text for the same attributes, whatever their order. */
export function keyOf(attributes: Attributes): string {
  return JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function spanOf(span: Json, resource: Resource): SpanRecord {
  return {
    resource,
    traceId: text(span.traceId),
    spanId: text(span.spanId),
    parentSpanId: text(span.parentSpanId),
    name: text(span.name),
    kind: number(span.kind),
    startNs: nanoseconds(span.startTimeUnixNano),
    endNs: nanoseconds(span.endTimeUnixNano),
    attributes: attributesOf(span.attributes),
    failed: number(object(span.status).code) === 2,
    links: list(span.links).map((link) => text(link.traceId)),
  };
}

function eventOf(record: Json): EventRecord[] {
  const { [PROGRAM.name.name]: program, ...attributes } = attributesOf(record.attributes);
  if (program === undefined) return [];
  return [
    { program: String(program), name: text(record.eventName), timeNs: nanoseconds(record.timeUnixNano), attributes },
  ];
}

function pointsOf(metric: Json, resource: Resource, scope: Attributes): PointRecord[] {
  const kind = object(metric.exponentialHistogram ?? metric.histogram ?? metric.sum ?? metric.gauge);
  const temporality =
    metric.gauge !== undefined ? 'gauge' : number(kind.aggregationTemporality) === 1 ? 'delta' : 'cumulative';
  return list(kind.dataPoints).map((point) => {
    const start = nanoseconds(point.startTimeUnixNano);
    const buckets = metric.exponentialHistogram === undefined ? undefined : bucketsOf(point);
    return {
      resource,
      metric: text(metric.name),
      attributes: attributesOf(point.attributes),
      startSeconds: start === 0n ? undefined : Number(start) / 1e9,
      timeSeconds: Number(nanoseconds(point.timeUnixNano)) / 1e9,
      temporality,
      value: number(point.asInt ?? point.asDouble),
      ...(buckets === undefined ? {} : { histogram: { buckets, sum: number(point.sum) } }),
      ended: (number(point.flags) & 1) === 1,
      ...programPart(metric, point, scope),
    };
  });
}

function programPart(metric: Json, point: Json, scope: Attributes): { program?: ProgramPart } {
  const name = scope[PROGRAM.name.name];
  if (name === undefined) return {};
  const told = { metricDescription: text(metric.description), unit: text(metric.unit) };
  const program = { name: String(name), description: String(scope[PROGRAM.description.name] ?? ''), ...told };
  if (metric.histogram === undefined) return { program };
  const buckets = bucketsFrom(numbers(point.explicitBounds), numbers(point.bucketCounts));
  return { program: { ...program, histogram: { buckets, count: number(point.count), sum: number(point.sum) } } };
}

/** Widest range of values that is kept: 2^-40 s is below a picosecond, 2^40 s above thirty thousand years. */
const MAX_EXPONENT = 40;

/** Buckets outside any plausible time (of a damaged file) are dropped, so that they cannot make lists of any length. */
function bucketsOf(point: Json): Histogram {
  const positive = object(point.positive);
  const scale = Math.max(-10, Math.min(20, Math.trunc(number(point.scale))));
  const offset = Math.trunc(number(positive.offset));
  const limit = MAX_EXPONENT * 2 ** scale;
  const counts = numbers(positive.bucketCounts).map((count) => Math.max(0, count));
  const plausible = offset >= -limit && offset + counts.length <= limit;
  return { scale, offset: plausible ? offset : 0, counts: plausible ? counts : [], zeroCount: number(point.zeroCount) };
}

function attributesOf(value: unknown): Attributes {
  return Object.fromEntries(list(value).map(({ key, value: any }) => [text(key), plainValue(object(any))]));
}

function plainValue(any: Json): string | number | boolean {
  if (typeof any.stringValue === 'string') return any.stringValue;
  if (typeof any.boolValue === 'boolean') return any.boolValue;
  if (any.intValue !== undefined) return number(any.intValue);
  if (any.doubleValue !== undefined) return number(any.doubleValue);
  return list(object(any.arrayValue).values).map(plainValue).join(', ');
}

function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(object) : [];
}

function numbers(value: unknown): number[] {
  return Array.isArray(value) ? value.map(number) : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** OTLP/JSON writes 64-bit integers as decimal strings, but numbers are allowed. */
function number(value: unknown): number {
  const parsed = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof parsed === 'number' && Number.isFinite(parsed) ? parsed : 0;
}

function nanoseconds(value: unknown): bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  return typeof value === 'string' && /^\d{1,20}$/.test(value) ? BigInt(value) : 0n;
}
