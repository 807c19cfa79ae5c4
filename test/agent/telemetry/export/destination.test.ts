/** A destination of the chart: what its messages advise, and that its headers and certificates are read again when they change. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { destinationSettings, type OtlpDestination } from '../../../../agent/telemetry/export/destination.js';
import type { Exporter } from '../../../../agent/telemetry/export/exporter.js';
import { createOtlpExporter } from '../../../../agent/telemetry/export/otlp-exporter.js';
import type { Span } from '../../../../agent/telemetry/otlp/model.js';
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
  const settings = destinationSettings('audit', {
    ...{ endpoint: receiver.url, protocol: 'http/json', compression: 'none' },
    ...destination,
  });
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
    [404, 'if this receiver takes no traces, give destinations.audit.metricsEndpoint in place of endpoint'],
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
