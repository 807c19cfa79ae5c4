/** Receivers in trouble: capture goes on, memory stays bounded, and what is lost is counted and exported. */
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { type Answer, type Received, type Receiver, startReceiver } from '../../agent/telemetry/export/receiver.js';
import { Recorded } from '../../command/otlp.js';
import { Command, eventually, scratchFile, stopCommands } from '../../command.js';
import { frames, Wire } from '../../servers/wire.js';
import { type Server, startServer, stopServers } from '../../servers.js';

jest.setTimeout(120_000);

/** Of one destination (agent/telemetry/export/limits.ts). */
const QUEUED_SPANS = 4096;
const MEMORY_BYTES = 200e6;
const COUNT = 50;

let server: Server;
let receiver: Receiver | undefined;
beforeAll(async () => {
  server = await startServer({ build: 'n18' });
});
afterEach(async () => {
  await stopCommands();
  await receiver?.close();
  receiver = undefined;
});
afterAll(stopServers);

type Answering = (request: Received, number: number) => Answer | 'never';

const isTraces = ({ path }: Received) => path === '/v1/traces';
const bodies = (accepted: Received[]) => Recorded.fromBodies(accepted.map(({ body }) => body));
const json = (body: object): Answer => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

async function record(url: string, ...args: string[]): Promise<{ command: Command; file: string }> {
  const file = scratchFile('recording.jsonl');
  const target = ['--pid', String(server.pid), '--otlp-file', file];
  const spans = ['--interval', '1s', '--min-duration', '0ms', '--max-per-second', '10000'];
  const endpoint = ['--otlp-endpoint', url, '--otlp-protocol', 'http/json'];
  const command = Command.start(['record', ...target, ...spans, ...endpoint, ...args]);
  await command.says('recording PostgreSQL');
  return { command, file };
}

async function answering(answer: Answering): Promise<Receiver> {
  receiver = await startReceiver(answer);
  return receiver;
}

async function send(marker: string, count = COUNT): Promise<void> {
  const wire = await Wire.connect(server);
  const batch = 500;
  for (let sent = 0; sent < count; sent += batch) {
    const queries = Array.from({ length: Math.min(batch, count - sent) }, () => frames.query(`select 1 as ${marker}`));
    wire.send(...queries);
    for (const _ of queries) await wire.untilReady();
  }
  await wire.end();
}

/** What the file, the other destination, has: all of it, whatever the receiver does. */
function expectAllInFile(file: string, marker: string, count = COUNT): Recorded {
  const recorded = Recorded.fromFile(file);
  expect(recorded.ofQuery(marker, 'postgresql.query.calls')).toBe(count);
  expect(recorded.decreases()).toEqual([]);
  return recorded;
}

test('a receiver that is down: the queue is bounded, and when it is up again it is told what was lost', async () => {
  const down = await startReceiver();
  await down.close();
  const { command, file } = await record(down.url);
  // How many of them get through the kernel's ring depends on the machine.
  let count = 0;
  while (!command.stderr.includes('the queue is full') && count < 50 * QUEUED_SPANS) {
    await send('while_down', QUEUED_SPANS);
    count += QUEUED_SPANS;
  }
  await eventually(
    'all calls in the file',
    () => Recorded.fromFile(file).ofQuery('while_down', 'postgresql.query.calls') === count,
  );
  expect(command.memory()).toBeLessThan(MEMORY_BYTES);
  expect(command.stderr).toMatch(/OTLP traces to http:\/\/127\.0\.0\.1:\d+\/v1\/traces: .*ECONNREFUSED.*tried again/);
  expect(command.stderr).toContain('the queue is full (4096 spans, 8 MiB)');

  receiver = await startReceiver(undefined, undefined, down.port);
  await eventually('spans at the receiver', () => receiver?.received.some(isTraces) ?? false);
  await eventually(
    'the losses at the receiver',
    () => 'export queueFull' in bodies(receiver?.received.filter((one) => !isTraces(one)) ?? []).losses(),
  );
  const { exitCode, stdout } = await command.end();
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/spans .*queue was full/);
  const arrived = bodies(receiver.received);
  const { 'export queueFull': full = 0, ...others } = arrived.losses();
  expect(full).toBeGreaterThan(0);
  const atCapture = (others['capture recordsRateLimitedSlow'] ?? 0) + (others['capture recordsRingFull'] ?? 0);
  expect(arrived.spans.length + full + atCapture).toBe(count);
  expect(arrived.ofQuery('while_down', 'postgresql.query.calls')).toBe(count);
  expectAllInFile(file, 'while_down', count);
});

