/** OTLP lines for the tests of `report`: points, spans and files of them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import type { PointRecord, SpanRecord } from '../../../../agent/cli/report/otlp.js';

type Values = Record<string, string | number | boolean>;

export function keyValues(values: Values): object[] {
  return Object.entries(values).map(([key, value]) => {
    if (typeof value === 'string') return { key, value: { stringValue: value } };
    if (typeof value === 'boolean') return { key, value: { boolValue: value } };
    return { key, value: Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value } };
  });
}

export const SERVER_ATTRIBUTES: Values = {
  'db.system.name': 'postgresql',
  'service.version': '18.4',
  'host.name': 'db-1',
};

export function metricsLine(metrics: object[], resource: Values = SERVER_ATTRIBUTES): string {
  const scope = { name: 'pgscope', version: '0.1.0' };
  return JSON.stringify({
    resourceMetrics: [{ resource: { attributes: keyValues(resource) }, scopeMetrics: [{ scope, metrics }] }],
  });
}

export function spansLine(spans: object[], resource: Values = SERVER_ATTRIBUTES): string {
  const scope = { name: 'pgscope', version: '0.1.0' };
  return JSON.stringify({
    resourceSpans: [{ resource: { attributes: keyValues(resource) }, scopeSpans: [{ scope, spans }] }],
  });
}

/** Metrics of a trace program: `scope` has its name, as `pgscope.program`. */
export function programLine(metrics: object[], scope: Values): string {
  const scopeMetrics = [{ scope: { name: 'pgscope', attributes: keyValues(scope) }, metrics }];
  return JSON.stringify({
    resourceMetrics: [{ resource: { attributes: keyValues(SERVER_ATTRIBUTES) }, scopeMetrics }],
  });
}

export function logsLine(eventName: string, attributes: Values, time = 5): string {
  const logRecords = [{ eventName, timeUnixNano: nano(time), attributes: keyValues(attributes) }];
  return JSON.stringify({ resourceLogs: [{ scopeLogs: [{ scope: { name: 'pgscope' }, logRecords }] }] });
}

/** Seconds as OTLP writes a time. */
export function nano(seconds: number): string {
  return String(BigInt(Math.round(seconds * 1e6)) * 1000n);
}

export function sumMetric(
  name: string,
  points: { attributes?: Values; start?: number; time: number; value: number }[],
): object {
  const dataPoints = points.map(({ attributes = {}, start, time, value }) => ({
    attributes: keyValues(attributes),
    ...(start === undefined ? {} : { startTimeUnixNano: nano(start) }),
    timeUnixNano: nano(time),
    asDouble: value,
  }));
  return { name, sum: { dataPoints, aggregationTemporality: 2, isMonotonic: true } };
}

/** A histogram with bounds of its own. */
export function boundsMetric(
  name: string,
  { attributes = {}, bounds, counts, count }: { attributes?: Values; bounds: unknown; counts: unknown; count?: string },
): object {
  const point = { attributes: keyValues(attributes), startTimeUnixNano: nano(1), timeUnixNano: nano(5) };
  const dataPoints = [{ ...point, count, bucketCounts: counts, explicitBounds: bounds }];
  return { name, description: 'How long', unit: 's', histogram: { dataPoints, aggregationTemporality: 2 } };
}

export function durationMetric(
  attributes: Values,
  { start, time, counts, sum }: { start: number; time: number; counts: number[]; sum: number },
): object {
  const total = counts.reduce((all, count) => all + count, 0);
  const point = {
    attributes: keyValues(attributes),
    startTimeUnixNano: nano(start),
    timeUnixNano: nano(time),
    count: String(total),
    sum,
    scale: 3,
    zeroCount: '0',
    positive: { offset: -80, bucketCounts: counts.map(String) },
  };
  return {
    name: 'postgresql.query.duration',
    exponentialHistogram: { dataPoints: [point], aggregationTemporality: 2 },
  };
}

const resource = { key: 'server', attributes: SERVER_ATTRIBUTES };

export function point(given: Partial<PointRecord>): PointRecord {
  return {
    resource,
    metric: 'postgresql.query.calls',
    attributes: {},
    startSeconds: 0,
    timeSeconds: 1,
    temporality: 'cumulative',
    value: 0,
    ended: false,
    ...given,
  };
}

export function span(given: Partial<SpanRecord>): SpanRecord {
  return {
    resource,
    traceId: 'a'.repeat(32),
    spanId: 'b'.repeat(16),
    parentSpanId: '',
    name: 'SELECT orders',
    kind: 2,
    startNs: 0n,
    endNs: 1_000_000n,
    attributes: { 'pgscope.query.fingerprint': 'f1' },
    failed: false,
    links: [],
    ...given,
  };
}

const directories: string[] = [];
afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true });
});

/** A path in a new directory, which is removed after the test. */
export async function temporaryPath(name: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'pgscope-report-'));
  directories.push(directory);
  return join(directory, name);
}

/** A file of these lines, each with its line feed. */
export async function fileOf(lines: string[]): Promise<string> {
  const path = await temporaryPath('recording.jsonl');
  await writeFile(path, lines.map((line) => `${line}\n`).join(''));
  return path;
}
