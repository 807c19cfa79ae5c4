import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { ResourceMetrics, ResourceSpans } from '../../../agent/telemetry/otlp/model.js';
import { createTelemetry, openFileExporter, ownResource, type Telemetry } from '../../../agent/telemetry.js';
import { NO_TEXT } from '../../../agent/tracer.js';
import { aggregate, drained, FINGERPRINT, statement, TRACE_ID, TRACEPARENT, UNSAMPLED } from './events.js';
import { type FoundPoint, record, resourcePoints } from './points.js';

const scope = { name: 'pgscope', version: '0.1.0' };
const S = 1_000_000_000n;
const T0 = 1_700_000_000n * S;
const IDENTITY = {
  type: 'identity',
  target: 'local',
  databaseOid: 5,
  database: 'shop',
  userOid: 10,
  user: 'app',
} as const;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

interface Found {
  service: unknown;
  points: FoundPoint[];
}

/** Telemetry that writes to a file, with a clock of the test's own. */
async function start() {
  const folder = mkdtempSync(join(tmpdir(), 'pgscope-telemetry-'));
  folders.push(folder);
  const path = join(folder, 'out.jsonl');
  const exporter = await openFileExporter(path, scope, () => undefined);
  const now = { unixNano: T0 };
  const host = { hostName: 'db1', hostId: undefined };
  const telemetry = createTelemetry({
    exporters: [exporter],
    scope,
    resource: ownResource('0.1.0', host),
    clock: () => now.unixNano,
  });
  const lines = async (): Promise<{ resourceMetrics?: ResourceMetrics[]; resourceSpans?: ResourceSpans[] }[]> => {
    await telemetry.flush(60_000);
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  };
  const metrics = async (): Promise<Found[]> =>
    (await lines()).flatMap(({ resourceMetrics = [] }) =>
      resourceMetrics.map((one) => ({
        service: record(one.resource.attributes)['service.name'],
        points: resourcePoints(one),
      })),
    );
  const points = async (metric: string) =>
    (await metrics()).flatMap((one) => one.points.filter((point) => point.metric === metric));
  const spans = async () =>
    (await lines()).flatMap(({ resourceSpans = [] }) =>
      resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((one) => one.spans)),
    );
  return { telemetry, now, metrics, points, spans };
}

/** One interval: aggregates, then the end of the drain, then the collection; all written before the next. */
async function drain(
  telemetry: Telemetry,
  now: { unixNano: bigint },
  ...events: Parameters<typeof aggregate>[0][]
): Promise<void> {
  now.unixNano += 10n * S;
  for (const event of events) telemetry.aggregate(aggregate(event));
  telemetry.drained(drained({ unixNano: String(now.unixNano) }));
  now.unixNano += S / 100n;
  telemetry.collect();
  await telemetry.flush(60_000);
}

test('what a server did goes out under its own resource, with names in place of OIDs', async () => {
  const { telemetry, now, metrics } = await start();
  telemetry.addTarget('local', { 'service.name': 'orders-db' });
  telemetry.identity(IDENTITY);
  telemetry.query('local', FINGERPRINT, { summary: 'SELECT orders', text: 'SELECT * FROM orders' });
  await drain(telemetry, now, { calls: 4 });
  await telemetry.shutdown(60_000);
  const found = await metrics();
  expect(new Set(found.map(({ service }) => service))).toEqual(new Set(['orders-db', 'pgscope']));
  const [calls] = found
    .filter(({ service }) => service === 'orders-db')
    .flatMap(({ points }) => points.filter(({ metric }) => metric === 'postgresql.query.calls'));
  expect(calls).toMatchObject({
    value: 4,
    attributes: {
      'db.namespace': 'shop',
      'user.name': 'app',
      'db.query.summary': 'SELECT orders',
      'pgscope.query.fingerprint': FINGERPRINT,
    },
  });
});

test('sums are cumulative; a series begins with the interval of its first call', async () => {
  const { telemetry, now, points } = await start();
  telemetry.addTarget('local', {});
  await drain(telemetry, now, { calls: 1 });
  await drain(telemetry, now, { calls: 2 }, { fingerprint: 'b', calls: 5 });
  await telemetry.shutdown(60_000);
  const live = (await points('postgresql.query.calls')).filter(({ ended }) => !ended);
  const last = live.slice(-2);
  expect(live.map(({ value }) => value)).toEqual([1, 3, 5, 3, 5]);
  expect((last[0]?.start ?? 0n) - T0).toBeLessThan(S);
  expect((last[1]?.start ?? 0n) - T0).toBeGreaterThan(9n * S);
  expect((last[1]?.start ?? 0n) - T0).toBeLessThan(11n * S);
});

