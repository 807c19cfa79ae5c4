/** Which data points a query's sums become. A counter that is still 0 has no point: most queries never touch most counters. */

import type { Counters } from '../../tracer/events.js';
import { waitedFor } from '../../waits.js';
import { type AttributeName, BACKGROUND_METRICS, type MetricName, POINT, QUERY_METRICS } from '../names.js';
import { integer, keyValues } from '../otlp/attributes.js';
import type { ExponentialHistogramPoint, KeyValue, Metric, NumberPoint } from '../otlp/model.js';
import { NO_RECORDED_VALUE, TEMPORALITY_CUMULATIVE } from '../otlp/model.js';
import { shareAttributes } from '../otlp/protobuf.js';
import { attributesOfWait } from '../wait-attributes.js';
import type { QuerySums } from './query-sums.js';

interface PointSource {
  metric: MetricName;
  value: (row: QuerySums) => number;
  /** ns in the sums, s on the wire. */
  seconds: boolean;
  /** What the point has beside the series' own attributes. */
  attributes: KeyValue[];
}

const NS_PER_S = 1e9;

const source = (
  metric: MetricName,
  value: (row: QuerySums) => number,
  ...of: [AttributeName, string][]
): PointSource => {
  const attributes = keyValues(Object.fromEntries(of.map(([attribute, word]) => [attribute.name, word])));
  return { metric, value, seconds: metric.unit === 's', attributes };
};
const counter = (name: keyof Counters) => (row: QuerySums) => row.counters[name] ?? 0;
const block = (name: keyof Counters, from: string, operation: string): PointSource =>
  source(QUERY_METRICS.blocks, counter(name), [POINT.blockSource, from], [POINT.blockOperation, operation]);

const SOURCES: PointSource[] = [
  source(QUERY_METRICS.calls, (row) => row.calls),
  source(QUERY_METRICS.errors, (row) => row.errors),
  source(QUERY_METRICS.rows, counter('rows')),
  source(QUERY_METRICS.cpuTime, counter('cpuNs')),
  source(QUERY_METRICS.runQueueTime, counter('runQueueNs')),
  block('sharedBlocksHit', 'shared', 'hit'),
  block('sharedBlocksRead', 'shared', 'read'),
  block('sharedBlocksDirtied', 'shared', 'dirtied'),
  block('sharedBlocksWritten', 'shared', 'written'),
  block('localBlocksHit', 'local', 'hit'),
  block('localBlocksRead', 'local', 'read'),
  block('localBlocksDirtied', 'local', 'dirtied'),
  block('localBlocksWritten', 'local', 'written'),
  block('tempBlocksRead', 'temp', 'read'),
  block('tempBlocksWritten', 'temp', 'written'),
  source(QUERY_METRICS.blockTime, counter('blockReadNs'), [POINT.diskDirection, 'read']),
  source(QUERY_METRICS.blockTime, counter('blockWriteNs'), [POINT.diskDirection, 'write']),
  source(QUERY_METRICS.storage, counter('storageReadBytes'), [POINT.diskDirection, 'read']),
  source(QUERY_METRICS.storage, counter('storageWriteBytes'), [POINT.diskDirection, 'write']),
  source(QUERY_METRICS.walRecords, counter('walRecords')),
  source(QUERY_METRICS.walImages, counter('walFullPageImages')),
  source(QUERY_METRICS.walSize, counter('walBytes')),
  source(QUERY_METRICS.faults, counter('minorFaults'), [POINT.faultType, 'minor']),
  source(QUERY_METRICS.faults, counter('majorFaults'), [POINT.faultType, 'major']),
  source(QUERY_METRICS.network, counter('networkReceivedBytes'), [POINT.networkDirection, 'receive']),
  source(QUERY_METRICS.network, counter('networkSentBytes'), [POINT.networkDirection, 'transmit']),
];

/** One query's series: its sums and the attributes of its points, which stay the same as long as it lives. */
export interface QuerySeries {
  row: QuerySums;
  attributes: readonly KeyValue[];
  startTimeUnixNano: string;
  /** With a source's own attributes, by the source's place in SOURCES; made when first needed. */
  withSource: (readonly KeyValue[])[];
  /** With what was waited for, by its number; undefined for idle waits, which have no points. */
  withWait: Map<number, readonly KeyValue[] | undefined>;
  /** PostgreSQL's, which numbers wait events. */
  major: number;
}

export function querySeries(row: QuerySums, attributes: KeyValue[], major: number): QuerySeries {
  const startTimeUnixNano = row.startUnixNano.toString();
  return {
    row,
    attributes: shareAttributes(attributes),
    startTimeUnixNano,
    withSource: [],
    withWait: new Map(),
    major,
  };
}

