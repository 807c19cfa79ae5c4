/** Phases: where a statement is from its begin to its end, in both protocols, and the same as sums. */
import { expect, test } from '@jest/globals';
import { PHASES, type StatementEvent } from '../../../agent/tracer.js';
import { waitUntilItWaits } from '../../fidelity/waits.js';
import { type Bench, onEachBuild } from '../../fidelity.js';
import { SUPPORTED_BUILDS } from '../../servers/builds.js';
import { frames, sqlstatesOf } from '../../servers/wire.js';

const { bind, execute, parse, query, sync } = frames;

const MS = 1_000_000;
const SLEEP_S = 0.02;
const SLEEP_NS = 20 * MS;

/** It parses, plans and opens a portal for each call; with a constant the planner calls it. */
const DYNAMIC = `create function ph_dynamic(int) returns int immutable language plpgsql as $$
  declare r record; n int; begin
    execute 'select 1 as ph_inner' into n;
    for r in select generate_series(1, 2) as a loop n := n + r.a; end loop;
    return n;
  end $$`;

const once = (text: string, values: string[] = []) => [parse({ text }), bind({ values }), execute(), sync()];
const again = (statement: string, values: string[] = []) => [bind({ statement, values }), execute(), sync()];

const namesOf = ({ phases = [] }: StatementEvent) => phases.map(({ phase }) => phase);
const timeOf = (record: StatementEvent | undefined, name: string) =>
  record?.phases?.find(({ phase }) => phase === name)?.ns ?? 0;

/** The phases of the records with this marker, which follow one another and never leave their statement. */
async function phasesOf({ recording }: Bench, marker: string): Promise<string[][]> {
  const records = await recording.records(marker);
  for (const record of records) {
    let last = BigInt(record.startUnixNano);
    const end = last + BigInt(record.durationNs ?? 0);
    for (const { startUnixNano, ns } of record.phases ?? []) {
      expect(BigInt(startUnixNano)).toBeGreaterThanOrEqual(last);
      last = BigInt(startUnixNano) + BigInt(ns);
    }
    expect(last).toBeLessThanOrEqual(end);
  }
  return records.map(namesOf);
}

async function recordOf({ recording }: Bench, marker: string): Promise<StatementEvent | undefined> {
  return (await recording.records(marker))[0];
}

