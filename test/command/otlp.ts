/** What a recording has written with --otlp-file or sent as http/json, read as OTLP says and no further than tests need. */
import { readFileSync } from 'node:fs';

type Scalar = string | number | boolean;
export type Attributes = Record<string, Scalar>;

export interface Point {
  resource: Attributes;
  metric: string;
  attributes: Attributes;
  /** Empty for gauges. */
  start: string;
  time: bigint;
  /** Of a histogram the count; undefined: no recorded value. */
  value: number | undefined;
}

/** The points of one series from its start on, in the order in which they came. */
export interface Series {
  resource: Attributes;
  metric: string;
  attributes: Attributes;
  /** Empty for gauges. */
  start: string;
  points: Point[];
  /** The last one that was recorded. */
  value: number | undefined;
  /** Its last point says that there is no recorded value, and no point before it does: it goes on no more. */
  hasEnded: boolean;
}

export interface Span {
  resource: Attributes;
  name: string;
  traceId: string;
  /** Empty: a root. */
  parentSpanId: string;
  links: { traceId: string; spanId: string; attributes: Attributes }[];
  startUnixNano: bigint;
  endUnixNano: bigint;
  attributes: Attributes;
}

export interface Log {
  resource: Attributes;
  event: string;
  attributes: Attributes;
}

interface KeyValue {
  key: string;
  value: { stringValue?: string; intValue?: string; doubleValue?: number; boolValue?: boolean };
}
interface RawPoint {
  attributes?: KeyValue[];
  startTimeUnixNano?: string;
  timeUnixNano: string;
  flags?: number;
  asInt?: string;
  asDouble?: number;
  count?: string;
}
interface RawMetric {
  name: string;
  sum?: { dataPoints: RawPoint[] };
  gauge?: { dataPoints: RawPoint[] };
  histogram?: { dataPoints: RawPoint[] };
  exponentialHistogram?: { dataPoints: RawPoint[] };
}
interface RawSpan {
  name: string;
  traceId: string;
  parentSpanId?: string;
  links?: { traceId: string; spanId: string; attributes?: KeyValue[] }[];
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes?: KeyValue[];
}
interface Request {
  resourceMetrics?: { resource: { attributes: KeyValue[] }; scopeMetrics: { metrics: RawMetric[] }[] }[];
  resourceSpans?: {
    resource: { attributes: KeyValue[] };
    scopeSpans: { spans: RawSpan[] }[];
  }[];
  resourceLogs?: {
    resource: { attributes: KeyValue[] };
    scopeLogs: { logRecords: { eventName: string; attributes?: KeyValue[] }[] }[];
  }[];
}

export class Recorded {
  readonly points: Point[];
  readonly spans: Span[];
  readonly logs: Log[];

  /** Lines of a file; a last line that is still being written is passed over. */
  static fromFile(path: string): Recorded {
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    return new Recorded(lines.map((line) => JSON.parse(line) as Request));
  }

  static fromBodies(bodies: Uint8Array[]): Recorded {
    return new Recorded(bodies.map((body) => JSON.parse(Buffer.from(body).toString()) as Request));
  }

  private constructor(requests: Request[]) {
    this.points = requests
      .flatMap(({ resourceMetrics = [] }) => resourceMetrics)
      .flatMap(({ resource, scopeMetrics }) => {
        const attributes = attributesOf(resource.attributes);
        return scopeMetrics.flatMap(({ metrics }) => metrics.flatMap((metric) => pointsOf(attributes, metric)));
      });
    this.spans = requests
      .flatMap(({ resourceSpans = [] }) => resourceSpans)
      .flatMap(({ resource, scopeSpans }) => {
        const attributes = attributesOf(resource.attributes);
        return scopeSpans.flatMap(({ spans }) => spans.map((span) => spanOf(attributes, span)));
      });
    this.logs = requests
      .flatMap(({ resourceLogs = [] }) => resourceLogs)
      .flatMap(({ resource, scopeLogs }) =>
        scopeLogs.flatMap(({ logRecords }) =>
          logRecords.map((record) => ({
            resource: attributesOf(resource.attributes),
            event: record.eventName,
            attributes: attributesOf(record.attributes),
          })),
        ),
      );
  }

  metric(name: string): Point[] {
    return this.points.filter(({ metric }) => metric === name);
  }

