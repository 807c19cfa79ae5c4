import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Exporter } from '../../../../agent/telemetry/export/exporter.js';
import { DEFAULT_EXPORT_LIMITS, type ExportLimits } from '../../../../agent/telemetry/export/limits.js';
import { createOtlpExporter } from '../../../../agent/telemetry/export/otlp-exporter.js';
import { otlpSettings } from '../../../../agent/telemetry/export/settings.js';
import type { MetricsSnapshot } from '../../../../agent/telemetry/metrics/snapshot.js';
import type { Span } from '../../../../agent/telemetry/otlp/model.js';
import { decode, encode } from '../otlp/schema.js';
import { type Answer, type Received, type Receiver, startReceiver } from './receiver.js';

const scope = { name: 'pgscope', version: '0.1.0' };
const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'postgresql' } }] };
const SOON = { retry: { initialMs: 1, maxMs: 5, maxRetryAfterMs: 50, giveUpMs: 60_000 }, delayMs: 1 };
const LONG = 60_000;

const toClose: { close(): Promise<void> }[] = [];
const exporters: Exporter[] = [];
afterEach(async () => {
  await Promise.all(exporters.splice(0).map((exporter) => exporter.shutdown(0)));
  await Promise.all(toClose.splice(0).map((one) => one.close()));
});

async function receiver(...args: Parameters<typeof startReceiver>): Promise<Receiver> {
  const started = await startReceiver(...args);
  toClose.push(started);
  return started;
}

function exporterTo(url: string, env: Record<string, string> = {}, limits: Partial<ExportLimits> = {}) {
  const log: string[] = [];
  const settings = otlpSettings({ endpoint: url }, env);
  const exporter = createOtlpExporter(settings, scope, (line) => log.push(line), { ...SOON, ...limits });
  exporters.push(exporter);
  const totals = (signal: 'traces' | 'metrics') => exporter.totals().signals.find((one) => one.signal === signal);
  return { exporter, log, totals };
}

function span(name: string): Span {
  return {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    name,
    kind: 2,
    startTimeUnixNano: '1700000000000000001',
    endTimeUnixNano: '1700000000000000002',
    attributes: [],
    flags: 257,
  };
}

function snapshot(value: number, final = false, key = 'local'): MetricsSnapshot {
  const dataPoints = [{ attributes: [], timeUnixNano: '1', asInt: String(value) }];
  const metrics = [{ name: 'calls', description: '', unit: '1', gauge: { dataPoints } }];
  return { key, final, parts: [{ metrics: { resource, scopeMetrics: [{ scope, metrics }] }, points: 1 }] };
}

interface Spans {
  resourceSpans: { scopeSpans: { spans: { name: string }[] }[] }[];
}
const spanNames = ({ body }: Received): string[] => {
  const { resourceSpans } = decode('ExportTraceServiceRequest', body) as unknown as Spans;
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name)));
};
const values = ({ body }: Received): string[] =>
  [...JSON.stringify(decode('ExportMetricsServiceRequest', body)).matchAll(/"asInt":"(\d+)"/g)].map(
    ([, value]) => value ?? '',
  );