onEachBuild(
  (bench) => {
    test('simple protocol, alone and in a string of several', async () => {
      await bench.session(async (wire) => {
        await wire.run(query('select 1 as ph_alone'));
        await wire.run(query('create table ph_utility (a int)'));
        await wire.run(query('select 1 as ph_first; select 2 as ph_last'));
      });
      expect(await phasesOf(bench, 'ph_alone')).toEqual([['parse', 'analyze', 'plan', 'execute', 'commit']]);
      expect(await phasesOf(bench, 'ph_utility')).toEqual([['parse', 'analyze', 'execute', 'commit']]);
      expect(await phasesOf(bench, 'ph_first')).toEqual([['parse', 'analyze', 'plan', 'execute']]);
      expect(await phasesOf(bench, 'ph_last')).toEqual([['parse', 'analyze', 'plan', 'execute', 'commit']]);
    });

    test('extended protocol: at once, prepared, with a generic plan', async () => {
      await bench.session(async (wire) => {
        await wire.run(...once('select $1::int as ph_once', ['1']));
        await wire.run(parse({ name: 'custom', text: 'select $1::int as ph_custom' }), sync());
        await wire.run(parse({ name: 'generic', text: 'select $1::int as ph_generic' }), sync());
        await wire.run(query('set plan_cache_mode = force_custom_plan'));
        for (let i = 0; i < 2; i++) await wire.run(...again('custom', ['1']));
        await wire.run(query('set plan_cache_mode = force_generic_plan'));
        for (let i = 0; i < 2; i++) await wire.run(...again('generic', ['1']));
      });
      expect(await phasesOf(bench, 'ph_once')).toEqual([['parse', 'analyze', 'bind', 'plan', 'execute', 'commit']]);
      const custom = ['bind', 'plan', 'execute', 'commit'];
      expect(await phasesOf(bench, 'ph_custom')).toEqual([custom, custom]);
      expect(await phasesOf(bench, 'ph_generic')).toEqual([custom, ['bind', 'execute', 'commit']]);
    });

    test('a pipeline: each statement has its own, and the last one the commit', async () => {
      await bench.session(async (wire) => {
        const part = (n: number) => [parse({ text: `select ${n} as ph_piped_${n}` }), bind(), execute()];
        await wire.run(...part(1), ...part(2), ...part(3), sync());
      });
      const all = ['parse', 'analyze', 'bind', 'plan', 'execute'];
      expect(await phasesOf(bench, 'ph_piped')).toEqual([all, all, [...all, 'commit']]);
    });

    test('what is bound and never run leaves nothing to the next statement', async () => {
      await bench.session(async (wire) => {
        await wire.run(parse({ text: 'select 1 as ph_bound' }), bind(), sync());
        await wire.run(query('select 1 as ph_after_bound'));
        await wire.run(parse({ text: 'select 1 as ph_given_up' }), bind(), ...once('select 1 as ph_behind'));
      });
      expect(await phasesOf(bench, 'ph_after_bound')).toEqual([['parse', 'analyze', 'plan', 'execute', 'commit']]);
      expect(await phasesOf(bench, 'ph_behind')).toEqual([['parse', 'analyze', 'bind', 'plan', 'execute', 'commit']]);
    });

    test('a portal in parts: later parts are execution, whatever its functions parse and plan', async () => {
      await bench.session(async (wire) => {
        const text = 'select ph_dynamic(ph_parts) from generate_series(1, 5) as ph_parts';
        await wire.run(query(DYNAMIC));
        await wire.run(query('begin'));
        await wire.run(parse({ text }), bind({ portal: 'p' }), execute({ portal: 'p', maxRows: 2 }), sync());
        await wire.run(execute({ portal: 'p', maxRows: 2 }), sync());
        await wire.run(execute({ portal: 'p' }), sync());
        await wire.run(query('commit'));
      });
      const [first, ...later] = await phasesOf(bench, 'ph_parts');
      expect(first?.slice(0, 5)).toEqual(['parse', 'analyze', 'bind', 'plan', 'execute']);
      expect(later.map((phases) => phases.filter((phase) => phase !== 'commit'))).toEqual([['execute'], ['execute']]);
    });

    test('a function that the planner runs parses, plans and opens portals within the plan', async () => {
      await bench.session(async (wire) => {
        await wire.run(query(DYNAMIC.replace('create', 'create or replace')));
        await wire.run(query('select ph_dynamic(1) as ph_folded'));
      });
      expect(await phasesOf(bench, 'as ph_folded')).toEqual([['parse', 'analyze', 'plan', 'execute', 'commit']]);
    });

    test('the commit is that of the statement that has run, not of one that was parsed behind it', async () => {
      await bench.session(async (wire) => {
        const ran = [parse({ text: 'select 1 as ph_ran' }), bind(), execute()];
        await wire.run(...ran, parse({ name: 'ph_later', text: 'select 2 as ph_not_run' }), sync());
      });
      expect((await phasesOf(bench, 'as ph_ran'))[0]?.at(-1)).toBe('commit');
    });

    test('failed statements keep the phases up to their error', async () => {
      await bench.session(async (wire) => {
        for (const text of [
          'selec 1 as ph_no_syntax',
          'select ph_no_table from ph_no_table',
          'select 1/0 as ph_no_plan',
          'select 1/(a - a) as ph_no_rows from generate_series(1, 2) a',
        ])
          expect(sqlstatesOf(await wire.run(query(text)))).toHaveLength(1);
        expect(sqlstatesOf(await wire.run(...once('select $1::int as ph_no_bind', ['x'])))).toEqual(['22P02']);
        expect(sqlstatesOf(await wire.run(query('select 1 as ph_fine')))).toEqual([]);
      });
      expect(await phasesOf(bench, 'ph_no_syntax')).toEqual([[]]);
      expect(await phasesOf(bench, 'ph_no_table')).toEqual([['parse', 'analyze']]);
      expect(await phasesOf(bench, 'ph_no_plan')).toEqual([['parse', 'analyze', 'plan']]);
      expect(await phasesOf(bench, 'ph_no_rows')).toEqual([['parse', 'analyze', 'plan', 'execute']]);
      expect((await phasesOf(bench, 'ph_no_bind'))[0]?.slice(0, 2)).toEqual(['parse', 'analyze']);
      expect(await phasesOf(bench, 'ph_fine')).toEqual([['parse', 'analyze', 'plan', 'execute', 'commit']]);
    });

    test('a slow bind, plan, execution and commit are each told as what they are', async () => {
      await bench.session(async (wire) => {
        const sleep = `begin perform pg_sleep(${SLEEP_S}); return`;
        for (const text of [
          `create function ph_true(int) returns bool immutable language plpgsql as $$ ${sleep} true; end $$`,
          'create domain ph_domain as int check (ph_true(value))',
          `create function ph_trigger() returns trigger language plpgsql as $$ ${sleep} new; end $$`,
          'create table ph_deferred (a int)',
          `create constraint trigger ph_at_commit after insert on ph_deferred deferrable initially deferred
             for each row execute function ph_trigger()`,
          'select ph_true(1) as ph_slow_plan',
          `select pg_sleep(${SLEEP_S}) as ph_slow_run`,
          'insert into ph_deferred select 1 as ph_slow_commit',
        ])
          expect(sqlstatesOf(await wire.run(query(text)))).toEqual([]);
        await wire.run(...once('insert into ph_deferred select 2 as ph_slow_sync'));
        await wire.run(parse({ name: 'b', text: 'select $1::ph_domain as ph_slow_bind' }), sync());
        await wire.run(...again('b', ['7']));
      });
      const slow = [
        ['ph_slow_bind', 'bind'],
        ['ph_slow_plan', 'plan'],
        ['ph_slow_run', 'execute'],
        ['ph_slow_commit', 'commit'],
        ['ph_slow_sync', 'commit'],
      ] as const;
      for (const [marker, phase] of slow) {
        const record = await recordOf(bench, `as ${marker}`);
        expect([marker, timeOf(record, phase) >= SLEEP_NS]).toEqual([marker, true]);
      }
    });

    test('a table that is locked is waited for in the analysis', async () => {
      await bench.server.sql('create table ph_locked (a int)');
      await bench.session(async (holder) => {
        await holder.run(query('begin; lock table ph_locked'));
        await bench.session(async (wire) => {
          const waiting = wire.run(query('select a as ph_waits from ph_locked'));
          await waitUntilItWaits(bench.server, wire.processId, 'relation');
          await holder.run(query(`select pg_sleep(${SLEEP_S}); commit`));
          await waiting;
        });
      });
      expect(timeOf(await recordOf(bench, 'as ph_waits'), 'analyze')).toBeGreaterThanOrEqual(SLEEP_NS);
    });

    test('COMMIT and EXECUTE inside of a statement change none of its phases', async () => {
      await bench.session(async (wire) => {
        await wire.run(query('do $$ begin perform 1; commit; perform 2; commit; end $$ /* ph_do */'));
        await wire.run(query('prepare ph_named as select 1 as ph_prepared'));
        await wire.run(query('execute ph_named'));
        await wire.run(query('explain analyze select count(*) as ph_explained from pg_class'));
      });
      expect(await phasesOf(bench, 'ph_do')).toEqual([['parse', 'analyze', 'execute', 'commit']]);
      expect(await phasesOf(bench, 'execute ph_named')).toEqual([['parse', 'analyze', 'execute', 'commit']]);
      expect(await phasesOf(bench, 'ph_explained')).toEqual([['parse', 'analyze', 'execute', 'commit']]);
    });

    test('the sums of a query are those of its statements, to the nanosecond', async () => {
      await bench.session(async (wire) => {
        for (let i = 0; i < 20; i++) await wire.run(...once('select $1::int as ph_summed', ['1']));
        for (let i = 0; i < 20; i++) await wire.run(query(`select ${i} as ph_summed`));
      });
      const records = await bench.recording.records('ph_summed');
      const totals = await bench.recording.totals('ph_summed');
      expect(records).toHaveLength(40);
      for (const phase of PHASES) {
        const sum = records.reduce((ns, record) => ns + timeOf(record, phase), 0);
        expect([phase, totals.counter(`${phase}Ns`)]).toEqual([phase, sum]);
      }
      const all = PHASES.reduce((ns, phase) => ns + totals.counter(`${phase}Ns`), 0);
      expect(all).toBeGreaterThan(0);
      expect(all).toBeLessThanOrEqual(totals.counter('durationNs'));
    });

    test('another level has none, and leaves none behind', async () => {
      const { recording } = bench;
      const tracerSettings = { level: 'phases', minDurationNs: 0 } as const;
      const run = (marker: string) =>
        bench.session(async (wire) => void (await wire.run(query(`select 1 as ${marker}`), query('select 2'))));
      await run('ph_level_before');
      await recording.settings({ ...tracerSettings, level: 'statements' });
      await run('ph_level_other');
      await recording.settings(tracerSettings);
      await run('ph_level_after');
      const all = ['parse', 'analyze', 'plan', 'execute', 'commit'];
      expect(await phasesOf(bench, 'ph_level_before')).toEqual([all]);
      expect(await phasesOf(bench, 'ph_level_other')).toEqual([[]]);
      expect((await recording.totals('ph_level_other')).counter('executeNs')).toBe(0);
      expect(await phasesOf(bench, 'ph_level_after')).toEqual([all]);
    });
  },
  { builds: SUPPORTED_BUILDS, tracer: { level: 'phases', minDurationNs: 0 } },
);