/** The metrics of `series` at `timeUnixNano`. `ended`: points that say "no recorded value" in place of the values. */
export function queryMetrics(series: readonly QuerySeries[], timeUnixNano: bigint, ended: boolean): Metric[] {
  const time = timeUnixNano.toString();
  const histograms = series.filter(({ row }) => row.durations.count > 0).map((one) => histogramPoint(one, time, ended));
  const sums = new Map<MetricName, NumberPoint[]>();
  const add = (metric: MetricName, of: QuerySeries, attributes: readonly KeyValue[], value: PointValue): void => {
    const own = of.row.backendType === undefined ? metric : backgroundMetric(metric);
    if (own === undefined) return;
    const points = sums.get(own) ?? [];
    points.push(numberPoint(attributes, of.startTimeUnixNano, time, ended ? undefined : value));
    sums.set(own, points);
  };
  SOURCES.forEach((from, i) => {
    for (const one of series) {
      const value = from.value(one.row);
      if (value > 0) add(from.metric, one, attributesOf(one, i), pointValue(value, from));
    }
  });
  for (const one of series)
    for (const [event, { count, ns }] of one.row.waits) {
      const attributes = waitAttributes(one, event);
      if (attributes === undefined) continue;
      add(QUERY_METRICS.waitTime, one, attributes, { asDouble: ns / NS_PER_S });
      add(QUERY_METRICS.waits, one, attributes, { asInt: integer(count) });
    }
  return [
    ...(histograms.length > 0 ? [histogramMetric(histograms)] : []),
    ...[...sums].map(([name, points]) => sumMetric(name, points)),
  ];
}

const BACKGROUND = new Map(
  Object.entries(QUERY_METRICS).map(([key, metric]) => [metric, BACKGROUND_METRICS[key as keyof typeof QUERY_METRICS]]),
);

function backgroundMetric(metric: MetricName): MetricName | undefined {
  return BACKGROUND.get(metric);
}

function waitAttributes(series: QuerySeries, event: number): readonly KeyValue[] | undefined {
  if (!series.withWait.has(event)) {
    const waited = waitedFor(series.major, event);
    const own = waited && keyValues(attributesOfWait(waited));
    series.withWait.set(event, own && shareAttributes([...series.attributes, ...own]));
  }
  return series.withWait.get(event);
}

type PointValue = { asInt: string } | { asDouble: number };

function pointValue(value: number, from: PointSource): PointValue {
  return from.seconds ? { asDouble: value / NS_PER_S } : { asInt: integer(value) };
}

function attributesOf(series: QuerySeries, at: number): readonly KeyValue[] {
  const extra = SOURCES[at]?.attributes ?? [];
  if (extra.length === 0) return series.attributes;
  series.withSource[at] ??= shareAttributes([...series.attributes, ...extra]);
  return series.withSource[at];
}

function histogramPoint(
  { row, attributes, startTimeUnixNano }: QuerySeries,
  timeUnixNano: string,
  ended: boolean,
): ExponentialHistogramPoint {
  const point = { attributes, startTimeUnixNano, timeUnixNano };
  const { scale, offset, counts, count } = row.durations;
  if (ended) return { ...point, count: '0', scale, zeroCount: '0', flags: NO_RECORDED_VALUE };
  return {
    ...point,
    count: integer(count),
    sum: (row.counters.durationNs ?? 0) / NS_PER_S,
    scale,
    zeroCount: '0',
    positive: { offset, bucketCounts: counts.map(integer) },
  };
}

/** A point without a value ends its series. */
export function numberPoint(
  attributes: readonly KeyValue[],
  startTimeUnixNano: string | undefined,
  timeUnixNano: string,
  value: PointValue | undefined,
): NumberPoint {
  const point: NumberPoint = { attributes, timeUnixNano };
  if (startTimeUnixNano !== undefined) point.startTimeUnixNano = startTimeUnixNano;
  return Object.assign(point, value ?? { flags: NO_RECORDED_VALUE });
}

function histogramMetric(dataPoints: ExponentialHistogramPoint[]): Metric {
  const exponentialHistogram = { dataPoints, aggregationTemporality: TEMPORALITY_CUMULATIVE };
  return { ...head(QUERY_METRICS.duration), exponentialHistogram };
}

export function sumMetric(name: MetricName, dataPoints: NumberPoint[]): Metric {
  return { ...head(name), sum: { dataPoints, aggregationTemporality: TEMPORALITY_CUMULATIVE, isMonotonic: true } };
}

export function gaugeMetric(name: MetricName, dataPoints: NumberPoint[]): Metric {
  return { ...head(name), gauge: { dataPoints } };
}

function head({ name, meaning, unit }: MetricName): { name: string; description: string; unit: string } {
  return { name, description: meaning, unit };
}
