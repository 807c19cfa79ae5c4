/** Log records: over HTTP beside metrics, to a file, and not at all where they are not asked for. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { openFileExporter } from '../../../../agent/telemetry/export/file-exporter.js';
import { createOtlpExporter } from '../../../../agent/telemetry/export/otlp-exporter.js';
import { programSettings } from '../../../../agent/telemetry/export/settings.js';
import type { LogRecord } from '../../../../agent/telemetry/otlp/model.js';
import { decode } from '../otlp/schema.js';
import { type Receiver, startReceiver } from './receiver.js';

const scope = { name: 'pgscope', version: '0.1.0' };
const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'postgresql' } }] };
const LONG = 60_000;

let receiver: Receiver | undefined;
let folder: string | undefined;
afterEach(async () => {
  await receiver?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true });
  [receiver, folder] = [undefined, undefined];
});

function record(eventName: string): LogRecord {
  return {
    timeUnixNano: '1700000000000000001',
    observedTimeUnixNano: '1700000000000000001',
    severityNumber: 9,
    severityText: 'INFO',
    attributes: [{ key: 'a', value: { intValue: '1' } }],
    eventName,
  };
}

test('over HTTP: several in one request to /v1/logs, what the receiver rejects is counted', async () => {
  const partial = JSON.stringify({ partialSuccess: { rejectedLogRecords: '1', errorMessage: 'too old' } });
  receiver = await startReceiver(() => ({ headers: { 'content-type': 'application/json' }, body: partial }));
  const log: string[] = [];
  const exporter = createOtlpExporter(programSettings({ endpoint: receiver.url }, {}), scope, (line) => log.push(line));
  for (const name of ['my.a', 'my.b']) exporter.log(resource, record(name));
  await exporter.shutdown(LONG);
  expect(receiver.received.map(({ path }) => path)).toEqual(['/v1/logs']);
  expect(decode('ExportLogsServiceRequest', receiver.received[0]?.body ?? Buffer.from(''))).toEqual({
    resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: [record('my.a'), record('my.b')] }] }],
  });
  expect(log).toEqual([expect.stringContaining('rejected 1 log records: too old')]);
  expect(exporter.totals().signals.map(({ signal, exported, lost }) => [signal, exported, lost])).toEqual([
    ['metrics', 0, {}],
    ['logs', 1, { rejected: 1 }],
  ]);
});

test('where each signal goes is said by the standard variables', () => {
  const settings = programSettings(
    {},
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://all:4318',
      OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://logs:4318/here',
      OTEL_EXPORTER_OTLP_LOGS_HEADERS: 'a=b',
    },
  );
  expect(settings.traces).toBeUndefined();
  expect(settings.metrics?.url.href).toBe('http://all:4318/v1/metrics');
  expect(settings.logs).toMatchObject({ signal: 'logs', headers: { a: 'b' } });
  expect(settings.logs?.url.href).toBe('http://logs:4318/here');
  expect(programSettings({ endpoint: 'http://a:4318' }, { OTEL_LOGS_EXPORTER: 'none' }).logs).toBeUndefined();
});

test('a queue that is full loses the newest, which is counted', async () => {
  receiver = await startReceiver();
  const limits = { spans: { maxItems: 2, maxBytes: 1e6, maxBatchItems: 10, maxBatchBytes: 1e6 }, delayMs: LONG };
  const exporter = createOtlpExporter(programSettings({ endpoint: receiver.url }, {}), scope, () => {}, limits);
  for (const name of ['my.a', 'my.b', 'my.c']) exporter.log(resource, record(name));
  await exporter.shutdown(LONG);
  expect(exporter.totals().signals[1]).toMatchObject({ exported: 2, lost: { queueFull: 1 } });
});

test('to a file, only where that is asked for', async () => {
  folder = mkdtempSync(join(tmpdir(), 'pgscope-logs-'));
  const path = join(folder, 'out.jsonl');
  const exporter = await openFileExporter(path, scope, () => {}, { signals: ['metrics', 'logs'] });
  exporter.log(resource, record('my.a'));
  await exporter.shutdown(LONG);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
    resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: [record('my.a')] }] }],
  });
  const without = await openFileExporter(path, scope, () => {});
  without.log(resource, record('my.a'));
  await without.shutdown(LONG);
  expect(readFileSync(path, 'utf8')).toBe('');
});
