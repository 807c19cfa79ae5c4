/** Who waits for whom: `top` while it goes on, at both levels, and `report` from what was recorded meanwhile. */
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { CANARY, traces } from '../../command/canary.js';
import { Command, eventually, run, scratchFile, stopCommands } from '../../command.js';
import { waitUntilItWaits } from '../../fidelity/waits.js';
import { frames, sqlstatesOf, Wire } from '../../servers/wire.js';
import { type Server, startServer, stopServers } from '../../servers.js';

jest.setTimeout(120_000);

const { query } = frames;

let server: Server;
beforeAll(async () => {
  server = await startServer({ build: 'n18', settings: { autovacuum: 'off', deadlock_timeout: '10min' } });
  await server.sql('create table chained (id int primary key, item text)');
  await server.sql("insert into chained values (1, 'a'), (2, 'b')");
});
afterEach(stopCommands);
afterAll(stopServers);

interface Chain {
  pids: number[];
  /** Lets the first one commit; resolves when all three have done their work and are gone. */
  release(): Promise<void>;
}

/** The first holds a row, the second waits for it, the third waits for the table of both. */
async function startChain(): Promise<Chain> {
  const connect = (name: string) => Wire.connect(server, { parameters: { application_name: name } });
  const [first, second, third] = [await connect('a-first'), await connect('a-second'), await connect('a-third')];
  await first.run(query('begin'));
  await first.run(query(`update chained set item = '${CANARY}' where id = 1 /* ${CANARY} */`));
  await second.run(query('begin'));
  second.send(query(`delete from chained where id = 1 and item <> '${CANARY}'`));
  await waitUntilItWaits(server, second.processId, 'transactionid');
  third.send(query('truncate chained'));
  await waitUntilItWaits(server, third.processId, 'relation');
  return {
    pids: [first, second, third].map(({ processId }) => processId),
    async release() {
      await first.run(query('commit'));
      await second.untilReady();
      await second.run(query('rollback'));
      await third.untilReady();
      for (const wire of [first, second, third]) await wire.end();
      await server.sql("insert into chained values (1, 'a'), (2, 'b')");
    },
  };
}

test.each(['statements', 'waits'])(
  'level %s: a chain that began before top did is shown link by link, in 80 columns, without what is in it',
  async (level) => {
    const chain = await startChain();
    const [first = 0, second = 0, third = 0] = chain.pids;
    const options = ['--pid', String(server.pid), '--interval', '300ms', '--level', level];
    const command = Command.start(['top', ...options]);
    const tree = new RegExp(
      [
        '^LOCKS: WHO WAITS FOR WHOM NOW',
        `pid ${first} idle in transaction · blocks 2 · transaction [\\d.]+m?s · a-first`,
        '│ update chained set item = \\$1 where id = \\$2',
        `└ pid ${second} waits [\\d.]+m?s: ShareLock on transaction \\d+ · .*`,
        '  │ delete from chained where id = \\$1 and item <> \\$2',
        `  └ pid ${third} waits [\\d.]+m?s: AccessExclusiveLock on relation \\d+ · .*`,
        '      truncate chained$',
      ].join('\\n'),
      'm',
    );
    await eventually('the chain', () => tree.test(command.stdout));
    expect(command.stdout).toMatch(/^2 sessions wait for a lock now, the longest [\d.]+m?s$/m);
    await chain.release();
    await eventually('a picture without locks', () => {
      const last = command.stdout.split('pgscope top ·').at(-2) ?? '';
      return last !== '' && !last.includes('LOCKS');
    });
    const { exitCode, stdout, stderr } = await command.end();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    for (const line of stdout.split('\n')) expect([...line].length).toBeLessThanOrEqual(80);
    expect(traces(stdout)).toEqual([]);
  },
);

test('top: a deadlock and a lock timeout are named', async () => {
  const command = Command.start(['top', '--pid', String(server.pid), '--interval', '300ms']);
  await eventually('a picture', () => command.stdout.includes('pgscope top'));
  await failBothWays();
  await eventually('both', () =>
    ['deadlock (40P01)', 'lock not available (55P03)'].every((words) => command.stdout.includes(words)),
  );
  expect(await command.end()).toMatchObject({ exitCode: 0, stderr: '' });
  expect(command.stdout).toMatch(/^failed: /m);
  expect(command.stdout).not.toContain('Lost since the start');
});

