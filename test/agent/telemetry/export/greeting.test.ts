import { afterEach, describe, expect, test } from '@jest/globals';
import type { Exporter } from '../../../../agent/telemetry/export/exporter.js';
import { createOtlpExporter } from '../../../../agent/telemetry/export/otlp-exporter.js';
import { otlpSettings } from '../../../../agent/telemetry/export/settings.js';
import { createTelemetry, ownResource } from '../../../../agent/telemetry.js';
import { decode } from '../otlp/schema.js';
import { type Received, type Receiver, startReceiver } from './receiver.js';

const scope = { name: 'pgscope', version: '0.1.0' };
const resource = { attributes: [] };
const span = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', name: 'SELECT', kind: 2 };
const SOON = { initialMs: 1, maxMs: 5, maxRetryAfterMs: 50, giveUpMs: 60_000 };
const LONG = 60_000;
const TRACES_ALONE = { OTEL_METRICS_EXPORTER: 'none' };
const DELIVERED = { kind: 'delivered', rejected: 0, message: '' };

const receivers: Receiver[] = [];
const exporters: Exporter[] = [];
afterEach(async () => {
  await Promise.all(exporters.splice(0).map((exporter) => exporter.shutdown(0)));
  await Promise.all(receivers.splice(0).map((receiver) => receiver.close()));
});

async function receiver(...args: Parameters<typeof startReceiver>): Promise<Receiver> {
  const started = await startReceiver(...args);
  receivers.push(started);
  return started;
}

function exporterTo(url: string, env: Record<string, string> = TRACES_ALONE, retry = SOON) {
  const log: string[] = [];
  const settings = otlpSettings({ endpoint: url }, env);
  const exporter = createOtlpExporter(settings, scope, (line) => log.push(line), { retry, delayMs: LONG });
  exporters.push(exporter);
  const traces = () => exporter.totals().signals.find(({ signal }) => signal === 'traces');
  /** Waits until a delivery has ended, and is judged. */
  const judged = async (kind: 'delivered' | 'retry' | 'lost') => {
    while (traces()?.last?.kind !== kind) await new Promise((resolve) => setImmediate(resolve));
  };
  const addSpan = () =>
    exporter.span(resource, { ...span, startTimeUnixNano: '1', endTimeUnixNano: '2', attributes: [], flags: 1 }, false);
  return { exporter, log, traces, judged, addSpan };
}

const spansIn = ({ body }: Received) => decode('ExportTraceServiceRequest', body);
const snapshotOf = (value: string) => {
  const metric = { name: 'calls', description: '', unit: '1' };
  const metrics = [{ ...metric, gauge: { dataPoints: [{ attributes: [], timeUnixNano: '1', asInt: value }] } }];
  return {
    key: 'local',
    final: false,
    parts: [{ metrics: { resource, scopeMetrics: [{ scope, metrics }] }, points: 1 }],
  };
};

describe('where traces alone go, an empty request', () => {
  test.each([
    ['http/protobuf', (request: Received) => expect(spansIn(request)).toEqual({})],
    ['http/json', ({ body }: Received) => expect(JSON.parse(String(body))).toEqual({ resourceSpans: [] })],
  ])('(%s) says that the receiver takes them, before there is a span', async (protocol, expectEmpty) => {
    const { url, requests } = await receiver();
    const { exporter, traces, judged, log } = exporterTo(url, {
      ...TRACES_ALONE,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    });
    expect(traces()?.last).toBeUndefined();
    exporter.greet();
    const [request] = (await requests(1)) as [Received];
    expect(request.path).toBe('/v1/traces');
    expectEmpty(request);
    await judged('delivered');
    expect(traces()).toMatchObject({ exported: 0, lost: {}, queuedItems: 0, last: DELIVERED });
    expect(log).toEqual([]);
  });

  test('is not sent where a span waits, or anything is under way', async () => {
    const { url, received } = await receiver();
    const { exporter, addSpan } = exporterTo(url);
    addSpan();
    exporter.greet();
    await exporter.flush(LONG);
    exporter.greet();
    exporter.greet();
    await exporter.flush(LONG);
    expect(received.map((request) => Object.keys(spansIn(request)))).toEqual([['resourceSpans'], []]);
  });

  test('is tried again while there is no receiver; a span that comes takes its place', async () => {
    const gone = await startReceiver();
    await gone.close();
    const { exporter, judged, log, addSpan, traces } = exporterTo(gone.url);
    exporter.greet();
    await judged('retry');
    const there = await receiver(undefined, undefined, gone.port);
    await there.requests(1);
    await judged('delivered');
    expect(log).toEqual([
      expect.stringMatching(/ECONNREFUSED.* and it is tried again$/),
      expect.stringMatching(/accepts spans again$/),
    ]);
    addSpan();
    await exporter.flush(LONG);
    expect(traces()).toMatchObject({ exported: 1, last: DELIVERED });
    expect(there.received).toHaveLength(2);
  });

  test.each([
    [401, /no spans can be sent there: the receiver answered 401 Unauthorized; check the headers/],
    [404, /no spans can be sent there: the receiver answered 404 Not Found; check the path/],
  ])('that is refused with %i is told, loses nothing, and is not tried again before the next', async (status, told) => {
    let isWrong = true;
    const { url, received } = await receiver(() => (isWrong ? { status } : {}));
    const { exporter, traces, judged, log } = exporterTo(url);
    exporter.greet();
    await judged('lost');
    await exporter.flush(LONG);
    expect(received).toHaveLength(1);
    expect(traces()).toMatchObject({ exported: 0, lost: {}, last: { kind: 'lost' } });
    expect(log).toEqual([expect.stringMatching(told)]);
    isWrong = false;
    exporter.greet();
    await judged('delivered');
  });

  test('holds up neither a flush nor the end', async () => {
    const gone = await startReceiver();
    await gone.close();
    const patient = { ...SOON, initialMs: LONG, maxMs: LONG };
    const { exporter, judged, traces } = exporterTo(gone.url, TRACES_ALONE, patient);
    exporter.greet();
    await judged('retry');
    await exporter.flush(LONG);
    exporter.greet();
    await exporter.shutdown(LONG);
    expect(traces()).toMatchObject({ lost: {}, queuedItems: 0 });
  });
});

describe('where metrics go', () => {
  test('their own deliveries tell, and no empty request is sent', async () => {
    const { url, received } = await receiver();
    const { exporter } = exporterTo(url, {});
    exporter.greet();
    exporter.metrics(snapshotOf('1'));
    exporter.greet();
    await exporter.flush(LONG);
    expect(received.map(({ path }) => path)).toEqual(['/v1/metrics']);
  });

  test('but the receiver has no place for them, it is asked about traces', async () => {
    const { url, received } = await receiver(({ path }) => (path === '/v1/traces' ? {} : { status: 404 }));
    const { exporter, judged } = exporterTo(url, {});
    exporter.metrics(snapshotOf('1'));
    await exporter.flush(LONG);
    exporter.greet();
    await judged('delivered');
    expect(received.map(({ path }) => path)).toEqual(['/v1/metrics', '/v1/traces']);
  });
});

test('telemetry asks each time that metrics are due', async () => {
  const { url, requests } = await receiver();
  const { exporter, judged } = exporterTo(url);
  const resourceOfOwn = ownResource('0.1.0', { hostName: 'db1', hostId: undefined });
  const telemetry = createTelemetry({ exporters: [exporter], scope, resource: resourceOfOwn });
  telemetry.collect();
  await judged('delivered');
  telemetry.collect();
  expect((await requests(2)).map(({ path }) => path)).toEqual(['/v1/traces', '/v1/traces']);
});
