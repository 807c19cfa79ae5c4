/**
 * Cumulative sums of what a server's processes did with files, by type of process, operation and kind of file, and the points that they
 * become. There are as many as PostgreSQL has types of processes, some twenty, times the operations and kinds: no limit is needed.
 */

import type { IoEvent } from '../../tracer/io-event.js';
import { fileKindOf } from '../../waits.js';
import { FILE_METRICS, type MetricName, POINT } from '../names.js';
import { integer, keyValues } from '../otlp/attributes.js';
import type { ExponentialHistogramPoint, KeyValue, Metric, NumberPoint } from '../otlp/model.js';
import { NO_RECORDED_VALUE } from '../otlp/model.js';
import { shareAttributes } from '../otlp/protobuf.js';
import { type ExponentialHistogram, emptyHistogram, mergeInto } from './exponential-histogram.js';
import { histogramMetric, numberPoint, sumMetric } from './query-points.js';

const NS_PER_S = 1e9;

interface FileSums {
  attributes: readonly KeyValue[];
  startUnixNano: bigint;
  errors: number;
  bytes: number;
  storageReadBytes: number;
  durationNs: number;
  durations: ExponentialHistogram;
}

export interface FileSumsTable {
  /** `fromUnixNano`: when the interval began that the event covers. */
  add(event: IoEvent, fromUnixNano: bigint): void;
  /** `ended`: points that say "no recorded value". */
  metrics(time: string, ended: boolean): Metric[];
}

/** `major`: PostgreSQL's, which numbers wait events. */
export function createFileSums(major: number): FileSumsTable {
  const all = new Map<string, FileSums>();

  const sumsOf = ({ backendType, operation, event }: IoEvent, startUnixNano: bigint): FileSums => {
    const kind = fileKindOf(major, event);
    const key = `${backendType}\0${operation}\0${kind}`;
    const known = all.get(key);
    if (known !== undefined) return known;
    const attributes = shareAttributes(
      keyValues({
        [POINT.backendType.name]: backendType,
        [POINT.fileOperation.name]: operation,
        [POINT.fileKind.name]: kind,
      }),
    );
    const nothing = { errors: 0, bytes: 0, storageReadBytes: 0, durationNs: 0, durations: emptyHistogram() };
    const sums = { attributes, startUnixNano, ...nothing };
    all.set(key, sums);
    return sums;
  };

  return {
    add: (event, fromUnixNano) => {
      const sums = sumsOf(event, fromUnixNano);
      sums.errors += event.errors ?? 0;
      sums.bytes += event.bytes ?? 0;
      sums.storageReadBytes += event.storageReadBytes ?? 0;
      sums.durationNs += event.durationNs;
      mergeInto(sums.durations, event.durations);
    },
    metrics: (time, ended) => {
      const series = [...all.values()];
      if (series.length === 0) return [];
      const counter = (metric: MetricName, value: (sums: FileSums) => number): Metric[] => {
        const points = series.filter((sums) => value(sums) > 0).map((sums) => counterPoint(sums, value(sums)));
        return points.length === 0 ? [] : [sumMetric(metric, points)];
      };
      const counterPoint = ({ attributes, startUnixNano }: FileSums, value: number): NumberPoint =>
        numberPoint(attributes, startUnixNano.toString(), time, ended ? undefined : { asInt: integer(value) });
      return [
        histogramMetric(
          FILE_METRICS.duration,
          series.map((sums) => durationPoint(sums, time, ended)),
        ),
        ...counter(FILE_METRICS.errors, ({ errors }) => errors),
        ...counter(FILE_METRICS.bytes, ({ bytes }) => bytes),
        ...counter(FILE_METRICS.storageRead, ({ storageReadBytes }) => storageReadBytes),
      ];
    },
  };
}

function durationPoint(
  { attributes, startUnixNano, durations, durationNs }: FileSums,
  timeUnixNano: string,
  ended: boolean,
): ExponentialHistogramPoint {
  const point = { attributes, startTimeUnixNano: startUnixNano.toString(), timeUnixNano };
  const { scale, offset, counts, count } = durations;
  if (ended) return { ...point, count: '0', scale, zeroCount: '0', flags: NO_RECORDED_VALUE };
  const positive = { offset, bucketCounts: counts.map(integer) };
  return { ...point, count: integer(count), sum: durationNs / NS_PER_S, scale, zeroCount: '0', positive };
}
