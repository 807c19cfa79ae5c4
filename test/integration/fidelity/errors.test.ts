/** Failed statements: each counted once, with its SQLSTATE; what the statement itself caught, notices and log lines are none. */
import { describe, expect, test } from '@jest/globals';
import { type Bench, onEachBuild } from '../../fidelity.js';
import { errorFields, frames, sqlstatesOf, type Text, Wire } from '../../servers/wire.js';
import { identify, isAlive, waitUntil } from '../../servers.js';

const { bind, describePortal, execute, parse, query, sync } = frames;
const WAIT_MS = 30_000;

const extended = (text: Text, values: Text[] = []) => [
  parse({ text }),
  bind({ values }),
  describePortal(),
  execute(),
  sync(),
];

const SETUP = `
  create table f_row (id int primary key, zero int);
  insert into f_row values (1, 0);
  create table f_big as select 0 as zero from generate_series(1, 50000);
  create function f_caught(int) returns int language plpgsql as $$ begin
    begin perform 1 / $1; exception when division_by_zero then null; end;
    return $1;
  end $$;
  create function f_raise(text) returns void language plpgsql as $$ begin raise exception using errcode = $1; end $$;
  analyze;`;

/** What fails, and with what; the marker stands where the name is needed. */
const FAILING: [what: string, sqlstate: string, text: (marker: string) => string][] = [
  ['while parsing: a syntax error', '42601', (m) => `selec 1 as ${m}`],
  ['while parsing: a table that is not there', '42P01', (m) => `select * from ${m}`],
  ['while planning: a constant division by zero', '22012', (m) => `select 1/0 as ${m}`],
  ['while executing: a division by zero', '22012', (m) => `select 1/zero as ${m} from f_row`],
  ['while executing: a unique violation', '23505', (m) => `insert into f_row (id) select 1 as ${m}`],
  ['raised by RAISE with a code of its own', 'P0123', (m) => `select f_raise('P0123') as ${m}`],
  ['raised in a DO block', 'P0001', (m) => `do $$ begin raise exception '${m}'; end $$`],
  ['in a utility statement', '42P07', (m) => `create table f_row (${m} int)`],
  ['in a function that caught another one before', '22012', (m) => `select f_caught(0) / 0 as ${m} from f_row`],
];

/** What completes, though PostgreSQL reports something. */
const COMPLETING: [what: string, text: (marker: string) => string][] = [
  ['an error caught in PL/pgSQL', (m) => `select f_caught(0) as ${m}`],
  [
    'an error caught in a DO block',
    (m) => `do $$ begin perform 1/0; exception when others then null; end $$ /* ${m} */`,
  ],
  ['a notice', (m) => `do $$ begin raise notice '${m}'; end $$`],
  ['a warning', (m) => `do $$ begin raise warning '${m}'; end $$`],
  ['a log line', (m) => `do $$ begin raise log '${m}'; end $$`],
  ['a notice of a utility statement', (m) => `drop table if exists ${m}`],
];

/** Waits until the backend of `wire` is in a statement that waits, seen by pg_stat_activity. */
async function untilWaiting({ server }: Bench, { processId }: Wire, event: string): Promise<void> {
  const text = `select 1 from pg_stat_activity where pid = ${processId} and state = 'active' and wait_event = '${event}'`;
  if (!(await waitUntil(async () => (await server.sql(text)).length === 1, WAIT_MS)))
    throw new Error(`it never waits for ${event}`);
}

