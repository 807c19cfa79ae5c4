/** A destination of the chart: what its messages advise, and that its headers and certificates are read again when they change. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { destinationSettings, type OtlpDestination } from '../../../../agent/telemetry/export/destination.js';
import type { Exporter } from '../../../../agent/telemetry/export/exporter.js';
import { createOtlpExporter } from '../../../../agent/telemetry/export/otlp-exporter.js';
import type { Span } from '../../../../agent/telemetry/otlp/model.js';
import { type Certificates, makeCertificates } from './certificates.js';
import { type Receiver, startReceiver } from './receiver.js';

const LONG = 60_000;
const SPAN: Span = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  name: 'SELECT',
  kind: 2,
  startTimeUnixNano: '1',
  endTimeUnixNano: '2',
  attributes: [],
  flags: 257,
};

let folder: string;
let clockMs = 0;
let receiver: Receiver;
let exporter: Exporter;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pgscope-destination-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  await exporter.shutdown(0);
  await receiver.close();
});

function exportTo(destination: Partial<OtlpDestination>) {
  const settings = destinationSettings(
    'audit',
    {
      ...{ endpoint: receiver.url, protocol: 'http/json', compression: 'none' },
      ...destination,
    },
    () => clockMs,
  );
  const log: string[] = [];
  exporter = createOtlpExporter(settings, { name: 'pgscope', version: '0' }, (line) => log.push(line));
  return { log, last: () => exporter.totals().signals.find(({ signal }) => signal === 'traces')?.last };
}

async function send(): Promise<void> {
  exporter.span({ attributes: [] }, SPAN, false);
  await exporter.flush(LONG);
}

describe('advice is about the values of the chart', () => {
  test.each([
    [401, 'check the Secret of destinations.audit.headers or that of destinations.audit.clientCertificate'],
    [
      404,
      'takes no traces, give destinations.audit.metricsEndpoint and logsEndpoint in place of endpoint, and tracesEndpoint',
    ],
    [415, 'try the other destinations.audit.protocol'],
    [307, 'give the final address as destinations.audit.endpoint'],
  ])('%i', async (status, advice) => {
    receiver = await startReceiver(() => ({ status }));
    const { last } = exportTo({});
    await send();
    expect(last()).toMatchObject({ kind: 'lost', message: expect.stringContaining(advice) });
    expect(JSON.stringify(last())).not.toContain('OTEL_');
  });
});

describe('headers that are replaced', () => {
  /** As the kubelet does it: a folder for each content, and a link that is moved. */
  const mount = (content: string | undefined) => {
    const data = join(folder, 'data');
    unlinkIfThere(data);
    if (content === undefined) return;
    const next = mkdtempSync(join(folder, 'version-'));
    writeFileSync(join(next, 'headers'), content);
    symlinkSync(next, data);
  };
  const headersFile = () => join(folder, 'data', 'headers');

  test('are taken up; what was refused for the old ones is sent again, not lost', async () => {
    let wanted = 'one';
    receiver = await startReceiver(({ headers }) => ({ status: headers['x-key'] === wanted ? 200 : 401 }));
    mount('X-Key: one\n');
    const { log, last } = exportTo({ headersFile: headersFile() });
    await send();
    expect(last()).toMatchObject({ kind: 'delivered' });
    wanted = 'two';
    mount('X-Key: two\n');
    clockMs += 2000;
    await send();
    expect(last()).toMatchObject({ kind: 'delivered' });
    expect(receiver.received).toHaveLength(3);
    expect(log).toEqual(['headers and certificates have changed and were read again']);
    mount('X-Key: three\n');
    clockMs += 10_000;
    wanted = 'three';
    await send();
    expect(receiver.received).toHaveLength(4);
  });

  test.each([
    ['gone', undefined, /cannot be read/],
    ['no headers', 'secret\n', /line 1 of .* is no header/],
    ['far too large', `X-Key: ${'a'.repeat(1024 * 1024)}`, /larger than 1024 KiB/],
  ])('by what is %s: the last good ones stay, and that is said once', async (_, content, message) => {
    receiver = await startReceiver(({ headers }) => ({ status: headers['x-key'] === 'one' ? 200 : 401 }));
    mount('X-Key: one\n');
    const { log, last } = exportTo({ headersFile: headersFile() });
    mount(content);
    for (let i = 0; i < 3; i += 1) {
      clockMs += 10_000;
      await send();
      expect(last()).toMatchObject({ kind: 'delivered' });
    }
    expect(log).toEqual([expect.stringMatching(message)]);
    expect(log[0]).toContain('the last good ones are kept');
    expect(log[0]).not.toContain('secret');
    mount('X-Key: one\n');
    clockMs += 10_000;
    await send();
    expect(log).toHaveLength(2);
  });
});

describe('a client certificate that is replaced', () => {
  let known: Certificates;
  let stranger: Certificates;
  beforeAll(() => {
    for (const name of ['known', 'stranger']) mkdirSync(join(folder, name));
    known = makeCertificates(join(folder, 'known'));
    stranger = makeCertificates(join(folder, 'stranger'));
  });

  test('is taken up by the next connection', async () => {
    const { server, ca, client } = known;
    const mutual = { requestCert: true, rejectUnauthorized: true, ca: ca.cert };
    receiver = await startReceiver(undefined, { cert: server.cert, key: server.key, ...mutual });
    const [certFile, keyFile] = [join(folder, 'tls.crt'), join(folder, 'tls.key')];
    const mount = (from: Certificates['client']) => {
      copyFileSync(from.certFile, certFile);
      copyFileSync(from.keyFile, keyFile);
    };
    mount(stranger.client);
    const { log, last } = exportTo({ caFile: ca.certFile, certFile, keyFile });
    exporter.span({ attributes: [] }, SPAN, false);
    void exporter.flush(LONG);
    while (last() === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(last()?.kind).toBe('retry');
    mount(client);
    clockMs += 2000;
    await exporter.flush(LONG);
    expect(last()).toMatchObject({ kind: 'delivered' });
    expect(log).toContain('headers and certificates have changed and were read again');
  });
});

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // The first one.
  }
}
