/** Who waits for whom: `top` while it goes on, at both levels. */
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { CANARY, traces } from '../../command/canary.js';
import { Command, eventually, stopCommands } from '../../command.js';
import { waitUntilItWaits } from '../../fidelity/waits.js';
import { frames, Wire } from '../../servers/wire.js';
import { type Server, startServer, stopServers } from '../../servers.js';

jest.setTimeout(120_000);

const { query } = frames;

let server: Server;
beforeAll(async () => {
  server = await startServer({ build: 'n18', settings: { autovacuum: 'off', deadlock_timeout: '50ms' } });
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
