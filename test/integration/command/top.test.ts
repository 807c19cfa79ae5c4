/** `top` in a pipe, against a real server. */
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { CANARY, traces } from '../../command/canary.js';
import { expectNothingLeft } from '../../command/probes.js';
import { Command, eventually, run, stopCommands } from '../../command.js';
import { frames, Wire } from '../../servers/wire.js';
import { type Server, startServer, stopServers } from '../../servers.js';

jest.setTimeout(120_000);

let server: Server;
beforeAll(async () => {
  server = await startServer({ build: 'n18' });
  await server.sql('create table looked_at (id int primary key)');
});
afterEach(stopCommands);
afterAll(stopServers);

/** The rows of a query, one for each picture in which it is: the cells before its name. */
function rowsOf(stdout: string, query: string): string[][] {
  const rows = stdout.split('\n').filter((line) => line.trimEnd().endsWith(` ${query}`));
  return rows.map((line) => line.slice(0, -query.length).trim().split(/\s+/));
}

/** A session sleeps in pg_sleep, and one waits for a row that another one has locked, again and again until `isSeen`. */
async function waitUntilSeen(what: string, isSeen: () => boolean): Promise<void> {
  const [holder, waiter, sleeper] = await Promise.all([1, 2, 3].map(() => Wire.connect(server)));
  if (holder === undefined || waiter === undefined || sleeper === undefined) throw new Error('no connection');
  await holder.run(frames.query('insert into looked_at values (1) on conflict do nothing'));
  await eventually(what, async () => {
    await holder.run(frames.query('begin; update looked_at set id = 1 where id = 1'));
    const waiting = waiter.run(frames.query('delete from looked_at where id = 1'));
    await sleeper.run(frames.query('select pg_sleep(0.3)'));
    await holder.run(frames.query('commit'));
    await waiting;
    await holder.run(frames.query('insert into looked_at values (1) on conflict do nothing; checkpoint'));
    return isSeen();
  });
  await Promise.all([holder, waiter, sleeper].map((wire) => wire.end()));
}

/** A picture says how many statements a second there were, rounded; that of a busy interval never says 0. */
async function workUntilSeen(command: Command, ...queries: string[]): Promise<void> {
  const wire = await Wire.connect(server);
  const isSeen = (query: string) => rowsOf(command.stdout, query).length > 1;
  await eventually(`rows of ${queries}`, async () => {
    for (let i = 0; i < 20; i++) {
      await wire.run(frames.query(`select count(*) from looked_at where id <> ${i} and '${CANARY}' <> ''`));
      await wire.run(frames.query(`set app.secret = ${CANARY}`));
      await wire.run(frames.query(`insert into looked_at values (7), (7) -- ${CANARY}`));
    }
    return queries.every(isSeen);
  });
  await wire.end();
}

test('plain text of 80 columns: each query with its calls and errors, and nothing of what is in it', async () => {
  const command = Command.start(['top', '--pid', String(server.pid), '--interval', '500ms']);
  await workUntilSeen(command, 'SELECT looked_at', 'INSERT looked_at', 'SET app.secret');
  const { exitCode, stdout, stderr } = await command.end();
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });

  expect(stdout).toMatch(new RegExp(`^pgscope top · PostgreSQL 18\\.\\d+ · pid ${server.pid} `));
  expect(stdout).toMatch(/^ *TIME CALL\/s +MEAN +P50 +P99 +CPU +IO\/s ROW\/s ERR\/s QUERY$/m);
  for (const line of stdout.split('\n')) expect([...line].length).toBeLessThanOrEqual(80);
  // Nothing but text: no escape sequence, no carriage return.
  expect(stdout).not.toMatch(/[^\n -~·…µ≥–▁-█▉-▏]/);
  const [, calls, , , , , , rows, errors] = rowsOf(stdout, 'SELECT looked_at')[0] ?? [];
  expect(Number(calls)).toBeGreaterThan(0);
  expect(rows).toBe(calls);
  expect(errors).toBe('0');
  const [, inserted, , , , , , , failed] = rowsOf(stdout, 'INSERT looked_at')[0] ?? [];
  expect(inserted).toBe('0');
  expect(Number(failed)).toBeGreaterThan(0);
  for (const said of [stdout, stderr]) expect(traces(said)).toEqual([]);
  await expectNothingLeft(command);
});

test.each(['statements', 'waits', 'phases'])(
  'level %s: the load by class, the biggest wait of each query, background processes',
  async (level) => {
    const options = ['--pid', String(server.pid), '--interval', '500ms', '--level', level];
    const command = Command.start(['top', ...options], { env: { COLUMNS: '110' } });
    const seen = [
      /^Lock +0\.[1-9]\d +\d+\.\d% [█▉-▏]+ /m,
      /^Timeout +0\.[1-9]\d +\d+\.\d% [█▉-▏]+ /m,
      /^ *\d+\.\d% .*Timeout:PgSleep +\d+% +SELECT pg_sleep$/m,
      /^ *\d+\.\d% .*Lock:transactionid +\d+% +DELETE looked_at$/m,
      /^checkpointer +\d+\.\d\d /m,
    ];
    await waitUntilSeen(`the waits at level ${level}`, () => seen.every((line) => line.test(command.stdout)));
    const { exitCode, stdout, stderr } = await command.end();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    for (const line of stdout.split('\n')) expect([...line].length).toBeLessThanOrEqual(110);
    expect(stdout).toMatch(
      level === 'waits'
        ? /^ *TIME +LOAD +CPU +RUNQ +WAITS +IO\/s BIGGEST WAIT +QUERY$/m
        : /ERR\/s BIGGEST WAIT +QUERY$/m,
    );
    await expectNothingLeft(command);
  },
);

test('--iterations: so many pictures, then it ends by itself', async () => {
  const { exitCode, stdout } = await run([
    'top',
    '--pid',
    String(server.pid),
    '--interval',
    '200ms',
    '--iterations',
    '3',
  ]);
  expect(exitCode).toBe(0);
  expect(stdout.match(/^pgscope top · /gm)).toHaveLength(3);
});

test('exit codes: 1 for a process that is no server, 2 for an option that is none', async () => {
  const none = await run(['top', '--pid', String(process.pid)]);
  expect(none).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining(String(process.pid)) });
  const wrong = await run(['top', '--sort', 'beauty']);
  expect(wrong).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('beauty') });
});