test('names that are not known yet are not mixed up', async () => {
  const { telemetry, now, points } = await start();
  telemetry.addTarget('local', {});
  await drain(telemetry, now, { databaseOid: 5 }, { databaseOid: 6 }, { databaseOid: 0, userOid: 0 });
  const calls = await points('postgresql.query.calls');
  expect(calls.map(({ attributes }) => [attributes['db.namespace'], attributes['user.name']])).toEqual([
    ['oid:5', 'oid:10'],
    ['oid:6', 'oid:10'],
    [undefined, undefined],
  ]);
  await telemetry.shutdown(60_000);
});

test('a server that is restarted ends and begins anew', async () => {
  const { telemetry, now, points } = await start();
  telemetry.addTarget('local', { 'process.pid': 1 });
  await drain(telemetry, now, { calls: 7 });
  telemetry.addTarget('local', { 'process.pid': 2 });
  await drain(telemetry, now, { calls: 1 });
  await telemetry.shutdown(60_000);
  const calls = await points('postgresql.query.calls');
  expect(calls.map(({ value }) => value)).toEqual([7, 7, undefined, 1, 1, undefined]);
  expect(calls[3]?.start).toBeGreaterThan(calls[2]?.time ?? 0n);
});

test('times never go back, also if the clock does', async () => {
  const { telemetry, now, points } = await start();
  telemetry.addTarget('local', {});
  await drain(telemetry, now, { calls: 1 });
  now.unixNano -= 3600n * S;
  await drain(telemetry, now, { calls: 1 }, { fingerprint: 'b' });
  await telemetry.shutdown(60_000);
  for (const { start: from, time } of await points('postgresql.query.calls')) expect(time).toBeGreaterThan(from ?? 0n);
  const times = (await points('postgresql.query.calls'))
    .filter(({ attributes }) => attributes['pgscope.query.fingerprint'] === FINGERPRINT)
    .map(({ time }) => time);
  expect(times).toEqual(times.toSorted((a, b) => Number(a - b)));
});

describe('statements', () => {
  test('become spans under the resource of their server', async () => {
    const { telemetry, spans } = await start();
    telemetry.addTarget('local', {});
    telemetry.identity(IDENTITY);
    telemetry.statement(
      statement({ traceContext: { source: 'sqlcomment', value: `='${TRACEPARENT}'`, stale: false } }),
    );
    await telemetry.shutdown(60_000);
    expect(await spans()).toMatchObject([{ traceId: TRACE_ID, name: 'SELECT' }]);
    expect(telemetry.totals()).toMatchObject({ spans: 1, unrecorded: {}, losses: [] });
  });

  test('that failed before they had a text have a summary in its place, on spans and series', async () => {
    const { telemetry, now, points, spans } = await start();
    telemetry.addTarget('local', {});
    telemetry.statement(statement({ fingerprint: NO_TEXT, reason: 'failed', sqlstate: '26000', tag: '' }));
    await drain(telemetry, now, { fingerprint: NO_TEXT, calls: 0, errors: 1 });
    await telemetry.shutdown(60_000);
    expect(await spans()).toMatchObject([{ name: '(no text)', status: { code: 2 } }]);
    const [errors] = await points('postgresql.query.errors');
    expect(errors).toMatchObject({ value: 1, attributes: { 'db.query.summary': '(no text)' } });
  });

  test('have their phases, nested statements and waits below them, and texts only as they were described', async () => {
    const { telemetry, spans } = await start();
    telemetry.addTarget('local', {}, { rawText: false });
    telemetry.query('local', 'aa', { summary: 'INSERT audit', text: 'INSERT INTO audit VALUES ($1)' });
    telemetry.query('local', 'bb', { summary: 'DO', text: undefined });
    const startUnixNano = '1700000000123456789';
    const one = { depth: 1, calls: 1, startUnixNano, spanNs: 10, durationNs: 10 };
    telemetry.statement(
      statement({
        text: "CALL pay('secret')",
        phases: [{ phase: 'execute', startUnixNano, ns: 1_000_000 }],
        nested: [
          { ...one, fingerprint: 'aa' },
          { ...one, fingerprint: 'bb', depth: 2, parent: 0 },
        ],
        longWaits: [{ event: 0x09000002, startUnixNano, waitNs: 5 }],
      }),
    );
    await telemetry.shutdown(60_000);
    const made = await spans();
    const [root, execute, insert, block, wait] = made;
    expect(made.map(({ name }) => name)).toEqual(['SELECT', 'execute', 'INSERT audit', 'DO', 'Timeout:PgSleep']);
    expect([execute, insert, block, wait].map((span) => span?.parentSpanId)).toEqual([
      root?.spanId,
      execute?.spanId,
      insert?.spanId,
      execute?.spanId,
    ]);
    expect(made.map(({ attributes }) => record(attributes)['db.query.text'])).toEqual([
      undefined,
      undefined,
      'INSERT INTO audit VALUES ($1)',
      undefined,
      undefined,
    ]);
    expect(JSON.stringify(made)).not.toContain('secret');
    expect(telemetry.totals().spans).toBe(5);
  });

  test('that their client does not sample are counted, and no loss', async () => {
    const { telemetry, points } = await start();
    telemetry.addTarget('local', {});
    telemetry.statement(
      statement({ reason: 'traced', traceContext: { source: 'sqlcomment', value: `=${UNSAMPLED}`, stale: false } }),
    );
    telemetry.collect();
    expect(telemetry.totals()).toMatchObject({ spans: 0, unrecorded: { unsampled: 1 }, losses: [] });
    expect(await points('pgscope.spans.unrecorded')).toMatchObject([
      { value: 1, attributes: { 'pgscope.unrecorded.reason': 'unsampled' } },
    ]);
    await telemetry.shutdown(60_000);
  });
});