test('report: the chain link by link, the time of each wait with the statement at its beginning, deadlocks and timeouts as such', async () => {
  const file = scratchFile('recording.jsonl');
  const options = ['--otlp-file', file, '--interval', '1s', '--min-duration', '10ms'];
  const command = Command.start(['record', '--pid', String(server.pid), ...options]);
  await command.says('recording PostgreSQL');
  const chain = await startChain();
  for (const pid of chain.pids.slice(1)) await isOldEnough(pid);
  await chain.release();
  await failBothWays();
  expect((await command.end()).exitCode).toBe(0);
  const html = scratchFile('report.html');
  expect(await run(['report', '--from', file, '--html', html])).toMatchObject({ exitCode: 0, stderr: '' });
  const page = readFileSync(html, 'utf8');
  expect(traces(page)).toEqual([]);
  const [first, second, third] = chain.pids;

  const locks = section(page, 'locks');
  expect(locks).toMatch(
    /<th scope="row"><b>UPDATE chained<\/b><code title="update chained set item = \$1 where id = \$2">[^<]*<\/code><\/th>[\s\S]*?idle in transaction[^<]*<\/td><td class="text">[^<]*a-first/,
  );
  const lanes = Array.from(
    locks.matchAll(/padding-left:([\d.]+)em"><b>(?:└ )?PID (\d+)<\/b> ([^<]*)<small>([^<]*)</g),
    (found) => found.slice(1),
  );
  const from = lanes.findIndex(([, pid]) => pid === String(first));
  expect(lanes.slice(from, from + 3)).toEqual([
    [
      '0',
      String(first),
      'UPDATE chained',
      expect.stringMatching(/^idle in transaction · open [\d.]+ m?s before the first wait · a-first$/),
    ],
    ['1.1', String(second), 'DELETE chained', expect.stringMatching(/^ShareLock on transaction \d+ · a-second$/)],
    [
      '2.2',
      String(third),
      'TRUNCATE chained',
      expect.stringMatching(/^AccessExclusiveLock on relation \d+ · a-third$/),
    ],
  ]);
  for (const failed of ['deadlock', 'lock not available']) expect(locks).toContain(failed);
  const failures = section(page, 'failures');
  expect(failures).toMatch(/<code>40P01<\/code><\/td><td>deadlock</);
  expect(failures).toMatch(/<code>55P03<\/code><\/td><td>lock not available/);
});

/** For `--min-duration 10ms`. */
async function isOldEnough(pid: number): Promise<void> {
  await eventually(`the statement of ${pid} is old`, async () => {
    const age = `select clock_timestamp() - query_start > interval '50 ms' as old from pg_stat_activity where pid = ${pid}`;
    return (await server.sql<{ old: boolean }>(age))[0]?.old === true;
  });
}

/** A deadlock, and a lock_timeout that passes. */
async function failBothWays(): Promise<void> {
  const [one, two] = [await Wire.connect(server), await Wire.connect(server)];
  await one.run(query("begin; set local deadlock_timeout = '50ms'; update chained set item = 1 where id = 1"));
  await two.run(query('begin; update chained set item = 2 where id = 2'));
  two.send(query('update chained set item = 2 where id = 1'));
  await waitUntilItWaits(server, two.processId, 'transactionid');
  expect(sqlstatesOf(await one.run(query('update chained set item = 1 where id = 2')))).toEqual(['40P01']);
  await two.untilReady();
  await one.run(query('rollback'));
  await one.run(query("set lock_timeout = '50ms'"));
  expect(sqlstatesOf(await one.run(query('delete from chained')))).toEqual(['55P03']);
  await two.run(query('rollback'));
  for (const wire of [one, two]) await wire.end();
}

/** The markup of a section. */
function section(page: string, id: string): string {
  return new RegExp(`<section id="${id}">[\\s\\S]*?</section>`).exec(page)?.[0] ?? '';
}
