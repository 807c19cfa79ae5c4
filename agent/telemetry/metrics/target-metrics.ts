/** The metrics of one target: its queries' series from their first call to their end, the texts, and the target's gauges. */

import type { DescribedQuery } from '../../queries.js';
import type { AggregateEvent } from '../../tracer/events.js';
import { OUTSIDE_STATEMENTS } from '../../tracer/events.js';
import type { IoEvent } from '../../tracer/io-event.js';
import { POINT, QUERY, TARGET_METRICS } from '../names.js';
import { integer, keyValues } from '../otlp/attributes.js';
import type { KeyValue, Metric, Resource, Scope } from '../otlp/model.js';
import { createFileSums } from './file-sums.js';
import { createProcessGauges, type Processes } from './process-gauges.js';
import { gaugeMetric, numberPoint, type QuerySeries, queryMetrics, querySeries } from './query-points.js';
import { createQuerySums, type Interval, type QuerySums } from './query-sums.js';
import { createQueryTexts } from './query-texts.js';
import { type MetricsSnapshot, snapshotPart } from './snapshot.js';
import { createWaitAttributes } from './wait-attributes.js';

/** Series in one part of a snapshot: about 15 points of 200 bytes each make a part of half a MiB. */
const SERIES_PER_PART = 150;
const MS = 1_000_000n;

export const OUTSIDE_SUMMARY = '(outside statements)';

export interface TargetMetricsOptions {
  key: string;
  resource: Resource;
  scope: Scope;
  /** Series beside the overflow series. */
  maxQueries: number;
  /** A series without a change for so long ends, ns. */
  idleNs: bigint;
  describe: (fingerprint: string) => DescribedQuery | undefined;
  /** PostgreSQL's major version. */
  major: number;
}

export interface TargetMetrics {
  add(aggregate: AggregateEvent, database: string, user: string, interval: Interval): void;
  /** `fromUnixNano`: when the interval began that the event covers. */
  addIo(event: IoEvent, fromUnixNano: bigint): void;
  /** A query has another summary than before: its series end, the next call begins new ones. */
  redescribed(fingerprint: string): void;
  /** What a drain has told of the server's processes; round-trip times are summed up until they are collected. */
  setProcesses(seen: Processes): void;
  setMaxQueries(maxQueries: number): void;
  /** Values at `timeUnixNano`, then the ends of the series that end (`all`: every one); the ends are 1 ms later. */
  collect(timeUnixNano: bigint, all?: boolean): MetricsSnapshot[];
  readonly series: number;
  /** Statements counted in the overflow series. */
  readonly overflowed: number;
}

export function createTargetMetrics(options: TargetMetricsOptions): TargetMetrics {
  const { key, resource, scope, idleNs, describe } = options;
  const sums = createQuerySums(options.maxQueries);
  const texts = createQueryTexts();
  const waitAttributes = createWaitAttributes(options.major);
  const exported = new Map<QuerySums, QuerySeries>();
  const ending = new Set<QuerySums>();
  const processes = createProcessGauges();
  const files = createFileSums(options.major);

  const end = (row: QuerySums): void => {
    sums.remove(row);
    ending.add(row);
  };
  const seriesOf = (row: QuerySums): QuerySeries => {
    const series = exported.get(row) ?? querySeries(row, attributesOf(row, describe), waitAttributes);
    exported.set(row, series);
    return series;
  };
  const serverMetrics = (time: string, ended: boolean): Metric[] => {
    const series = numberPoint([], undefined, time, ended ? undefined : { asInt: integer(sums.size) });
    return [
      ...processes.metrics(time, ended),
      ...files.metrics(time, ended),
      gaugeMetric(TARGET_METRICS.series, [series]),
    ];
  };
  const values = (rows: QuerySums[], timeUnixNano: bigint): MetricsSnapshot => {
    const time = timeUnixNano.toString();
    const parts = chunks(rows, SERIES_PER_PART).map((chunk) => {
      const info = texts.points(chunk, describe, time);
      return snapshotPart(resource, scope, [...queryMetrics(chunk.map(seriesOf), timeUnixNano, false), ...info]);
    });
    return { key, parts: [...parts, snapshotPart(resource, scope, serverMetrics(time, false))], final: false };
  };
  const ends = (timeUnixNano: bigint, all: boolean): MetricsSnapshot[] => {
    const time = timeUnixNano.toString();
    const parts = chunks([...ending], SERIES_PER_PART).map((chunk) =>
      snapshotPart(resource, scope, queryMetrics(chunk.map(seriesOf), timeUnixNano, true)),
    );
    const rest = [...texts.ends(all ? [] : sums.rows(), time), ...(all ? serverMetrics(time, true) : [])];
    if (rest.length > 0) parts.push(snapshotPart(resource, scope, rest));
    for (const row of ending) exported.delete(row);
    ending.clear();
    return parts.length === 0 ? [] : [{ key, parts, final: true }];
  };

  return {
    add: (aggregate, database, user, interval) => {
      sums.add(aggregate, database, user, interval);
    },
    addIo: files.add,
    redescribed: (fingerprint) => {
      for (const row of exported.keys()) if (row.fingerprint === fingerprint) end(row);
    },
    setProcesses: processes.set,
    setMaxQueries: sums.setMaxQueries,
    collect: (timeUnixNano, all = false) => {
      const rows = [...sums.rows(), ...ending];
      for (const row of rows) if (all || timeUnixNano - row.changedUnixNano >= idleNs) end(row);
      return [values(rows, timeUnixNano), ...ends(timeUnixNano + MS, all)];
    },
    get series() {
      return sums.size;
    },
    get overflowed() {
      return sums.overflowed;
    },
  };
}

function attributesOf(row: QuerySums, describe: (fingerprint: string) => DescribedQuery | undefined): KeyValue[] {
  if (row.fingerprint === undefined) return keyValues({ [POINT.overflow.name]: true });
  if (row.backendType !== undefined) {
    const database = row.work === undefined || row.database === '' ? undefined : row.database;
    return keyValues({
      [POINT.backendType.name]: row.backendType,
      [QUERY.namespace.name]: database,
      [POINT.work.name]: row.work,
    });
  }
  const outside = row.fingerprint === OUTSIDE_STATEMENTS;
  return keyValues({
    [QUERY.namespace.name]: row.database === '' ? undefined : row.database,
    [QUERY.user.name]: row.user === '' ? undefined : row.user,
    [QUERY.summary.name]: outside ? OUTSIDE_SUMMARY : describe(row.fingerprint)?.summary,
    [QUERY.fingerprint.name]: row.fingerprint,
  });
}

function chunks<T>(list: T[], size: number): T[][] {
  const count = Math.ceil(list.length / size);
  return Array.from({ length: count }, (_, i) => list.slice(i * size, (i + 1) * size));
}