describe('pgscope tells about itself', () => {
  test('what was lost, over restarts of the tracer', async () => {
    const { telemetry, points } = await start();
    telemetry.addTarget('local', {});
    telemetry.drained(
      drained({ losses: { recordsRingFull: 5, scratchBusy: 0 }, bpf: { runTimeNs: 1_500_000_000, runCount: 10 } }),
    );
    telemetry.tracerStarted();
    telemetry.drained(drained({ losses: { recordsRingFull: 6 }, bpf: { runTimeNs: 0, runCount: 2 } }));
    telemetry.statement(statement({ target: 'gone' }));
    telemetry.collect();
    expect(telemetry.totals().losses).toEqual([
      { stage: 'capture', reason: 'recordsRingFull', count: 11 },
      { stage: 'telemetry', reason: 'unknownTarget', count: 1 },
    ]);
    expect(
      (await points('pgscope.losses')).map(({ attributes, value }) => [
        attributes['pgscope.loss.stage'],
        attributes['pgscope.loss.reason'],
        value,
      ]),
    ).toEqual([
      ['capture', 'recordsRingFull', 11],
      ['telemetry', 'unknownTarget', 1],
    ]);
    expect(await points('pgscope.bpf.time')).toMatchObject([{ value: 1.5 }]);
    expect(await points('pgscope.bpf.runs')).toMatchObject([{ value: 12 }]);
    await telemetry.shutdown(60_000);
  });

  test('queries beyond the limit, also those of a server that is gone', async () => {
    const { telemetry, now } = await start();
    telemetry.addTarget('local', {}, { maxQueries: 1 });
    await drain(telemetry, now, { fingerprint: 'a' }, { fingerprint: 'b', calls: 3 });
    telemetry.removeTarget('local');
    expect(telemetry.totals().losses).toEqual([{ stage: 'telemetry', reason: 'queriesOverflow', count: 3 }]);
    await telemetry.shutdown(60_000);
  });

  test('descriptions that were forgotten for new ones', async () => {
    const { telemetry } = await start();
    telemetry.addTarget('local', {}, { maxDescriptions: 2 });
    for (const fingerprint of ['a', 'b', 'c', 'd'])
      telemetry.query('local', fingerprint, { summary: 'SELECT', text: undefined });
    expect(telemetry.totals().losses).toEqual([{ stage: 'telemetry', reason: 'descriptionsForgotten', count: 2 }]);
    await telemetry.shutdown(60_000);
  });

  test('how many processes are watched, and what was exported', async () => {
    const { telemetry, points } = await start();
    telemetry.addTarget('local', {});
    telemetry.drained(
      drained({
        targets: [
          { target: 'local', pid: 1, backends: 7 },
          { target: 'gone', pid: 2, backends: 1 },
        ],
      }),
    );
    telemetry.collect(['local']);
    expect(await points('pgscope.backends')).toMatchObject([{ value: 7 }]);
    expect((await points('pgscope.export.items')).length).toBeGreaterThan(0);
    await telemetry.shutdown(60_000);
  });
});
