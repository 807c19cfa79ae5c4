import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openFileExporter } from '../../../../agent/telemetry/export/file-exporter.js';
import type { MetricsSnapshot } from '../../../../agent/telemetry/metrics/snapshot.js';
import { TelemetrySettingsError } from '../../../../agent/telemetry/pairs.js';
import { statementSpan } from '../../../../agent/telemetry/spans/statement-span.js';
import { statement } from '../events.js';

const scope = { name: 'pgscope', version: '0.1.0' };
const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'postgresql' } }] };
const SNAPSHOT: MetricsSnapshot = {
  key: 'local',
  final: false,
  parts: [{ metrics: { resource, scopeMetrics: [{ scope, metrics: [] }] }, points: 3 }],
};
const span = () => {
  const made = statementSpan(statement(), {
    described: { summary: 'SELECT "ü\n"', text: undefined },
    database: '',
    user: '',
    rawText: false,
    major: 18,
  });
  if (typeof made === 'string') throw new Error(made);
  return made;
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pgscope-file-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('one request a line, as OTLP JSON, in a file that only its owner can read', async () => {
  const path = join(folder, 'out.jsonl');
  writeFileSync(path, 'what was there before');
  rmSync(path);
  const exporter = await openFileExporter(path, scope, () => undefined);
  const spans = [span(), span()];
  for (const one of spans) exporter.span(resource, one, false);
  exporter.metrics(SNAPSHOT);
  await exporter.shutdown(60_000);
  const lines = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toHaveLength(2);
  expect(lines).toContainEqual({ resourceSpans: [{ resource, scopeSpans: [{ scope, spans }] }] });
  expect(lines).toContainEqual({ resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics: [] }] }] });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(exporter.totals()).toMatchObject({
    name: 'file',
    signals: [
      { exported: 2, lost: {} },
      { exported: 3, lost: {} },
    ],
  });
});

test('begins anew with a file that exists', async () => {
  const path = join(folder, 'out.jsonl');
  writeFileSync(path, 'x'.repeat(100_000));
  const exporter = await openFileExporter(path, scope, () => undefined);
  exporter.metrics(SNAPSHOT);
  await exporter.shutdown(60_000);
  expect(() => JSON.parse(readFileSync(path, 'utf8'))).not.toThrow();
});

describe('a file that cannot be written', () => {
  test.each([
    [
      'missing/out.jsonl',
      /--otlp-file: .*missing\/out\.jsonl cannot be written: its directory does not exist \(ENOENT\)/,
    ],
    ['', /it is a directory \(EISDIR\)/],
  ])('is told when it is opened: %j', async (name, message) => {
    const opening = openFileExporter(join(folder, name), scope, () => undefined);
    await expect(opening).rejects.toThrow(TelemetrySettingsError);
    await expect(opening).rejects.toThrow(message);
  });

  test('any more, because the disk is full: counted and told, and it goes on', async () => {
    const log: string[] = [];
    const exporter = await openFileExporter('/dev/full', scope, (line) => log.push(line));
    exporter.metrics(SNAPSHOT);
    await exporter.flush(60_000);
    exporter.metrics(SNAPSHOT);
    await exporter.shutdown(60_000);
    expect(exporter.totals().signals[1]).toMatchObject({ exported: 0, lost: { writeFailed: 6 }, queuedItems: 0 });
    expect(log).toEqual([
      'OTLP metrics to file /dev/full: 3 data points lost: no space is left on the device (ENOSPC)',
    ]);
  });
});