describe('a receiver that accepts', () => {
  test('gets protobuf, compressed, with what the headers say, over one connection', async () => {
    const { url, requests } = await receiver();
    const { exporter, totals, log } = exporterTo(url, { OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=shop' });
    exporter.span(resource, span('SELECT a'), false);
    exporter.span(resource, span('SELECT b'), true);
    await exporter.flush(LONG);
    exporter.metrics(snapshot(7));
    await exporter.flush(LONG);
    const [traces, metrics, ...more] = await requests(2);
    expect(more).toEqual([]);
    expect(traces).toMatchObject({
      path: '/v1/traces',
      headers: {
        'content-type': 'application/x-protobuf',
        'content-encoding': 'gzip',
        'x-tenant': 'shop',
        'user-agent': 'pgscope/0.1.0',
      },
    });
    expect(spanNames(traces as Received)).toEqual(['SELECT a', 'SELECT b']);
    expect(metrics?.path).toBe('/v1/metrics');
    expect(values(metrics as Received)).toEqual(['7']);
    expect(totals('traces')).toEqual({
      signal: 'traces',
      exported: 2,
      last: { kind: 'delivered', rejected: 0, message: '' },
      superseded: 0,
      lost: {},
      queuedItems: 0,
      queuedBytes: 0,
    });
    expect(totals('metrics')).toMatchObject({ exported: 1, lost: {} });
    expect(log).toEqual([]);
  });

  test('gets JSON, not compressed, where that is wanted', async () => {
    const { url, requests } = await receiver();
    const { exporter } = exporterTo(url, {
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
    });
    exporter.span(resource, span('SELECT a'), false);
    const [request] = await requests(1);
    expect(request?.headers).toMatchObject({ 'content-type': 'application/json' });
    expect(request?.headers).not.toHaveProperty('content-encoding');
    expect(JSON.parse(String(request?.body))).toEqual({
      resourceSpans: [{ resource, scopeSpans: [{ scope, spans: [span('SELECT a')] }] }],
    });
  });

  test('gets many spans in bounded batches', async () => {
    const { url, received } = await receiver();
    const { exporter, totals } = exporterTo(url);
    for (let i = 0; i < 1200; i++) exporter.span(resource, span(`s${i}`), false);
    await exporter.flush(LONG);
    expect(received.map((request) => spanNames(request).length)).toEqual([512, 512, 176]);
    expect(totals('traces')?.exported).toBe(1200);
  });
});

describe('a receiver that accepts in part', () => {
  test.each([
    [
      'application/x-protobuf',
      encode('ExportTraceServiceResponse', { partialSuccess: { rejectedSpans: 2, errorMessage: 'too old' } }),
    ],
    ['application/json', '{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}}'],
  ])('(%s) is counted and told', async (type, body) => {
    const { url } = await receiver(() => ({ headers: { 'content-type': type }, body }));
    const { exporter, totals, log } = exporterTo(url);
    for (const name of ['a', 'b', 'c']) exporter.span(resource, span(name), false);
    await exporter.flush(LONG);
    expect(totals('traces')).toMatchObject({ exported: 1, lost: { rejected: 2 } });
    expect(log).toEqual([expect.stringContaining('rejected 2 spans: too old')]);
  });

  test('that says more than we read is believed to have accepted', async () => {
    const { url } = await receiver(() => ({
      headers: { 'content-type': 'application/json' },
      body: 'x'.repeat(10_000_000),
    }));
    const { exporter, totals } = exporterTo(url);
    exporter.span(resource, span('a'), false);
    await exporter.flush(LONG);
    expect(totals('traces')).toMatchObject({ exported: 1, lost: {} });
  });
});

describe('a receiver that refuses', () => {
  test.each<[number, Answer, RegExp]>([
    [
      400,
      {
        headers: { 'content-type': 'application/x-protobuf' },
        body: encode('RpcStatus', { message: 'unknown tenant' }),
      },
      /400 Bad Request \(unknown tenant\)/,
    ],
    [
      400,
      { headers: { 'content-type': 'application/json' }, body: '{"message":"unknown tenant"}' },
      /\(unknown tenant\)/,
    ],
    [401, { body: 'who are you?' }, /401 Unauthorized \(who are you\?\); check the headers/],
    [404, { headers: { 'content-type': 'text/html' }, body: '<html>' }, /404 Not Found; check the path/],
    [413, {}, /413/],
    [500, {}, /500/],
    [301, { headers: { location: 'http://127.0.0.1:1/' } }, /301 Moved Permanently; redirects are not followed/],
  ])('with %i: the items are lost, counted and told, and not tried again', async (status, answer, message) => {
    const { url, received } = await receiver(() => ({ status, ...answer }));
    const { exporter, totals, log } = exporterTo(url);
    exporter.span(resource, span('a'), false);
    await exporter.flush(LONG);
    exporter.span(resource, span('b'), false);
    await exporter.flush(LONG);
    expect(received).toHaveLength(2);
    expect(totals('traces')).toMatchObject({ exported: 0, lost: { refused: 2 }, queuedItems: 0 });
    expect(log).toEqual([expect.stringMatching(message)]);
    expect(log[0]).toMatch(/^OTLP traces to http:\/\/127\.0\.0\.1:\d+\/v1\/traces: 1 spans lost[:,] /);
  });

  test.each([404, 405, 501])('that has no place for metrics (%i): said once, and traces go on', async (status) => {
    let takesMetrics = false;
    const { url } = await receiver(({ path }) => (takesMetrics || path === '/v1/traces' ? {} : { status }));
    const { exporter, totals, log } = exporterTo(url);
    for (const value of [1, 2, 3]) {
      exporter.metrics(snapshot(value));
      exporter.span(resource, span('a'), false);
      await exporter.flush(LONG);
    }
    expect(totals('traces')).toMatchObject({ exported: 3, lost: {} });
    expect(totals('metrics')).toMatchObject({ exported: 0, lost: { refused: 3 }, queuedItems: 0 });
    expect(log).toEqual([
      expect.stringMatching(
        /^OTLP metrics to \S+\/v1\/metrics: 1 data points lost, and so will be all that follow: .*OTEL_METRICS_EXPORTER=none/,
      ),
    ]);
    takesMetrics = true;
    exporter.metrics(snapshot(4));
    await exporter.flush(LONG);
    expect(totals('metrics')).toMatchObject({ exported: 1, lost: { refused: 3 } });
    expect(log.slice(1)).toEqual([expect.stringMatching(/v1\/metrics: accepts data points now$/)]);
  });
});

describe('a receiver that cannot take it now', () => {
  test.each([429, 502, 503, 504])('%i is tried again', async (status) => {
    const { url, received } = await receiver((_, number) => (number <= 3 ? { status } : {}));
    const { exporter, totals, log } = exporterTo(url);
    exporter.span(resource, span('a'), false);
    await exporter.flush(LONG);
    expect(received).toHaveLength(4);
    expect(totals('traces')).toMatchObject({ exported: 1, lost: {} });
    expect(log).toEqual([
      expect.stringContaining(`answered ${status}`),
      expect.stringContaining('accepts spans again'),
    ]);
  });

  test('and says how long to wait is not asked before', async () => {
    const times: number[] = [];
    const { url } = await receiver((_, number) => {
      times.push(performance.now());
      return number === 1 ? { status: 429, headers: { 'retry-after': '3600' } } : {};
    });
    const { exporter, totals } = exporterTo(url, {}, { retry: { ...SOON.retry, maxRetryAfterMs: 300 } });
    exporter.span(resource, span('a'), false);
    await exporter.flush(LONG);
    // An hour is more than the bound; the bound is more than our own wait.
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(290);
    expect(totals('traces')).toMatchObject({ exported: 1 });
  });

  test('because it is down: everything is kept until it is there', async () => {
    const gone = await startReceiver();
    await gone.close();
    const { exporter, totals, log } = exporterTo(gone.url);
    exporter.span(resource, span('a'), false);
    await exporter.flush(200);
    expect(totals('traces')).toMatchObject({ exported: 0, lost: {}, queuedItems: 1 });
    expect(log).toEqual([expect.stringMatching(/ECONNREFUSED.*; spans are kept and it is tried again/)]);
    const there = await startReceiver(undefined, undefined, gone.port);
    toClose.push(there);
    await exporter.flush(LONG);
    expect(totals('traces')).toMatchObject({ exported: 1, queuedItems: 0 });
  });

  test('because it never answers: the time is limited', async () => {
    const { url, received } = await receiver((_, number) => (number === 1 ? 'never' : {}));
    const { exporter, totals, log } = exporterTo(url, { OTEL_EXPORTER_OTLP_TIMEOUT: '100' });
    exporter.span(resource, span('a'), false);
    await exporter.flush(LONG);
    expect(received).toHaveLength(2);
    expect(totals('traces')).toMatchObject({ exported: 1 });
    expect(log[0]).toMatch(/no answer within 0\.1 s/);
  });

  test('because something else listens there', async () => {
    const server = createServer((socket) => {
      // The client hangs up: that is what this test is about.
      socket.on('error', () => undefined);
      socket.end('SSH-2.0-OpenSSH\r\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    toClose.push({ close: async () => void server.close() });
    const { exporter, totals, log } = exporterTo(`http://127.0.0.1:${(server.address() as { port: number }).port}`);
    exporter.span(resource, span('a'), false);
    await exporter.flush(200);
    expect(totals('traces')).toMatchObject({ queuedItems: 1 });
    expect(log[0]).toMatch(/Parse Error|ECONNRESET|socket hang up/);
  });

  test('for too long: the batch is given up, and counted', async () => {
    const { url } = await receiver(() => ({ status: 503 }));
    const { exporter, totals, log } = exporterTo(url, {}, { retry: { ...SOON.retry, giveUpMs: 20 } });
    exporter.span(resource, span('a'), false);
    await exporter.flush(LONG);
    expect(totals('traces')).toMatchObject({ lost: { retriesExhausted: 1 }, queuedItems: 0, queuedBytes: 0 });
    expect(log).toContainEqual(expect.stringMatching(/1 spans lost: .*503.*; tried for 0\.02 s/));
  });
});

describe('memory is bounded while a receiver is down', () => {
  test('spans: those of failed statements are kept in favour of others, all losses counted', async () => {
    const { url, requests } = await receiver(() => 'never');
    const spans = { ...DEFAULT_EXPORT_LIMITS.spans, maxItems: 100 };
    const { exporter, totals, log } = exporterTo(url, {}, { spans });
    exporter.span(resource, span('first'), false);
    await requests(1);
    for (let i = 0; i < 5000; i++) exporter.span(resource, span(`s${i}`), i % 100 === 0);
    expect(totals('traces')).toMatchObject({ lost: { queueFull: 4901 }, queuedItems: 100 });
    expect(log).toEqual([expect.stringContaining('the queue is full (100 spans, 8 MiB)')]);
    await exporter.shutdown(0);
    expect(totals('traces')).toMatchObject({
      exported: 0,
      lost: { queueFull: 4901, shutdown: 100 },
      queuedItems: 0,
      queuedBytes: 0,
    });
  });

  test('metrics: the newest values wait, and no end of a series is lost', async () => {
    let answer: Answer | 'never' = { status: 503 };
    const { url, requests, received } = await receiver(() => answer);
    const { exporter, totals } = exporterTo(url);
    for (let value = 1; value <= 100; value++) exporter.metrics(snapshot(value));
    exporter.metrics(snapshot(101, true));
    for (let value = 102; value <= 200; value++) exporter.metrics(snapshot(value));
    await requests(3);
    expect(totals('metrics')).toMatchObject({ lost: {}, queuedItems: 3 });
    answer = {};
    await exporter.flush(LONG);
    expect(values(received.at(-1) as Received)).toEqual(['100', '101', '200']);
    expect(totals('metrics')).toMatchObject({ exported: 3, superseded: 197, queuedItems: 0 });
  });
});

describe('shutdown', () => {
  test('sends what waits', async () => {
    const { url, received } = await receiver();
    const { exporter, totals } = exporterTo(url, {}, { delayMs: LONG });
    exporter.span(resource, span('last'), false);
    exporter.metrics(snapshot(1));
    await exporter.shutdown(LONG);
    expect(received.map(({ path }) => path).sort()).toEqual(['/v1/metrics', '/v1/traces']);
    expect(totals('traces')).toMatchObject({ exported: 1 });
  });

  test('ends at the deadline; what is left, and what comes later, is lost and counted', async () => {
    const { url } = await receiver(() => 'never');
    const { exporter, totals } = exporterTo(url);
    exporter.span(resource, span('a'), false);
    await exporter.shutdown(50);
    exporter.span(resource, span('late'), false);
    expect(totals('traces')).toMatchObject({ exported: 0, lost: { shutdown: 2 }, queuedItems: 0 });
  });
});