onEachBuild(
  (bench) => {
    test('the tables of these tests', async () => {
      await bench.session(async (wire) => expect(sqlstatesOf(await wire.run(query(SETUP)))).toEqual([]));
    });

    describe.each(FAILING)('%s', (what, sqlstate, textOf) => {
      const marker = `f_${what.replaceAll(/[^a-z]+/g, '_')}`;
      test.each([
        ['simple', (text: string) => [query(text)]],
        ['extended', (text: string) => extended(text)],
      ])('is counted once in the %s protocol', async (protocol, framesOf) => {
        const own = `${marker.slice(0, 50)}_${protocol}`;
        await bench.session(async (wire) => {
          for (let i = 0; i < 2; i++) expect(sqlstatesOf(await wire.run(...framesOf(textOf(own))))).toEqual([sqlstate]);
          await wire.run(query(`select 1 as good_${own.slice(2)}`));
        });
        await bench.expectFailed(own, [sqlstate, sqlstate]);
        await bench.expectSame(`good_${own.slice(2)}`, { calls: 1, rows: 1 });
      });
    });

    test.each(COMPLETING)('%s is no failure', async (what, textOf) => {
      const marker = `f_${what.replaceAll(/[^A-Za-z]+/g, '_')}`.toLowerCase();
      await bench.session(async (wire) => {
        expect(sqlstatesOf(await wire.run(query(textOf(marker))))).toEqual([]);
        expect(sqlstatesOf(await wire.run(...extended(textOf(marker))))).toEqual([]);
      });
      const ours = await bench.recording.totals(marker);
      expect({ calls: ours.calls, errors: ours.errors }).toEqual({ calls: 2, errors: 0 });
      expect(await bench.recording.records(marker)).toEqual([]);
    });

    test('a parameter that Bind cannot read', async () => {
      await bench.session(async (wire) => {
        expect(sqlstatesOf(await wire.run(...extended('select $1::int as f_bind', ['no number'])))).toEqual(['22P02']);
      });
      await bench.expectFailed('f_bind', ['22P02']);
    });

    test('in a parallel worker, counted once', async () => {
      await bench.session(async (wire) => {
        const forced = bench.server.major >= 16 ? 'debug_parallel_query' : 'force_parallel_mode';
        await wire.run(
          query(
            `set ${forced} = on; set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0; set parallel_leader_participation = off`,
          ),
        );
        const answers = await wire.run(query('select sum(1 / zero) as f_worker from f_big'));
        expect(sqlstatesOf(answers)).toEqual(['22012']);
        const [context] = answers.filter(({ type }) => type === 'E').map((answer) => errorFields(answer).get('W'));
        expect(context).toContain('parallel worker');
      });
      await bench.expectFailed('f_worker', ['22012']);
    });

    test('cancelled by the client', async () => {
      await bench.session(async (wire) => {
        wire.send(query('select pg_sleep(600) as f_cancelled'));
        await untilWaiting(bench, wire, 'PgSleep');
        await wire.cancel();
        expect(sqlstatesOf(await wire.untilReady())).toEqual(['57014']);
      });
      await bench.expectFailed('f_cancelled', ['57014']);
    });

    test('stopped by statement_timeout, with the time that it ran', async () => {
      await bench.session(async (wire) => {
        await wire.run(query("set statement_timeout = '300ms'"));
        expect(sqlstatesOf(await wire.run(...extended('select pg_sleep(600) as f_timeout')))).toEqual(['57014']);
      });
      const ours = await bench.expectFailed('f_timeout', ['57014']);
      expect(ours.counter('durationNs')).toBeGreaterThanOrEqual(300e6);
    });

    test('a lock that is not available, and a deadlock', async () => {
      await bench.session(async (wire) => {
        await bench.session(async (other) => {
          await wire.run(query('select pg_advisory_lock(1)'));
          await other.run(query('select pg_advisory_lock(2)'));
          await other.run(query("set lock_timeout = '50ms'"));
          expect(sqlstatesOf(await other.run(query('select pg_advisory_lock(1) as f_lock_timeout')))).toEqual([
            '55P03',
          ]);
          await other.run(query('set lock_timeout = 0'));
          await other.run(query('select pg_advisory_unlock_all()'));
          await wire.run(query('select pg_advisory_unlock_all()'));

          await wire.run(query('begin; select pg_advisory_xact_lock(1)'));
          await other.run(query('begin; select pg_advisory_xact_lock(2)'));
          const cross = async (one: Wire, lock: number) => {
            const answers = await one.run(query(`select pg_advisory_xact_lock(${lock}) as f_deadlock`));
            await one.run(query('rollback'));
            return sqlstatesOf(answers);
          };
          expect((await Promise.all([cross(wire, 2), cross(other, 1)])).flat()).toEqual(['40P01']);
        });
      });
      await bench.expectFailed('f_lock_timeout', ['55P03']);
      const ours = await bench.recording.totals('f_deadlock');
      expect({ calls: ours.calls, errors: ours.errors }).toEqual({ calls: 1, errors: 1 });
    });

    test('a backend terminated in the middle of a statement', async () => {
      const wire = await Wire.connect(bench.server);
      wire.send(query('select pg_sleep(600) as f_terminated'));
      await untilWaiting(bench, wire, 'PgSleep');
      const backend = identify(wire.processId);
      await bench.server.sql(`select pg_terminate_backend(${wire.processId})`);
      expect(sqlstatesOf(await wire.untilClosed())).toEqual(['57P01']);
      await waitUntil(() => backend === undefined || !isAlive(backend), WAIT_MS);
      await bench.expectFailed('f_terminated', ['57P01']);
    });

    test('a backend terminated while idle is no failed statement', async () => {
      const wire = await Wire.connect(bench.server);
      await wire.run(query('select 1 as f_idle'));
      const backend = identify(wire.processId);
      await bench.server.sql(`select pg_terminate_backend(${wire.processId})`);
      await wire.untilClosed();
      await waitUntil(() => backend === undefined || !isAlive(backend), WAIT_MS);
      await bench.expectSame('f_idle', { calls: 1, rows: 1 });
    });

    test('a client that goes away in the middle of a result', async () => {
      const wire = await Wire.connect(bench.server);
      wire.send(query("select repeat('x', 1000) as f_gone from generate_series(1, 1000000)"));
      await wire.until('D');
      const backend = identify(wire.processId);
      wire.destroy();
      await waitUntil(() => backend === undefined || !isAlive(backend), WAIT_MS);
      const ours = await bench.recording.totals('f_gone');
      expect(ours.calls + ours.errors).toBe(1);
    });

    // Last: the server starts anew after it, and its statistics with it.
    test('a backend killed in the middle of a statement, with the signal', async () => {
      const wire = await Wire.connect(bench.server);
      wire.send(query('select pg_sleep(600) as f_killed'));
      await untilWaiting(bench, wire, 'PgSleep');
      process.kill(wire.processId, 'SIGKILL');
      await wire.untilClosed();
      await bench.recording.until(
        () => bench.recording.statements.some(({ signal }) => signal !== undefined),
        'the killed statement',
      );
      const ours = await bench.recording.totals('f_killed');
      expect({ calls: ours.calls, errors: ours.errors }).toEqual({ calls: 0, errors: 1 });
      expect((await bench.recording.records('f_killed')).map(({ signal }) => signal)).toEqual(['SIGKILL']);
      expect(
        await waitUntil(async () => (await bench.server.sql('select 1').catch(() => [])).length === 1, WAIT_MS),
      ).toBe(true);
      await bench.session(async (next) =>
        expect(sqlstatesOf(await next.run(query('select 1 as f_new_life')))).toEqual([]),
      );
      expect((await bench.recording.totals('f_new_life')).calls).toBe(1);
    });
  },
  { settings: { restart_after_crash: 'on', deadlock_timeout: '100ms', log_lock_waits: 'on' } },
);
