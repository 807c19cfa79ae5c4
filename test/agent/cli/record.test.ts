import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { main } from '../../../agent/cli/main.js';
import { type ScriptedTracer, scriptedTracer } from '../capture/scripted.js';
import { createDataDirectory, type FakeServer, removeDataDirectory, startFakeServer } from '../targets/fake-server.js';
import type { Script } from '../tracer/scripted-tracer.js';
import { capturedIo } from './io.js';

jest.setTimeout(60_000);

const fingerprint = '00000000000000ab';
let directory: string;
let output: string;
let server: FakeServer;
let tracer: ScriptedTracer | undefined;

beforeEach(async () => {
  directory = createDataDirectory();
  output = mkdtempSync(join(tmpdir(), 'pgscope-record-'));
  server = await startFakeServer(directory);
});

afterEach(async () => {
  await server.stop();
  removeDataDirectory(directory);
  rmSync(output, { recursive: true });
  tracer?.remove();
  tracer = undefined;
});

/** A drain in which a query ran once. */
function drain(): Script {
  const lines = [
    { type: 'identity', target: directory, databaseOid: 5, database: 'shop', userOid: 10, user: 'web' },
    {
      type: 'query',
      target: directory,
      fingerprint,
      text: "SELECT * FROM orders WHERE note = 'canary'",
      truncated: false,
    },
    {
      type: 'aggregate',
      target: directory,
      fingerprint,
      databaseOid: 5,
      userOid: 10,
      calls: 4,
      errors: 0,
      durationNs: 2e6,
      rows: 8,
    },
  ].map((line) => ({ line: JSON.stringify(line) }));
  const end =
    '{"type":"drained","token":"$token","unixNano":"1790000000000000000","targets":[],"losses":{"recordsRingFull":3},"bpf":{"runTimeNs":0,"runCount":0}}';
  return { on: { drain: [...lines, { line: end }] } };
}

async function record(script: Script, ...options: string[]) {
  tracer = scriptedTracer(script);
  const { io, stdout, stderr } = capturedIo({ env: tracer.env });
  const code = await main(['record', ...options], io);
  return { code, stdout: stdout(), stderr: stderr() };
}

describe('pgscope record', () => {
  test('ends with a table and what was lost, and leaves an OTLP file', async () => {
    const file = join(output, 'out.jsonl');
    const result = await record(drain(), '--data-directory', directory, '--duration', '1s', '--otlp-file', file);
    expect(result).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^recording PostgreSQL 18\.4 in \S+: PID \d+, 3 processes/),
    });
    expect(result.stdout).toMatch(/^ 100% +4 +500µs .* 8 SELECT orders\n {6}SELECT \* FROM orders WHERE note = \$1$/m);
    expect(result.stdout).toMatch(
      /\n\n3 statements did not become spans, since the ring buffer was full: capture\nfewer\.\n$/,
    );
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.map((line) => Object.keys(JSON.parse(line)).join())).toContain('resourceMetrics');
    expect(result.stdout + lines.join()).not.toContain('canary');
  });

  test('ends on a signal in the same way', async () => {
    tracer = scriptedTracer(drain());
    const { io, stdout, stderr } = capturedIo({ env: tracer.env });
    const stop = new AbortController();
    const running = main(['record', '--pid', String(server.pid)], { ...io, signal: stop.signal });
    const deadline = Date.now() + 20_000;
    while (!stderr().includes('recording') && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 10));
    stop.abort();
    expect(await running).toBe(0);
    expect(stdout()).toContain('SELECT orders');
  });

  const missingSymbols = '{"type":"refused","target":"$target","reason":"MissingSymbols","message":"no EndCommand"}';

  test.each<[string, Script, string[], { code: number; stderr: RegExp }]>([
    [
      'a server that cannot be recorded',
      { on: { attach: [{ line: missingSymbols }] } },
      [],
      { code: 1, stderr: /^pgscope record: no EndCommand\n$/ },
    ],
    [
      'a tracer that may not',
      { start: [{ log: 'pgscope-tracer: run as root' }, { exit: 3 }] },
      [],
      { code: 1, stderr: /^pgscope record: run as root\n$/ },
    ],
    [
      'a file that cannot be written',
      {},
      ['--otlp-file', '/nonexistent/out'],
      { code: 2, stderr: /^pgscope record: --otlp-file: \S+ cannot be written/ },
    ],
    [
      'a receiver that is no URL',
      {},
      ['--otlp-endpoint', 'collector'],
      { code: 2, stderr: /^pgscope record: --otlp-endpoint: / },
    ],
  ])('says so: %s', async (_case, script, options, { code, stderr }) => {
    const result = await record(script, '--data-directory', directory, ...options);
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toMatch(stderr);
  });
});
