/** What a profile says takes effect; what the command line says wins. */
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { Recorded } from '../../command/otlp.js';
import { Command, scratchFile, stopCommands } from '../../command.js';
import { frames, Wire } from '../../servers/wire.js';
import { type Server, startServer, stopServers } from '../../servers.js';

jest.setTimeout(120_000);

let server: Server;
beforeAll(async () => {
  server = await startServer({ build: 'n18', settings: { autovacuum: 'off' } });
});
afterEach(stopCommands);
afterAll(stopServers);

function profile(spec: object): string {
  const object = { apiVersion: 'pgscope.dev/v1alpha1', kind: 'PostgresProfile', spec };
  return scratchFile('profile.yaml', JSON.stringify(object)); // JSON is YAML
}

async function record(...args: string[]): Promise<{ command: Command; file: string }> {
  const file = scratchFile('recording.jsonl');
  const command = Command.start(['record', '--data-directory', server.dataDirectory, '--otlp-file', file, ...args]);
  await command.says('recording PostgreSQL 18');
  return { command, file };
}

async function send(...texts: string[]): Promise<void> {
  const wire = await Wire.connect(server);
  for (const text of texts) await wire.run(frames.query(text));
  await wire.end();
}

test('duration, interval, queryText, maxQueries, minDuration and maxPerSecond of a profile', async () => {
  const path = profile({
    duration: '8s',
    queryText: 'none',
    metrics: { interval: '1s', maxQueries: 3 },
    spans: { minDuration: '0ms', maxPerSecond: 10_000 },
  });
  const { command, file } = await record('-f', path);
  const texts = Array.from({ length: 10 }, (_, i) => `select 'x' as name_${i}`);
  await send(...texts, ...texts, ...texts);
  const ended = await command.ended;
  expect(ended.exitCode).toBe(0);
  expect(ended.stdout).toContain('30 statements');

  const recorded = Recorded.fromFile(file);
  const isOverflow = ({ attributes }: { attributes: object }) => 'otel.metric.overflow' in attributes;
  const calls = recorded.metric('postgresql.query.calls');
  const fingerprints = calls.map(({ attributes }) => attributes['pgscope.query.fingerprint']);
  expect(new Set(fingerprints.filter((value) => value !== undefined)).size).toBeLessThanOrEqual(3);
  expect(recorded.total('postgresql.query.calls')).toBe(30);
  const overflowed = recorded.total('postgresql.query.calls', isOverflow);
  expect(overflowed).toBeGreaterThanOrEqual(21);
  expect(calls.filter(isOverflow).every(({ attributes }) => attributes['otel.metric.overflow'] === true)).toBe(true);
  expect(recorded.losses()['telemetry queriesOverflow']).toBe(overflowed);

  expect(recorded.spans).toHaveLength(30);
  expect(new Set(recorded.spans.map(({ attributes }) => attributes['pgscope.capture.reason']))).toEqual(
    new Set(['slow']),
  );
  expect(readFileSync(file, 'utf8')).not.toContain('db.query.text');

  const times = [...new Set(recorded.metric('pgscope.backends').map(({ time }) => Number(time)))].sort((a, b) => a - b);
  expect(times.length).toBeGreaterThanOrEqual(4);
  expect(Number(times.at(-1)) - Number(times[0])).toBeLessThan(60e9);
});

test('sampleRatio and errors of a profile, and options that win over it', async () => {
  const path = profile({ queryText: 'none', spans: { sampleRatio: 0, errors: true, maxPerSecond: 10_000 } });
  const { command, file } = await record(
    '-f',
    path,
    '--sample-ratio',
    '0.5',
    '--no-errors',
    '--query-text',
    'normalized',
  );
  const texts = Array.from({ length: 400 }, (_, i) => `select ${i} as sampled`);
  await send(...texts, ...Array<string>(5).fill('select 1/0 as failed'));
  expect((await command.end()).exitCode).toBe(0);

  const recorded = Recorded.fromFile(file);
  const sampled = recorded.spans.filter(({ attributes }) => attributes['pgscope.capture.reason'] === 'sampled');
  // Six standard deviations.
  expect(sampled.length).toBeGreaterThan(140);
  expect(sampled.length).toBeLessThan(260);
  expect(sampled).toHaveLength(recorded.spans.length);
  expect(sampled[0]?.attributes['db.query.text']).toBe('select $1 as sampled');
  expect(recorded.ofQuery('as sampled', 'postgresql.query.calls')).toBe(400);
  expect(recorded.ofQuery('as failed', 'postgresql.query.errors')).toBe(5);
});

test('by default failed statements alone become spans, among fast ones', async () => {
  const { command, file } = await record('--min-duration', '1h');
  await send('select 1', 'select 1/0', 'select 2');
  await command.end();
  const { spans } = Recorded.fromFile(file);
  expect(spans.map(({ attributes }) => attributes['db.response.status_code'])).toEqual(['22012']);
});