  /** Sum over all series, each with its last value in each of its start times. */
  total(name: string, belongs: (point: Point) => boolean = () => true): number {
    const last = new Map<string, number>();
    for (const point of this.metric(name))
      if (point.value !== undefined && belongs(point)) last.set(seriesOf(point), point.value);
    return [...last.values()].reduce((sum, value) => sum + value, 0);
  }

  /** Fingerprints of the queries whose exported text holds this. */
  fingerprints(marker: string): Set<Scalar | undefined> {
    const infos = this.metric('pgscope.query.info').map(({ attributes }) => attributes);
    const found = infos.filter((attributes) => String(attributes['db.query.text'] ?? '').includes(marker));
    return new Set(found.map((attributes) => attributes['pgscope.query.fingerprint']));
  }

  /** `total` of the queries whose exported text holds this. */
  ofQuery(marker: string, name: string): number {
    const fingerprints = this.fingerprints(marker);
    return this.total(name, ({ attributes }) => fingerprints.has(attributes['pgscope.query.fingerprint']));
  }

  /** All series, each with each of its start times, the one that came first before the others. */
  series(belongs: (point: Point) => boolean): Series[] {
    const grouped = Map.groupBy(this.points.filter(belongs), seriesOf);
    return [...grouped.values()].map((points) => {
      const [{ resource, metric, attributes, start } = noPoint()] = points;
      const { value } = points.findLast((point) => point.value !== undefined) ?? {};
      const hasEnded = points.findIndex((point) => point.value === undefined) === points.length - 1;
      return { resource, metric, attributes, start, points, value, hasEnded };
    });
  }

  /** Loss counts of pgscope itself by stage and reason, such as `export queueFull`. */
  losses(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { attributes } of this.metric('pgscope.losses')) {
      const reason = attributes['pgscope.loss.reason'];
      const name = `${attributes['pgscope.loss.stage']} ${reason}`;
      counts[name] = this.total('pgscope.losses', (point) => point.attributes['pgscope.loss.reason'] === reason);
    }
    return counts;
  }

  /** Cumulative points that are smaller than an earlier one of the same series and start time; one sentence each. */
  decreases(): string[] {
    const found: string[] = [];
    const last = new Map<string, Point>();
    for (const point of this.points) {
      if (point.start === '' || point.value === undefined) continue;
      const before = last.get(seriesOf(point));
      if (before?.value !== undefined && (point.value < before.value || point.time < before.time))
        found.push(`${point.metric} of ${JSON.stringify(point.attributes)}: ${before.value}, then ${point.value}`);
      last.set(seriesOf(point), point);
    }
    return found;
  }
}

function noPoint(): never {
  throw new Error('a group has a point');
}

function pointsOf(resource: Attributes, { name, sum, gauge, histogram, exponentialHistogram }: RawMetric): Point[] {
  const points = (sum ?? gauge ?? histogram ?? exponentialHistogram)?.dataPoints ?? [];
  return points.map((raw) => {
    const value = raw.asInt ?? raw.asDouble ?? raw.count;
    return {
      resource,
      metric: name,
      attributes: attributesOf(raw.attributes),
      start: raw.startTimeUnixNano ?? '',
      time: BigInt(raw.timeUnixNano),
      value: raw.flags === 1 || value === undefined ? undefined : Number(value),
    };
  });
}

function spanOf(resource: Attributes, span: RawSpan): Span {
  const { name, traceId, parentSpanId = '', links = [], attributes } = span;
  return {
    resource,
    name,
    traceId,
    parentSpanId,
    links: links.map((link) => ({ ...link, attributes: attributesOf(link.attributes) })),
    startUnixNano: BigInt(span.startTimeUnixNano),
    endUnixNano: BigInt(span.endTimeUnixNano),
    attributes: attributesOf(attributes),
  };
}

function seriesOf({ resource, metric, attributes, start }: Point): string {
  return JSON.stringify([metric, Object.entries(attributes).sort(), Object.entries(resource).sort(), start]);
}

function attributesOf(list: KeyValue[] = []): Attributes {
  return Object.fromEntries(
    list.map(({ key, value }) => [
      key,
      value.stringValue ?? value.boolValue ?? value.doubleValue ?? Number(value.intValue ?? 0),
    ]),
  );
}
