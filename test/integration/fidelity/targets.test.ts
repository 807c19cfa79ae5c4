/** Targets come and go: attached in the middle of a statement, beside others of the same binary, restarted while recorded. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { CASE_BUILDS } from '../../fidelity.js';
import { frames, sqlstatesOf, Wire } from '../../servers/wire.js';
import { removeServer, type Server, startServer, stopServers, waitUntil } from '../../servers.js';
import { Recording } from '../../tracer.js';

const { bind, execute, parse, query, sync } = frames;
const TIMEOUT_MS = 300_000;
const WAIT_MS = 30_000;
/** Of the tracer, MAX_TARGETS; each attach takes the next one, also if it is refused. */
const SLOTS = 64;

let recording: Recording | undefined;
afterEach(async () => {
  await recording?.stop();
  recording = undefined;
  await stopServers();
});

async function record(...servers: Server[]): Promise<Recording> {
  recording = await Recording.start();
  for (const [index, server] of servers.entries()) await recording.attach(server, {}, `server-${index}`);
  return recording;
}

async function untilWaits(server: Server, wire: Wire): Promise<void> {
  const waits = async () => {
    const rows = await server.sql(
      `select 1 from pg_stat_activity where pid = ${wire.processId} and wait_event = 'advisory'`,
    );
    return rows.length === 1;
  };
  expect(await waitUntil(waits, WAIT_MS)).toBe(true);
}

async function run(server: Server, ...statements: string[]): Promise<void> {
  const wire = await Wire.connect(server);
  for (const statement of statements) expect(sqlstatesOf(await wire.run(query(statement)))).toEqual([]);
  await wire.end();
}

test(
  'the next target in a slot is told its texts, though the last one there was told the same',
  async () => {
    const server = await startServer({ build: 'n18' });
    const recording = await record(server);
    await run(server, 'select 1 as f_slot');
    expect((await recording.totals('f_slot', 'server-0')).calls).toBe(1);
    await recording.tracer.detach('server-0');
    for (let slot = 1; slot < SLOTS; slot++) await expect(recording.attach({ pid: process.pid })).rejects.toThrow();
    await recording.attach(server, {}, 'next');
    await run(server, 'select 1 as f_slot');
    expect((await recording.totals('f_slot', 'next')).calls).toBe(1);
  },
  TIMEOUT_MS,
);

