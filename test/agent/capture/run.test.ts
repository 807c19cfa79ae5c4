import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
  CaptureError,
  type CaptureInterval,
  type CaptureOptions,
  type CaptureSink,
  runCapture,
} from '../../../agent/capture.js';
import { createDataDirectory, type FakeServer, removeDataDirectory, startFakeServer } from '../targets/fake-server.js';
import type { Script, Step } from '../tracer/scripted-tracer.js';
import { type ScriptedTracer, scriptedTracer } from './scripted.js';

const fingerprint = '00000000000000ab';
const drained =
  '{"type":"drained","token":"$token","unixNano":"1","targets":[],"losses":{"recordsRingFull":2},"bpf":{"runTimeNs":0,"runCount":0}}';
const refusal: Step[] = [
  { line: '{"type":"refused","target":"$target","reason":"MissingSymbols","message":"it has no EndCommand"}' },
];

let directory: string;
let server: FakeServer;
let tracer: ScriptedTracer | undefined;
let calls: string[];
let end: AbortController;
let running: Promise<unknown>;
let logs: string[];

/** The lines of a drain in which a query ran. */
function busyDrain(target: string): Step[] {
  const lines: object[] = [
    { type: 'identity', target, databaseOid: 5, database: 'shop', userOid: 10, user: 'web' },
    { type: 'query', target, fingerprint, text: 'SELECT 1', truncated: false },
    { type: 'aggregate', target, fingerprint, databaseOid: 5, userOid: 10, calls: 2, errors: 1, durationNs: 7 },
    {
      type: 'aggregate',
      target,
      fingerprint: '0000000000000000',
      databaseOid: 5,
      userOid: 11,
      calls: 0,
      errors: 0,
      cpuNs: 3,
    },
  ];
  return [...lines.map((line) => ({ line: JSON.stringify(line) })), { line: drained }];
}

const sink: CaptureSink = {
  addTarget: ({ target }) => calls.push(`add ${target}`),
  removeTarget: (target) => calls.push(`remove ${target}`),
  identity: ({ database }) => calls.push(`identity ${database}`),
  query: ({ described }) => calls.push(`query ${described.summary}`),
  statement: ({ tag }) => calls.push(`statement ${tag}`),
  aggregate: (event) => calls.push(`aggregate ${event.calls}`),
  io: ({ operation }) => calls.push(`io ${operation}`),
  drained: ({ losses }) => calls.push(`drained ${JSON.stringify(losses)}`),
};

/** Runs until `stop` says so after a drain; its intervals. */
async function run(
  script: Script,
  stop: (intervals: CaptureInterval[]) => boolean | Promise<boolean>,
  change: Partial<CaptureOptions> = {},
) {
  tracer = scriptedTracer(script);
  const intervals: CaptureInterval[] = [];
  running = runCapture({
    selection: { pids: [], dataDirectories: [directory] },
    settings: {
      tracer: {
        level: 'statements',
        minDurationNs: null,
        errors: true,
        sampleRatio: 0,
        traceContext: [],
        maxPerSecond: 1,
        rawText: false,
        minWaitNs: 1_000_000,
        nestedDepth: 1,
      },
      intervalMs: 20,
      queryText: 'normalized',
      maxQueries: 10,
    },
    describe: (text) => ({ summary: text.slice(0, 6), text }),
    sink,
    signal: end.signal,
    env: tracer.env,
    onAttached: () => {},
    async onInterval(interval) {
      intervals.push(interval);
      if (await stop(intervals)) end.abort();
    },
    onLog: (line) => logs.push(line),
    ...change,
  });
  await running;
  return intervals;
}

beforeEach(async () => {
  calls = [];
  end = new AbortController();
  running = Promise.resolve();
  logs = [];
  directory = createDataDirectory();
  server = await startFakeServer(directory);
});

afterEach(async () => {
  end.abort();
  await running.catch(() => {});
  await server.stop();
  removeDataDirectory(directory);
  tracer?.remove();
  tracer = undefined;
});

jest.setTimeout(60_000);

