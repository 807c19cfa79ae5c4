/** Waits for locks: in which mode, for what, and who holds it. */
import { expect, test } from '@jest/globals';
import type { LockEvent, LongWait, StatementEvent } from '../../../agent/tracer/events.js';
import { waitedFor } from '../../../agent/waits.js';
import { waitUntilItWaits } from '../../fidelity/waits.js';
import { type Bench, onEachBuild } from '../../fidelity.js';
import { frames, sqlstatesOf, Wire } from '../../servers/wire.js';
import { SUPPORTED_BUILDS } from '../../servers.js';

const { query } = frames;
const UPDATE = 'update k_rows set one = one + 1 where id = 1';

onEachBuild(
  (bench) => {
    const connect = async (name: string) =>
      await Wire.connect(bench.server, { parameters: { application_name: name } });

    test('the table of these tests', async () => {
      await bench.session(async (wire) => {
        await wire.run(query('create table k_rows (id int primary key, one int)'));
        await wire.run(query('insert into k_rows values (1, 1), (2, 1)'));
      });
    });

    test('a chain of three: each names the next, with its state, its transaction and its statement', async () => {
      const [first, second, third] = [await connect('k-first'), await connect('k-second'), await connect('k-third')];
      await first.run(query('begin'));
      await first.run(query(`${UPDATE} /* k_held */`));
      await second.run(query('begin'));
      second.send(query(`${UPDATE} /* k_middle */`));
      await waitUntilItWaits(bench.server, second.processId, 'transactionid');
      third.send(query('lock table k_rows in access exclusive mode /* k_last */; select 1'));
      await waitUntilItWaits(bench.server, third.processId, 'relation');
      const waiting = await bench.recording.locks();
      await first.run(query('commit'));
      await second.untilReady();
      expect((await bench.recording.locks()).map(({ pid }) => pid)).toEqual([third.processId]);
      await second.run(query('commit'));
      await third.untilReady();
      for (const wire of [first, second, third]) await wire.end();
      expect(await bench.recording.locks()).toEqual([]);
      expectChain(bench, waiting, [first, second, third]);

      const middle = await lockWaitOf(bench, 'k_middle');
      expect(nameOf(bench, middle)).toEqual({ type: 'Lock', event: 'transactionid', lockMode: 'ShareLock' });
      expect(middle.lock?.blockers).toEqual([
        {
          pid: first.processId,
          waiting: false,
          state: 'idle in transaction',
          application: 'k-first',
          transactionStartUnixNano: expect.stringMatching(/^\d{19}$/),
          text: expect.stringContaining('k_held'),
        },
      ]);
      const last = await lockWaitOf(bench, 'k_last');
      expect(nameOf(bench, last)).toEqual({ type: 'Lock', event: 'relation', lockMode: 'AccessExclusiveLock' });
      expect(last.lock?.blockers.map(({ pid }) => pid).toSorted()).toEqual(
        [first.processId, second.processId].toSorted(),
      );
      const [{ oid = 0, database = 0 } = {}] = await bench.server.sql<{ oid: number; database: number }>(
        "select 'k_rows'::regclass::oid::int8::int as oid, (select oid::int8::int from pg_database where datname = 'postgres') as database",
      );
      expect(last.lock?.fields).toEqual([database, oid, 0, 0]);
    });

    test('who waits behind somebody that waits is told so', async () => {
      const [holder, waiter, reader] = [
        await connect('k-holder'),
        await connect('k-waiter'),
        await connect('k-reader'),
      ];
      await holder.run(query('begin'));
      await holder.run(query('select one from k_rows'));
      waiter.send(query('lock table k_rows in access exclusive mode /* k_queued */; select 1'));
      await waitUntilItWaits(bench.server, waiter.processId, 'relation');
      reader.send(query('select one as k_behind from k_rows'));
      await waitUntilItWaits(bench.server, reader.processId, 'relation');
      await holder.run(query('commit'));
      await waiter.untilReady();
      await reader.untilReady();
      for (const wire of [holder, waiter, reader]) await wire.end();
      const { lock } = await lockWaitOf(bench, 'k_behind');
      expect(lock).toMatchObject({ mode: 1, blockers: [{ pid: waiter.processId, waiting: true, state: 'active' }] });
    });

    test('advisory locks, by their key', async () => {
      const [holder, waiter] = [await connect('k-holder'), await connect('k-waiter')];
      await holder.run(query('select pg_advisory_lock(7, 9)'));
      waiter.send(query('select pg_advisory_lock_shared(7, 9) as k_advisory'));
      await waitUntilItWaits(bench.server, waiter.processId, 'advisory');
      await holder.run(query('select pg_advisory_unlock(7, 9)'));
      await waiter.untilReady();
      for (const wire of [holder, waiter]) await wire.end();
      const wait = await lockWaitOf(bench, 'k_advisory');
      expect(nameOf(bench, wait)).toEqual({ type: 'Lock', event: 'advisory', lockMode: 'ShareLock' });
      expect(wait.lock?.fields.slice(1)).toEqual([7, 9, 2]);
      expect(wait.lock?.blockers).toMatchObject([{ pid: holder.processId, state: 'idle', application: 'k-holder' }]);
    });

    test('a deadlock made on purpose: one fails with its SQLSTATE, and its wait names the other', async () => {
      const [one, two] = [await connect('k-one'), await connect('k-two')];
      await one.run(query('begin'));
      await two.run(query('begin'));
      await two.run(query("set deadlock_timeout = '10min'"));
      await one.run(query(UPDATE));
      await two.run(query('update k_rows set one = one + 1 where id = 2'));
      two.send(query(`${UPDATE} /* k_waits */`));
      await waitUntilItWaits(bench.server, two.processId, 'transactionid');
      const answers = await one.run(query('update k_rows set one = one + 1 where id = 2 /* k_deadlock */'));
      expect(sqlstatesOf(answers)).toEqual(['40P01']);
      await two.untilReady();
      for (const wire of [one, two]) {
        await wire.run(query('rollback'));
        await wire.end();
      }
      const [failed] = await recordsOf(bench, 'k_deadlock');
      expect(failed?.sqlstate).toBe('40P01');
      expect(longLockWait(failed)?.lock?.blockers).toMatchObject([{ pid: two.processId, state: 'active' }]);
    });
  },
  {
    builds: SUPPORTED_BUILDS,
    settings: { autovacuum: 'off', deadlock_timeout: '50ms' },
    tracer: { minDurationNs: 0, minWaitNs: 0 },
  },
);