describe.each(CASE_BUILDS)('%s', (build) => {
  test.each([
    ['simple', [query('select 1 as f_middle, pg_advisory_lock(1)')]],
    ['extended', [parse({ text: 'select 1 as f_middle, pg_advisory_lock(1)' }), bind(), execute(), sync()]],
  ])(
    'attach in the middle of a running statement, %s protocol',
    async (_, messages) => {
      const server = await startServer({ build });
      const [holder, waiter] = [await Wire.connect(server), await Wire.connect(server)];
      await holder.run(query('select pg_advisory_lock(1)'));
      const sent = performance.now();
      waiter.send(...messages);
      await untilWaits(server, waiter);
      const waitedMs = performance.now() - sent;
      const recording = await record(server);
      await holder.run(query('select pg_advisory_unlock(1)'));
      await waiter.untilReady();
      const answeredMs = performance.now() - sent;
      await waiter.run(query('select 2 as f_next'));
      await Promise.all([holder.end(), waiter.end()]);
      await recording.until(
        () => recording.aggregates.some((event) => recording.text(event).includes('f_next')),
        'the next statement',
      );

      const ours = await recording.totals('f_middle', 'server-0');
      expect({ calls: ours.calls, rows: ours.counter('rows'), errors: ours.errors }).toEqual({
        calls: 1,
        rows: 1,
        errors: 0,
      });
      // From its own begin, before the tracer came; the server began within a moment of the client's sending.
      expect(ours.counter('durationNs')).toBeGreaterThan(waitedMs * 1e6 * 0.5);
      expect(ours.counter('durationNs')).toBeLessThan(answeredMs * 1e6);
      expect((await recording.totals('f_next', 'server-0')).calls).toBe(1);
    },
    TIMEOUT_MS,
  );

  test(
    'attach in the middle of a transaction and between prepared executions',
    async () => {
      const server = await startServer({ build });
      const wire = await Wire.connect(server);
      await wire.run(query('begin'));
      await wire.run(
        parse({ name: 'named', text: 'select $1::int as f_early' }),
        bind({ statement: 'named', values: ['1'] }),
        execute(),
        sync(),
      );
      const recording = await record(server);
      for (let i = 0; i < 5; i++) await wire.run(bind({ statement: 'named', values: ['2'] }), execute(), sync());
      await wire.run(query('commit'));
      await wire.end();
      await recording.until(
        () => recording.sum((event) => recording.text(event) === 'commit').calls === 1,
        'the commit',
      );
      const ours = await recording.totals('f_early', 'server-0');
      expect({ calls: ours.calls, rows: ours.counter('rows') }).toEqual({ calls: 5, rows: 5 });
    },
    TIMEOUT_MS,
  );

  test(
    'two servers that share one binary, of which one is a target: nothing of the other is seen',
    async () => {
      const [target, other] = [await startServer({ build }), await startServer({ build })];
      const recording = await record(target);
      await run(
        other,
        'create table f_other (one int)',
        'insert into f_other values (1)',
        'select 1 as f_other_select',
      );
      await run(target, 'select 1 as f_target');
      await run(other, 'select 2 as f_other_select');
      await recording.until(
        () => recording.aggregates.some((event) => recording.text(event).includes('f_target')),
        'the target',
      );
      expect((await recording.totals('f_target', 'server-0')).calls).toBe(1);
      expect(recording.aggregates.filter((event) => recording.text(event).includes('f_other'))).toEqual([]);
      expect(recording.lastDrain?.targets.map(({ pid }) => pid)).toEqual([target.pid]);
    },
    TIMEOUT_MS,
  );

  test(
    'two targets that share one binary are told apart, and one is detached without the other',
    async () => {
      const [one, two] = [await startServer({ build }), await startServer({ build })];
      const recording = await record(one, two);
      await run(one, 'select 1 as f_both');
      for (let i = 0; i < 2; i++) await run(two, 'select 1 as f_both');
      await recording.until(
        () => recording.sum((event) => recording.text(event).includes('f_both')).calls === 3,
        'both',
      );
      expect((await recording.totals('f_both', 'server-0')).calls).toBe(1);
      expect((await recording.totals('f_both', 'server-1')).calls).toBe(2);
      await recording.tracer.detach('server-0');
      expect(recording.detached).toMatchObject([{ target: 'server-0', reason: 'Requested' }]);
      await run(one, 'select 1 as f_both');
      await run(two, 'select 1 as f_both');
      await recording.until(
        () => recording.sum((event) => recording.text(event).includes('f_both')).calls >= 4,
        'the second',
      );
      expect((await recording.totals('f_both', 'server-0')).calls).toBe(1);
      expect((await recording.totals('f_both', 'server-1')).calls).toBe(3);
    },
    TIMEOUT_MS,
  );

  test.each(['fast', 'immediate', 'killed'] as const)(
    'a server restarted while recorded: %s',
    async (how) => {
      const server = await startServer({ build });
      const recording = await record(server);
      await run(server, 'select 1 as f_restart');
      await (how === 'killed' ? server.kill() : server.stop(how));
      await recording.until(() => recording.detached.length === 1, 'that the server has ended');
      expect(recording.detached).toMatchObject([{ target: 'server-0', reason: 'Exited' }]);
      expect((await recording.totals('f_restart', 'server-0')).calls).toBe(1);
      await server.start();
      await recording.attach(server, {}, 'server-0');
      await run(server, 'select 1 as f_restart');
      await recording.until(
        () => recording.sum((event) => recording.text(event).includes('f_restart')).calls === 2,
        'the second life',
      );
      await removeServer(server);
      await recording.until(() => recording.detached.length === 2, 'that it has ended again');
    },
    TIMEOUT_MS,
  );
});