describe('a capture', () => {
  test('hands on what the tracer says, in order, and ends with a last drain', async () => {
    const intervals = await run({ on: { drain: busyDrain(directory) } }, () => true);
    const [first, last] = intervals;
    expect(calls.slice(0, 6)).toEqual([
      `add ${directory}`,
      'identity shop',
      'query SELECT',
      'aggregate 2',
      'aggregate 0',
      'drained {"recordsRingFull":2}',
    ]);
    expect(first?.servers).toMatchObject([{ target: directory, pid: server.pid, version: '18.4', backends: 3 }]);
    expect(first?.queries).toMatchObject([
      { summary: 'SELECT', text: 'SELECT 1', database: 'shop', user: 'web', calls: 2, errors: 1, durationNs: 7 },
      { summary: '(outside of statements)', text: undefined, database: 'shop', user: '(user 11)', cpuNs: 3 },
    ]);
    expect(first?.losses).toEqual({ recordsRingFull: 2 });
    expect(intervals).toHaveLength(2);
    expect(last?.queries).toHaveLength(2);
    expect(logs).toEqual([]);
  });

  test('ends after its duration', async () => {
    const intervals = await run({}, () => false, { durationMs: 50 });
    expect(intervals.length).toBeGreaterThanOrEqual(1);
  });

  test('follows a server over its restart', async () => {
    let restarted = false;
    const exited = JSON.stringify({ type: 'detached', target: directory, reason: 'Exited' });
    const intervals = await run({ first: { drain: [{ line: drained }, { line: exited }] } }, async (seen) => {
      if (!restarted) {
        await server.stop();
        server = await startFakeServer(directory);
        restarted = true;
      }
      return seen.some(({ servers }) => servers[0]?.pid === server.pid);
    });
    expect(intervals.length).toBeGreaterThan(1);
    expect(calls.filter((call) => call === `add ${directory}`)).toHaveLength(2);
    expect(logs[0]).toMatch(/^the server in .+ \(PID \d+\) has ended$/);
  });

  test('a server that does not come back is removed when its last sums were handed on', async () => {
    const exited = JSON.stringify({ type: 'detached', target: directory, reason: 'Exited' });
    await run({ first: { drain: [...busyDrain(directory), { line: exited }] } }, async () => {
      await server.stop();
      return calls.includes(`remove ${directory}`);
    });
    expect(calls.indexOf(`remove ${directory}`)).toBeGreaterThan(calls.indexOf('aggregate 2'));
  });

  test('goes on when the tracer dies, with its losses and restarts counted', async () => {
    const intervals = await run(
      { on: { drain: [{ line: drained.replace('$token', 'other') }, { exit: 1 }] } },
      (seen) => (seen.at(-1)?.losses.tracerRestarts ?? 0) >= 1,
    );
    expect(intervals.at(-1)?.losses).toMatchObject({
      tracerRestarts: 1,
      drainsFailed: expect.any(Number),
      recordsRingFull: expect.any(Number),
    });
    expect(calls.filter((call) => call.startsWith('add'))).not.toHaveLength(0);
  });

  test('events on a server that nobody knows change nothing', async () => {
    const stray = JSON.stringify({ type: 'detached', target: 'stray', reason: 'Exited' });
    const intervals = await run({ on: { drain: [{ line: stray }, { line: drained }] } }, () => true);
    expect(intervals[0]?.servers).toHaveLength(1);
    expect(logs).toEqual([]);
  });
});

describe('a capture that cannot begin', () => {
  test.each<[string, Script, Partial<CaptureOptions>, RegExp]>([
    ['refused by the tracer', { on: { attach: refusal } }, {}, /^it has no EndCommand$/],
    [
      'no such data directory',
      {},
      { selection: { pids: [], dataDirectories: ['/nonexistent'] } },
      /^\/nonexistent is not a directory$/,
    ],
    ['no privileges', { start: [{ log: 'root is needed' }, { exit: 3 }] }, {}, /^root is needed$/],
    [
      'no tracer',
      {},
      { env: { PGSCOPE_TRACER: '/nonexistent' } },
      /^the tracer \/nonexistent, which PGSCOPE_TRACER names, does not exist$/,
    ],
  ])('%s', async (_case, script, change, message) => {
    const capture = run(script, () => true, change);
    await expect(capture).rejects.toThrow(CaptureError);
    await expect(capture).rejects.toThrow(message);
  });
});
