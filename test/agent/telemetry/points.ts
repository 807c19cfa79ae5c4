/** Finds data points in snapshots and requests, for expectations. */

import type { MetricsSnapshot } from '../../../agent/telemetry/metrics/snapshot.js';
import type {
  ExponentialHistogramPoint,
  KeyValue,
  NumberPoint,
  ResourceMetrics,
} from '../../../agent/telemetry/otlp/model.js';

export interface FoundPoint {
  metric: string;
  attributes: Record<string, unknown>;
  value: number | undefined;
  start: bigint | undefined;
  time: bigint;
  ended: boolean;
}

export function pointsOf(snapshots: MetricsSnapshot[]): FoundPoint[] {
  return snapshots.flatMap(({ parts }) => parts.flatMap(({ metrics }) => resourcePoints(metrics)));
}

export function resourcePoints({ scopeMetrics }: ResourceMetrics): FoundPoint[] {
  return scopeMetrics.flatMap(({ metrics }) =>
    metrics.flatMap(
      ({ name, gauge, sum, exponentialHistogram }) =>
        (gauge ?? sum ?? exponentialHistogram)?.dataPoints.map((point) => found(name, point)) ?? [],
    ),
  );
}

function found(metric: string, point: NumberPoint | ExponentialHistogramPoint): FoundPoint {
  const ended = point.flags === 1;
  const value = 'count' in point ? point.count : (point.asInt ?? point.asDouble);
  return {
    metric,
    attributes: record(point.attributes),
    value: ended ? undefined : Number(value),
    start: point.startTimeUnixNano === undefined ? undefined : BigInt(point.startTimeUnixNano),
    time: BigInt(point.timeUnixNano),
    ended,
  };
}

export function record(attributes: readonly KeyValue[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
