/** Which servers a recording has: later ones, restarted ones, the oldest, and one that is newer than pgscope. */
import { afterAll, afterEach, expect, jest, test } from '@jest/globals';
import { setMajor, setSize, startChangedServer } from '../../command/changed-server.js';
import { type Point, Recorded } from '../../command/otlp.js';
import { expectNothingLeft } from '../../command/probes.js';
import { Command, scratchFile, stopCommands } from '../../command.js';
import { frames, Wire } from '../../servers/wire.js';
import { type Server, startServer, stopServers } from '../../servers.js';

jest.setTimeout(120_000);

afterEach(async () => {
  await stopCommands();
  await stopServers();
});
afterAll(stopServers);

function record(...args: string[]): { command: Command; file: string } {
  const file = scratchFile('recording.jsonl');
  return { command: Command.start(['record', '--otlp-file', file, '--interval', '1s', ...args]), file };
}

/** What is said when this server is attached. */
const recording = ({ dataDirectory, pid }: Server) => `in ${dataDirectory}: PID ${pid}, `;

async function send(server: Server, count: number, text: string): Promise<void> {
  const wire = await Wire.connect(server);
  for (let i = 0; i < count; i++) await wire.run(frames.query(text));
  await wire.end();
}

const isOf =
  ({ dataDirectory }: Server) =>
  ({ resource }: Point) =>
    resource['pgscope.data_directory'] === dataDirectory;

test('without a target: every server, also one that is started later', async () => {
  const first = await startServer({ build: 'n18' });
  const { command, file } = record();
  await command.says(recording(first));
  const later = await startServer({ build: 'n17' });
  await command.says(recording(later));
  await send(first, 3, 'select 1 as on_the_first');
  await send(later, 4, 'select 1 as on_the_later');
  expect((await command.end()).exitCode).toBe(0);
  const recorded = Recorded.fromFile(file);
  for (const [server, marker, count] of [
    [first, 'on_the_first', 3],
    [later, 'on_the_later', 4],
  ] as const) {
    const fingerprints = recorded.fingerprints(marker);
    const belongs = (point: Point) =>
      isOf(server)(point) && fingerprints.has(point.attributes['pgscope.query.fingerprint']);
    expect(recorded.total('postgresql.query.calls', belongs)).toBe(count);
    expect(recorded.ofQuery(marker, 'postgresql.query.calls')).toBe(count);
  }
});

test.each([
  ['hidden', { update_process_title: 'off' }],
  ['like that of other processes', { cluster_name: 'checkpointer: postgres -D /elsewhere (x) 7' }],
])('without a target: a server whose process titles are %s', async (_, settings) => {
  const server = await startServer({ build: 'n18', settings });
  const { command, file } = record();
  await command.says(recording(server));
  await send(server, 3, 'select 1 as untitled');
  expect((await command.end()).exitCode).toBe(0);
  const recorded = Recorded.fromFile(file);
  expect(recorded.ofQuery('as untitled', 'postgresql.query.calls')).toBe(3);
  expect(recorded.points.some(isOf(server))).toBe(true);
});

test('one server is named: nothing of another one with the same executable', async () => {
  const [named, other] = await Promise.all([startServer({ build: 'n18' }), startServer({ build: 'n18' })]);
  const { command, file } = record('--data-directory', named.dataDirectory);
  await command.says(recording(named));
  await send(other, 3, 'select 1 as elsewhere');
  await send(named, 2, 'select 1 as here');
  await command.end();
  const recorded = Recorded.fromFile(file);
  expect(recorded.ofQuery('as here', 'postgresql.query.calls')).toBe(2);
  expect(recorded.fingerprints('elsewhere').size).toBe(0);
  expect(recorded.points.filter(isOf(other))).toEqual([]);
});

test('a server that is restarted is followed: other start times, and nothing decreases within one', async () => {
  const server = await startServer({ build: 'n18' });
  const { command, file } = record('--pid', String(server.pid));
  await command.says(recording(server));
  await send(server, 5, 'select 1 as followed');
  await server.restart();
  await command.says(recording(server));
  await send(server, 3, 'select 1 as followed');
  await server.restart('immediate');
  await command.says(recording(server));
  await send(server, 2, 'select 1 as followed');
  expect((await command.end()).exitCode).toBe(0);
  const recorded = Recorded.fromFile(file);
  const fingerprints = recorded.fingerprints('as followed');
  const calls = recorded
    .metric('postgresql.query.calls')
    .filter(({ attributes }) => fingerprints.has(attributes['pgscope.query.fingerprint']));
  expect(new Set(calls.map(({ start }) => start)).size).toBe(3);
  expect(new Set(calls.map(({ resource }) => resource['process.pid'])).size).toBe(3);
  expect(new Set(calls.map(({ resource }) => resource['service.instance.id'])).size).toBe(1);
  expect(recorded.ofQuery('as followed', 'postgresql.query.calls')).toBe(10);
  expect(recorded.decreases()).toEqual([]);
});

test('PostgreSQL 13: as far as possible, and what is missing is said', async () => {
  const server = await startServer({ build: 'n13' });
  const { command, file } = record('--pid', String(server.pid));
  await command.says(recording(server));
  await send(server, 3, 'select 1 as old from generate_series(1, 2)');
  const { exitCode, stderr } = await command.end();
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(
    /^PostgreSQL 13\S* does not export my_wait_event_info: wait events, and which kinds of files are read and written, cannot be told$/m,
  );
  expect(stderr).toMatch(/^recording PostgreSQL 13\S* in /m);
  const recorded = Recorded.fromFile(file);
  expect(recorded.ofQuery('as old', 'postgresql.query.calls')).toBe(3);
  expect(recorded.ofQuery('as old', 'postgresql.query.rows')).toBe(6);
});

test('a newer major version whose layouts pass their checks: recorded, and called unverified', async () => {
  const server = await startChangedServer('n18', (executable) => setMajor(executable, 18, 19));
  expect(await server.sql('select version() as version')).toMatchObject([
    { version: expect.stringMatching(/^PostgreSQL 19/) },
  ]);
  const { command, file } = record('--pid', String(server.pid));
  await command.says(recording(server));
  await send(server, 3, 'select 1 as newer');
  const { exitCode, stderr } = await command.end();
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(/^recording PostgreSQL 19\S* \(unverified version\) in /m);
  expect(Recorded.fromFile(file).ofQuery('as newer', 'postgresql.query.calls')).toBe(3);
});

test('a newer major version one of whose layouts fails its check: refused', async () => {
  const server = await startChangedServer('n18', (executable) => {
    setMajor(executable, 18, 19);
    setSize(executable, 'pgWalUsage', 40n);
  });
  const { command } = record('--pid', String(server.pid));
  const { exitCode, stderr } = await command.ended;
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(
    /^pgscope record: pgWalUsage of the PostgreSQL 19\S* server with PID \d+ has 40 bytes instead of 32: this is a newer version than the known ones, so pgscope cannot trust what it would read$/m,
  );
  await expectNothingLeft(command);
});
