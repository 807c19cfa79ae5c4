/** What one collection of one resource gives to the exporters. */

import type { Metric, Resource, ResourceMetrics, Scope } from '../otlp/model.js';

export interface SnapshotPart {
  metrics: ResourceMetrics;
  /** Data points in it. */
  points: number;
}

export interface MetricsSnapshot {
  /** The resource that it is about: a target, or pgscope itself. */
  key: string;
  parts: SnapshotPart[];
  /**
   * False: cumulative values, which a later snapshot of the same key repeats and may therefore replace. True: ends of series,
   * which nothing repeats; no later snapshot may replace it, nor anything before it.
   */
  final: boolean;
}

export function snapshotPart(resource: Resource, scope: Scope, metrics: Metric[]): SnapshotPart {
  const points = metrics.reduce((sum, metric) => sum + pointsOf(metric), 0);
  return { metrics: { resource, scopeMetrics: [{ scope, metrics }] }, points };
}

function pointsOf({ gauge, sum, histogram, exponentialHistogram }: Metric): number {
  return (gauge ?? sum ?? histogram ?? exponentialHistogram)?.dataPoints.length ?? 0;
}
