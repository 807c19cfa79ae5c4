import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createOtlpExporter } from '../../../../agent/telemetry/export/otlp-exporter.js';
import { type OtlpOptions, otlpSettings } from '../../../../agent/telemetry/export/settings.js';
import { type Certificates, makeCertificates } from './certificates.js';
import { type Receiver, startReceiver } from './receiver.js';

const SPAN = {
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
let certificates: Certificates;
let receiver: Receiver | undefined;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pgscope-tls-'));
  certificates = makeCertificates(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  await receiver?.close();
  receiver = undefined;
});

/** Sends one span; returns how many arrived, and what was said. */
async function send(url: string, options: OtlpOptions): Promise<{ exported: number | undefined; log: string[] }> {
  const log: string[] = [];
  const limits = { retry: { initialMs: 10_000, maxMs: 10_000, maxRetryAfterMs: 1, giveUpMs: 0 }, delayMs: 1 };
  const exporter = createOtlpExporter(
    otlpSettings({ endpoint: url, ...options }, {}),
    { name: 'pgscope', version: '0' },
    (line) => log.push(line),
    limits,
  );
  exporter.span({ attributes: [] }, SPAN, false);
  // A failure is final here (giveUpMs 0), but the sender still waits before it goes on: the loss ends the wait.
  while (exporter.totals().signals[0]?.queuedItems !== 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await exporter.shutdown(0);
  return { exported: exporter.totals().signals[0]?.exported, log };
}

describe('a receiver with a certificate of an authority of its own', () => {
  test('is trusted with that authority', async () => {
    receiver = await startReceiver(undefined, { cert: certificates.server.cert, key: certificates.server.key });
    expect(await send(receiver.url, { certificate: certificates.ca.certFile })).toEqual({ exported: 1, log: [] });
  });

  test('is not trusted without', async () => {
    receiver = await startReceiver(undefined, { cert: certificates.server.cert, key: certificates.server.key });
    const { exported, log } = await send(receiver.url, {});
    expect(exported).toBe(0);
    expect(log.join('\n')).toMatch(/certificate/);
    expect(receiver.received).toEqual([]);
  });
});

describe('a receiver that asks for a client certificate', () => {
  const mutual = () =>
    startReceiver(undefined, {
      cert: certificates.server.cert,
      key: certificates.server.key,
      ca: certificates.ca.cert,
      requestCert: true,
      rejectUnauthorized: true,
    });

  test('accepts ours', async () => {
    receiver = await mutual();
    const { ca, client } = certificates;
    const options = { certificate: ca.certFile, clientCertificate: client.certFile, clientKey: client.keyFile };
    expect(await send(receiver.url, options)).toEqual({ exported: 1, log: [] });
  });

  test('refuses without', async () => {
    receiver = await mutual();
    expect(await send(receiver.url, { certificate: certificates.ca.certFile })).toMatchObject({ exported: 0 });
    expect(receiver.received).toEqual([]);
  });
});

test('a key that is not that of the certificate is named before anything is sent', () => {
  const { server, client } = certificates;
  const options = { endpoint: 'https://127.0.0.1:1', clientCertificate: client.certFile, clientKey: server.keyFile };
  expect(() => otlpSettings(options, {})).toThrow(
    /--otlp-client-key: .*server\.key is no key for the certificate .*client\.pem/,
  );
});
