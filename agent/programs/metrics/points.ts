/** The series of a map as a metric of OTLP. */

import type { ProgramMap } from '../../../api/trace-program.js';
import {
  type HistogramPoint,
  integer,
  type Metric,
  NO_RECORDED_VALUE,
  numberPoint,
  TEMPORALITY_CUMULATIVE,
} from '../../telemetry.js';
import type { Sums } from '../output/entries.js';
import { plus, type Series } from './series.js';

export interface Times {
  start: string;
  time: string;
}

/** More would make a point larger than all others together; the finest ones are left out. */
const MAX_BOUNDS = 200;

/** `ended`: points that say "no recorded value" in place of the values. Undefined: there are none. */
export function mapMetric(
  map: ProgramMap,
  series: readonly Series[],
  times: Times,
  ended: boolean,
): Metric | undefined {
  const head = { name: map.metric, description: map.description, unit: map.unit };
  const told = map.kind === 'gauge' && !ended ? series.filter(({ isPresent }) => isPresent) : series;
  if (told.length === 0) return undefined;
  if (map.kind === 'histogram') {
    const bounds = boundsOf(series);
    const dataPoints = told.map((one) => histogramPoint(one, map.scale, bounds, { times, ended }));
    return { ...head, histogram: { dataPoints, aggregationTemporality: TEMPORALITY_CUMULATIVE } };
  }
  const isGauge = map.kind === 'gauge';
  const dataPoints = told.map(({ attributes, before, now }) => {
    const value = (isGauge ? now.value : grown(plus(before, now))) * map.scale;
    const number =
      Number.isInteger(map.scale) && Number.isInteger(value) ? { asInt: integer(value) } : { asDouble: value };
    return numberPoint(attributes, isGauge ? undefined : times.start, times.time, ended ? undefined : number);
  });
  if (isGauge) return { ...head, gauge: { dataPoints } };
  return { ...head, sum: { dataPoints, aggregationTemporality: TEMPORALITY_CUMULATIVE, isMonotonic: true } };
}

/** Of stats() the sum is what only grows. */
function grown({ value, total }: Sums): number {
  return total ?? value;
}

/** All bounds of all series of the map, so that they have the same ones; in the map's own unit. */
function boundsOf(series: readonly Series[]): number[] {
  const bounds = new Set<number>();
  for (const { before, now } of series)
    for (const one of [before, now]) for (const bound of one.buckets.keys()) bounds.add(bound);
  bounds.delete(Number.POSITIVE_INFINITY);
  const sorted = [...bounds].sort((a, b) => a - b);
  const step = Math.ceil(sorted.length / MAX_BOUNDS);
  return step <= 1 ? sorted : sorted.filter((_, index) => (sorted.length - 1 - index) % step === 0);
}

function histogramPoint(
  { attributes, before, now }: Series,
  scale: number,
  bounds: readonly number[],
  { times, ended }: { times: Times; ended: boolean },
): HistogramPoint {
  const point = { attributes, startTimeUnixNano: times.start, timeUnixNano: times.time };
  const { count, total, buckets } = plus(before, now);
  // Twelve digits: what the product has behind them is no part of the value.
  const explicitBounds = bounds.map((bound) => Number((bound * scale).toPrecision(12)));
  // With the same bounds, so that a receiver ends the series of each bucket.
  const none = bounds.length === 0 ? [] : new Array<string>(bounds.length + 1).fill('0');
  if (ended) return { ...point, count: '0', bucketCounts: none, explicitBounds, flags: NO_RECORDED_VALUE };
  const sum = total === undefined ? undefined : total * scale;
  if (bounds.length === 0) return { ...point, count: integer(count), sum, bucketCounts: [], explicitBounds: [] };
  const counts = new Array<number>(bounds.length + 1).fill(0);
  for (const [bound, own] of buckets) {
    const found = bounds.findIndex((one) => one >= bound);
    const at = found === -1 ? bounds.length : found;
    counts[at] = (counts[at] ?? 0) + own;
  }
  return { ...point, count: integer(count), sum, bucketCounts: counts.map(integer), explicitBounds };
}
