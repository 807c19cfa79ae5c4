/** Which data points a query's sums become. A counter that is still 0 has no point: most queries never touch most counters. */

import { type Counters, PHASES } from '../../tracer/events.js';
import { type AttributeName, BACKGROUND_METRICS, type MetricName, POINT, QUERY_METRICS } from '../names.js';
import { integer, keyValues } from '../otlp/attributes.js';
import type { ExponentialHistogramPoint, KeyValue, Metric, NumberPoint } from '../otlp/model.js';
import { NO_RECORDED_VALUE, TEMPORALITY_CUMULATIVE } from '../otlp/model.js';
import { shareAttributes } from '../otlp/protobuf.js';
import type { QuerySums } from './query-sums.js';
import type { WaitAttributes } from './wait-attributes.js';

interface PointSource {
  metric: MetricName;
  value: (row: QuerySums) => number;
  /** ns in the sums, s on the wire. */
  seconds: boolean;
  /** What the point has beside the series' own attributes. */
  attributes: readonly KeyValue[];
}

const NS_PER_S = 1e9;

const source = (
  metric: MetricName,
  value: (row: QuerySums) => number,
  ...of: [AttributeName, string][]
): PointSource => {
  const attributes = keyValues(Object.fromEntries(of.map(([attribute, word]) => [attribute.name, word])));
  return { metric, value, seconds: metric.unit === 's', attributes: shareAttributes(attributes) };
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
  ...PHASES.map((phase) => source(QUERY_METRICS.phaseTime, counter(`${phase}Ns`), [POINT.phase, phase])),
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

/** One query's series: its sums and the attributes that all its points have, which stay the same as long as it lives. */
export interface QuerySeries {
  row: QuerySums;
  attributes: readonly KeyValue[];
  startTimeUnixNano: string;
  waitAttributes: WaitAttributes;
}

export function querySeries(row: QuerySums, attributes: KeyValue[], waitAttributes: WaitAttributes): QuerySeries {
  const startTimeUnixNano = row.startUnixNano.toString();
  return { row, attributes: shareAttributes(attributes), startTimeUnixNano, waitAttributes };
}

/** The metrics of `series` at `timeUnixNano`. `ended`: points that say "no recorded value" in place of the values. */
export function queryMetrics(series: readonly QuerySeries[], timeUnixNano: bigint, ended: boolean): Metric[] {
  const time = timeUnixNano.toString();
  const histograms = series.filter(({ row }) => row.durations.count > 0).map((one) => histogramPoint(one, time, ended));
  const sums = new Map<MetricName, NumberPoint[]>();
  const add = (metric: MetricName, of: QuerySeries, extra: readonly KeyValue[], value: PointValue): void => {
    const own = of.row.backendType === undefined ? metric : backgroundMetric(metric);
    if (own === undefined) return;
    const points = sums.get(own) ?? [];
    // Of thousands of series the joined lists would take more memory than all else that is known of them: none is kept.
    const attributes = extra.length === 0 ? of.attributes : [...of.attributes, ...extra];
    points.push(numberPoint(attributes, of.startTimeUnixNano, time, ended ? undefined : value));
    sums.set(own, points);
  };
  for (const from of SOURCES)
    for (const one of series) {
      const value = from.value(one.row);
      if (value > 0) add(from.metric, one, from.attributes, pointValue(value, from));
    }
  for (const one of series)
    for (const [attributes, { count, ns }] of waitsByName(one)) {
      add(QUERY_METRICS.waitTime, one, attributes, { asDouble: ns / NS_PER_S });
      add(QUERY_METRICS.waits, one, attributes, { asInt: integer(count) });
    }
  return [
    ...(histograms.length > 0 ? [histogramMetric(QUERY_METRICS.duration, histograms)] : []),
    ...[...sums].map(([name, points]) => sumMetric(name, points)),
  ];
}

/** Idle waits are left out; events of one name are one. */
function waitsByName({ row, waitAttributes }: QuerySeries): Map<readonly KeyValue[], { count: number; ns: number }> {
  const sums = new Map<readonly KeyValue[], { count: number; ns: number }>();
  for (const [event, { count, ns }] of row.waits) {
    const attributes = waitAttributes(event);
    if (attributes === undefined) continue;
    const before = sums.get(attributes);
    sums.set(attributes, { count: (before?.count ?? 0) + count, ns: (before?.ns ?? 0) + ns });
  }
  return sums;
}

const BACKGROUND = new Map(
  Object.entries(QUERY_METRICS).map(([key, metric]) => [metric, BACKGROUND_METRICS[key as keyof typeof QUERY_METRICS]]),
);

function backgroundMetric(metric: MetricName): MetricName | undefined {
  return BACKGROUND.get(metric);
}

type PointValue = Pick<NumberPoint, 'asInt' | 'asDouble'>;

function pointValue(value: number, from: PointSource): PointValue {
  return from.seconds ? { asDouble: value / NS_PER_S } : { asInt: integer(value) };
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
  const flags = value === undefined ? NO_RECORDED_VALUE : undefined;
  // Of one shape, all at once: there are very many of them.
  return { attributes, startTimeUnixNano, timeUnixNano, asInt: value?.asInt, asDouble: value?.asDouble, flags };
}

export function histogramMetric(name: MetricName, dataPoints: ExponentialHistogramPoint[]): Metric {
  const exponentialHistogram = { dataPoints, aggregationTemporality: TEMPORALITY_CUMULATIVE };
  return { ...head(name), exponentialHistogram };
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