/** What drains tell while it goes on. */
function expectChain({ server }: Bench, waiting: LockEvent[], chain: Wire[]): void {
  const [first = 0, second = 0, third = 0] = chain.map(({ processId }) => processId);
  const [middle, last] = [second, third].map((wanted) => waiting.find(({ pid }) => pid === wanted));
  expect(waiting).toHaveLength(2);
  expect(middle).toMatchObject({
    state: 'active',
    application: 'k-second',
    transactionStartUnixNano: expect.stringMatching(/^\d{19}$/),
    text: expect.stringContaining('k_middle'),
    lock: { mode: 5, blockers: [{ pid: first, waiting: false, text: expect.stringContaining('k_held') }] },
  });
  expect(middle?.backendType).toBeUndefined();
  expect(waitedFor(server.major, middle?.event ?? 0)).toEqual({
    type: 'Lock',
    event: 'transactionid',
    lockMode: 'ShareLock',
  });
  expect(last?.lock.mode).toBe(8);
  expect(last?.lock.blockers.map(({ pid }) => pid).toSorted()).toEqual([first, second].toSorted());
  // PostgreSQL's own times, in the order in which they began.
  const times = [middle?.transactionStartUnixNano, middle?.sinceUnixNano, last?.sinceUnixNano].map((time = '0') =>
    BigInt(time),
  );
  expect(times.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(times);
  expect(times[0]).toBeGreaterThan(0n);
}

function nameOf(bench: Bench, { event }: LongWait) {
  return waitedFor(bench.server.major, event);
}

function longLockWait(record: StatementEvent | undefined): LongWait | undefined {
  return record?.longWaits?.find(({ lock }) => lock !== undefined);
}

/** By what was sent: the comment is no part of the query. */
async function recordsOf({ recording }: Bench, marker: string): Promise<StatementEvent[]> {
  await recording.drain();
  return recording.statements.filter(({ text }) => text?.includes(marker));
}

async function lockWaitOf(bench: Bench, marker: string): Promise<LongWait> {
  const waits = (await recordsOf(bench, marker)).flatMap((record) => longLockWait(record) ?? []);
  const [wait] = waits;
  if (wait === undefined) throw new Error(`no record of ${marker} has waited for a lock`);
  return wait;
}