test('a receiver that refuses spans (4xx): each lost span is counted, metrics go on', async () => {
  const { url, received } = await answering((request) =>
    isTraces(request) ? { status: 400, body: 'no spans here' } : {},
  );
  const { command, file } = await record(url);
  await send('refused');
  await eventually('refused requests', () => bodies(received).losses()['export refused'] === COUNT);
  const { exitCode, stdout, stderr } = await command.end();
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(/OTLP traces to .*: \d+ spans lost: the receiver answered 400 Bad Request \(no spans here\)/);
  expect(stdout).toMatch(/50 spans .*refused/);
  expect(bodies(received.filter((one) => !isTraces(one))).ofQuery('as refused', 'postgresql.query.calls')).toBe(COUNT);
  const recorded = expectAllInFile(file, 'as refused');
  expect(recorded.losses()['export refused']).toBe(COUNT);
  expect(recorded.spans).toHaveLength(COUNT);
});

test('a receiver that asks to wait (429, Retry-After): it is left alone for so long, and nothing is lost', async () => {
  const times: number[] = [];
  const accepted: Received[] = [];
  const { url } = await answering((request) => {
    if (!isTraces(request)) return {};
    times.push(performance.now());
    if (times.length === 1) return { status: 429, headers: { 'retry-after': '3' } };
    accepted.push(request);
    return {};
  });
  const { command, file } = await record(url);
  await send('asked_to_wait');
  await eventually('spans that were accepted', () => accepted.length > 0);
  const { exitCode, stdout, stderr } = await command.end();
  expect(exitCode).toBe(0);
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(2900);
  expect(stderr).toMatch(/the receiver answered 429 Too Many Requests; spans are kept and it is tried again/);
  expect(bodies(accepted).spans).toHaveLength(COUNT);
  expect(stdout).not.toMatch(/lost|spans/);
  expect(expectAllInFile(file, 'asked_to_wait').losses()).toEqual({});
});

test('a receiver that accepts in part: what it rejects is counted', async () => {
  const { url, received } = await answering((request, number) =>
    isTraces(request) && bodies([request]).spans.length > 3 && number > 0
      ? json({ partialSuccess: { rejectedSpans: '3', errorMessage: 'over the quota' } })
      : json({}),
  );
  const { command, file } = await record(url);
  await send('in_part');
  await eventually('rejected spans', () => (bodies(received).losses()['export rejected'] ?? 0) > 0);
  const { exitCode, stderr } = await command.end();
  expect(exitCode).toBe(0);
  const rejections = received.filter((one) => isTraces(one) && bodies([one]).spans.length > 3).length;
  expect(bodies(received).losses()['export rejected']).toBe(3 * rejections);
  expect(stderr).toContain('the receiver rejected 3 spans: over the quota');
  expectAllInFile(file, 'in_part');
});

test('a receiver that does not answer: capture goes on, and the end does not wait for it for ever', async () => {
  const { url, received } = await answering(() => 'never');
  const { command, file } = await record(url, '--otlp-timeout', '500');
  await send('unanswered');
  await eventually('requests to the receiver', () => received.filter(isTraces).length > 1);
  await eventually(
    'all calls in the file',
    () => Recorded.fromFile(file).ofQuery('unanswered', 'postgresql.query.calls') === COUNT,
  );
  const { exitCode, stdout, stderr } = await command.end();
  expect(exitCode).toBe(0);
  expect(stderr).toContain('no answer within 0.5 s; spans are kept and it is tried again');
  expect(stdout).toMatch(/^50 spans did not reach the OTLP receiver: the receiver did not take them before\s+the end/m);
  expectAllInFile(file, 'unanswered');
});
