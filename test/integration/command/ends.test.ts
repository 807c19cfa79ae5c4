/** How a recording ends: in order, by kill -9, with its tracer's death in the middle, and beside another one. */
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Receiver, startReceiver } from '../../agent/telemetry/export/receiver.js';
import { Recorded } from '../../command/otlp.js';
import { expectNothingLeft, probesOf } from '../../command/probes.js';
import { Command, eventually, scratchFile, stopCommands } from '../../command.js';
import { frames, Wire } from '../../servers/wire.js';
import { type Server, startServer, stopServers } from '../../servers.js';

jest.setTimeout(120_000);

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

async function record(...args: string[]): Promise<{ command: Command; file: string }> {
  const file = scratchFile('recording.jsonl');
  const command = Command.start(['record', '--pid', String(server.pid), '--otlp-file', file, ...args]);
  await command.says('recording PostgreSQL');
  return { command, file };
}

async function send(count: number, text: string): Promise<void> {
  const wire = await Wire.connect(server);
  for (let i = 0; i < count; i++) await wire.run(frames.query(text));
  await wire.end();
}

/** Of the queries whose text has this marker, as far as the file tells by now. */
function calls(file: string, marker: string): number {
  return Recorded.fromFile(file).ofQuery(marker, 'postgresql.query.calls');
}

/** The tracer's PID, when it has attached its probes. */
async function attachedTracer(command: Command): Promise<number> {
  const links = () => probesOf(command.tracer() ?? 0).links.length;
  await eventually('links of the tracer', () => links() > 8);
  return command.tracer() ?? 0;
}

describe('in order', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('%s: a last drain, everything is sent, a table', async (signal) => {
    receiver = await startReceiver();
    const export_ = ['--otlp-endpoint', receiver.url, '--otlp-protocol', 'http/json'];
    // Only the last drain can tell anything.
    const { command, file } = await record('--interval', '1h', '--min-duration', '0ms', ...export_);
    const held = probesOf(await attachedTracer(command));
    expect(held.programs.length).toBeGreaterThan(8);
    await send(20, "select 'x' as ended");
    const { exitCode, stdout, stderr } = await command.end(signal);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/CALLS.*\n(.*\n)*.*\b20\b.*\n\s+select \$1 as ended\n/);
    expect(stdout).toMatch(/^20 statements of 1 queries, .* of database time in /m);
    expect(stderr).not.toMatch(/lost|error/);
    const sent = Recorded.fromBodies(receiver.received.map(({ body }) => body));
    for (const recorded of [Recorded.fromFile(file), sent]) {
      expect(recorded.ofQuery('as ended', 'postgresql.query.calls')).toBe(20);
      expect(
        recorded.spans.filter(({ attributes }) => attributes['db.query.text'] === 'select $1 as ended'),
      ).toHaveLength(20);
    }
    await expectNothingLeft(command, held);
  });

  test('--duration counts from the first server', async () => {
    const { command, file } = await record('--duration', '2s');
    const { exitCode, stdout } = await command.ended;
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^No statement ended within [2-9]/);
    expect(Recorded.fromFile(file).metric('pgscope.backends').length).toBeGreaterThan(0);
    await expectNothingLeft(command);
  });

  test('when the server ends first, what it did is told', async () => {
    const other = await startServer({ build: 'n18' });
    const file = scratchFile('recording.jsonl');
    const command = Command.start(['record', '--pid', String(other.pid), '--otlp-file', file, '--interval', '1s']);
    await command.says('recording PostgreSQL');
    await other.sql('select 1 as before_the_end');
    await other.stop();
    await command.says(`the server in ${other.dataDirectory} (PID`);
    expect((await command.end()).exitCode).toBe(0);
    expect(calls(file, 'before_the_end')).toBe(1);
  });
});

test('kill -9 of the agent: the tracer ends, and no probe is left', async () => {
  const { command } = await record();
  const tracer = await attachedTracer(command);
  const held = probesOf(tracer);
  command.kill('SIGKILL');
  await command.ended;
  await expectNothingLeft(command, held);
  await send(1, 'select 1');
});

test('kill -9 of the tracer: it comes back, and counts go on', async () => {
  const { command, file } = await record('--interval', '1s', '--min-duration', '0ms');
  const tracer = await attachedTracer(command);
  const held = probesOf(tracer);
  await send(10, "select 'x' as surviving");
  await eventually('ten calls in the file', () => calls(file, 'as surviving') === 10);
  process.kill(tracer, 'SIGKILL');
  await command.says('was ended by SIGKILL; starting it again in 1 s');
  await eventually('another tracer', () => ![tracer, undefined].includes(command.tracer()));
  const next = await attachedTracer(command);
  await send(7, "select 'x' as surviving");
  const { exitCode, stdout } = await command.end();
  expect(exitCode).toBe(0);
  expect(stdout).toContain('The tracer died and was started again (1 time)');
  const recorded = Recorded.fromFile(file);
  expect(recorded.ofQuery('as surviving', 'postgresql.query.calls')).toBe(17);
  expect(recorded.decreases()).toEqual([]);
  expect(next).not.toBe(tracer);
  await expectNothingLeft(command, held);
});

test('two at one time on one server count the same and end one without the other', async () => {
  const first = await record('--interval', '1s');
  const second = await record('--interval', '1s');
  await send(25, "select 'x' as watched_twice from generate_series(1, 3)");
  expect((await first.command.end()).exitCode).toBe(0);
  await send(5, "select 'x' as watched_twice from generate_series(1, 3)");
  expect((await second.command.end()).exitCode).toBe(0);
  for (const [file, count] of [
    [first.file, 25],
    [second.file, 30],
  ] as const) {
    expect(calls(file, 'watched_twice')).toBe(count);
    expect(Recorded.fromFile(file).ofQuery('watched_twice', 'postgresql.query.rows')).toBe(3 * count);
  }
  await expectNothingLeft(first.command);
  await expectNothingLeft(second.command);
});
