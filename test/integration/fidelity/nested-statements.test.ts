/** Statements of functions and triggers, level phases: which ran below which, how often, how long. */
import { beforeAll, expect, test } from '@jest/globals';
import type { NestedStatement } from '../../../agent/tracer.js';
import { type Bench, onEachBuild } from '../../fidelity.js';
import { SUPPORTED_BUILDS } from '../../servers/builds.js';
import { frames, sqlstatesOf, type Wire } from '../../servers/wire.js';

const { bind, execute, parse, query, sync } = frames;

const TEXT_UNKNOWN = '0000000000000001';
const SLEEP_NS = 20_000_000;
/** Entries of a statement's table (bpf/tracer.h: NESTED_MAX). */
const PLACES = 12;

async function runAll(wire: Wire, statements: string[]): Promise<void> {
  for (const statement of statements) expect(sqlstatesOf(await wire.run(query(statement)))).toEqual([]);
}

const plpgsql = (name: string, body: string) =>
  `create function ${name} returns int language plpgsql as $$ ${body} return 1; end $$`;

/** The first function that runs brings about that those after it are looked at. */
async function runFirstFunction({ recording, server }: Bench): Promise<void> {
  const attached = () => recording.hooks.filter(({ name }) => name === 'standard_ExecutorEnd').length;
  const before = attached();
  await server.sql('do $$ begin perform 1; end $$');
  await recording.until(() => attached() > before, 'that functions run statements');
}

/** One line for each nested statement of the last record with this marker: its calls and text, indented by its depth. */
async function treeOf({ recording }: Bench, marker: string): Promise<string[]> {
  const record = (await recording.records(marker)).at(-1);
  const nested = record?.nested ?? [];
  const end = BigInt(record?.startUnixNano ?? 0) + BigInt(record?.durationNs ?? 0);
  for (const [i, statement] of nested.entries()) {
    expect(statement.depth).toBe(depthOf(nested, statement));
    expect(statement.parent ?? -1).toBeLessThan(i);
    expect(statement.durationNs).toBeLessThanOrEqual(statement.spanNs);
    expect(BigInt(statement.startUnixNano) + BigInt(statement.spanNs)).toBeLessThanOrEqual(end);
  }
  const textOf = ({ fingerprint }: NestedStatement) =>
    fingerprint === TEXT_UNKNOWN ? '?' : recording.text({ target: 'local', fingerprint });
  return nested.map((statement) => `${' '.repeat(statement.depth - 1)}${statement.calls} ${textOf(statement)}`);
}

function depthOf(nested: readonly NestedStatement[], { parent }: NestedStatement): number {
  const above = parent === undefined ? undefined : nested[parent];
  return above === undefined ? 1 : depthOf(nested, above) + 1;
}

onEachBuild(
  (bench) => {
    beforeAll(() => runFirstFunction(bench));

    test('functions in functions, loops, and what runs in the loop over a query', async () => {
      await bench.session(async (wire) => {
        await runAll(wire, [
          'create table n_rows as select generate_series(1, 3) as a',
          plpgsql('n_inner(int)', 'begin perform count(*) from n_rows;'),
          plpgsql('n_outer()', 'begin for i in 1..4 loop perform n_inner(i); end loop; insert into n_rows values (9);'),
          plpgsql(
            'n_loop()',
            'declare r record; begin for r in select a from n_rows loop perform n_inner(1); end loop;',
          ),
          'select n_outer() as n_first',
          'select n_loop() as n_second',
        ]);
        await wire.run(parse({ text: 'select n_outer() as n_extended' }), bind(), execute(), sync());
      });
      const outer = ['4 SELECT n_inner(i)', ' 4 SELECT count(*) from n_rows', '1 insert into n_rows values (9)'];
      expect(await treeOf(bench, 'as n_first')).toEqual(outer);
      expect(await treeOf(bench, 'as n_extended')).toEqual(outer);
      const [loop, ...inside] = await treeOf(bench, 'as n_second');
      expect(loop).toBe('1 select a from n_rows');
      expect(inside).toEqual([' 4 SELECT n_inner(1)', '  4 SELECT count(*) from n_rows']);
    });

    test('triggers, of each row and at the commit', async () => {
      await bench.session(async (wire) => {
        await runAll(wire, [
          'create table n_log (a int)',
          'create table n_written (a int)',
          `create function n_trigger() returns trigger language plpgsql as
             $$ begin insert into n_log values (new.a); return new; end $$`,
          'create trigger n_row after insert on n_written for each row execute function n_trigger()',
          'create table n_deferred (a int)',
          `create constraint trigger n_late after insert on n_deferred deferrable initially deferred
             for each row execute function n_trigger()`,
          'insert into n_written select generate_series(1, 3) as n_by_row',
          'insert into n_deferred select generate_series(1, 2) as n_by_commit',
        ]);
        const text = 'insert into n_deferred select generate_series(1, 2) as n_by_sync';
        await wire.run(parse({ text }), bind(), execute(), sync());
        await runAll(wire, ['select 1 as n_behind_sync']);
      });
      expect(await treeOf(bench, 'as n_by_row')).toEqual(['3 insert into n_log values (new.a)']);
      const late = ['2 insert into n_log values (new.a)'];
      expect(await treeOf(bench, 'as n_by_commit')).toEqual(late);
      expect(await treeOf(bench, 'as n_by_sync')).toEqual(late);
      expect(await treeOf(bench, 'as n_behind_sync')).toEqual([]);
    });

    test('what a commit at Sync runs, and leaves when it fails, is no later statement’s', async () => {
      await bench.session(async (wire) => {
        await runAll(wire, [
          'create table n_broken (a int)',
          `create function n_breaks() returns trigger language plpgsql as
             $$ begin perform 1 / (new.a - new.a) as n_division from n_log; return new; end $$`,
          `create constraint trigger n_fails_late after insert on n_broken deferrable initially deferred
             for each row execute function n_breaks()`,
          plpgsql('n_simple()', 'begin perform count(*) as n_counted from n_log;'),
          'insert into n_log values (1)',
        ]);
        const insert = (table: string) => [
          parse({ text: `insert into ${table} values (3)` }),
          bind(),
          execute(),
          sync(),
        ];
        expect(sqlstatesOf(await wire.run(...insert('n_broken')))).toEqual(['22012']);
        await runAll(wire, ['select n_simple() as n_after_failure']);
        await wire.run(parse({ name: 'n_parsed', text: 'select 1 as n_only_parsed' }), sync());
        await wire.run(...insert('n_deferred'));
      });
      expect(await treeOf(bench, 'as n_after_failure')).toEqual(['1 SELECT count(*) as n_counted from n_log']);
      expect(await treeOf(bench, 'insert into n_deferred')).toEqual(['1 insert into n_log values (new.a)']);
    });

    test('times: of all executions, and from the first to the last', async () => {
      await bench.session(async (wire) => {
        await runAll(wire, [
          plpgsql('n_sleeps()', 'begin for i in 1..2 loop perform pg_sleep(0.02); end loop;'),
          'select n_sleeps() as n_slow',
        ]);
      });
      const [sleep] = (await bench.recording.records('as n_slow'))[0]?.nested ?? [];
      expect(sleep?.calls).toBe(2);
      expect(sleep?.durationNs).toBeGreaterThanOrEqual(2 * SLEEP_NS);
    });

    test('what an error ends: caught, it has no time; else it ends with its statement', async () => {
      await bench.session(async (wire) => {
        await runAll(wire, [
          'create table n_zero as select 0 as a',
          plpgsql('n_fails()', 'begin perform 1 / a from n_zero;'),
          plpgsql(
            'n_catches()',
            'begin begin perform 1 / a from n_zero; exception when others then null; end; perform 7 from n_zero;',
          ),
          'select n_catches() as n_caught',
        ]);
        expect(sqlstatesOf(await wire.run(query('select n_fails() as n_failed')))).toEqual(['22012']);
      });
      expect(await treeOf(bench, 'as n_caught')).toEqual(['1 SELECT 1 / a from n_zero', '1 SELECT 7 from n_zero']);
      const [caught, behind] = (await bench.recording.records('as n_caught'))[0]?.nested ?? [];
      expect([caught?.durationNs, caught?.spanNs]).toEqual([0, 0]);
      expect(behind?.durationNs).toBeGreaterThan(0);
      const [failed] = (await bench.recording.records('as n_failed'))[0]?.nested ?? [];
      expect(failed?.durationNs).toBeGreaterThan(0);
    });

    test('what is the statement itself, and what is not', async () => {
      await bench.session(async (wire) => {
        await runAll(wire, [
          'prepare n_named as select 5 as n_prepared',
          'select count(*) as n_plain from pg_class',
          'explain analyze select count(*) as n_explained from pg_class',
          'create table n_created as select 1 as n_created_as',
          'begin; declare n_cursor cursor for select 1 as n_declared; commit',
          'execute n_named /* n_executed */',
          'do $$ begin perform 3 as n_in_block; commit; perform 4 as n_in_block; end $$ /* n_block */',
        ]);
      });
      for (const marker of ['as n_plain', 'as n_explained', 'as n_created_as', 'as n_declared'])
        expect(await treeOf(bench, marker)).toEqual([]);
      expect(await treeOf(bench, 'execute n_named')).toHaveLength(1);
      const block = await treeOf(bench, 'do $$ begin perform 3');
      expect(block).toEqual(['2 SELECT 3 as n_in_block']);
    });

    test('an SQL function of one statement has a text, one of several has none', async () => {
      await bench.session(async (wire) => {
        await runAll(wire, [
          `create function n_one() returns setof int language sql volatile as 'select 1 as n_body from pg_class limit 1'`,
          `create function n_two() returns int language sql volatile as
             'select 1 as n_several from pg_class limit 1; select 2 from pg_class limit 1'`,
          'select n_one() as n_sql_one',
          'select n_two() as n_sql_two',
        ]);
      });
      expect(await treeOf(bench, 'as n_sql_one')).toEqual(['1 select 1 as n_body from pg_class limit 1']);
      expect(await treeOf(bench, 'as n_sql_two')).toEqual(['2 ?']);
    });

    test('deeper than asked for: not told; more than there are places: counted', async () => {
      const { recording } = bench;
      const many = Array.from({ length: PLACES + 3 }, (_, i) => `perform ${i} as n_column_${i};`).join(' ');
      await bench.session(async (wire) => {
        await runAll(wire, [
          plpgsql('n_deep(n int)', "begin if n > 0 then execute 'select n_deep(' || n - 1 || ')'; end if;"),
          plpgsql('n_many()', `begin ${many}`),
          'select n_deep(6) as n_deepest',
        ]);
        const before = (await recording.losses()).nestedUntold ?? 0;
        await runAll(wire, ['select n_many() as n_too_many']);
        expect((await recording.losses()).nestedUntold).toBe(before + 3);
      });
      // The same query below itself, at each depth one entry.
      expect((await treeOf(bench, 'as n_deepest')).map((line) => line.search(/\S/))).toEqual([0, 1, 2]);
      expect(await treeOf(bench, 'as n_too_many')).toHaveLength(PLACES);
      expect((await recording.records('as n_too_many')).at(-1)?.nestedUntold).toBe(3);
    });

    test('none, if none are asked for, and at another level', async () => {
      const { recording } = bench;
      await bench.session(async (wire) => {
        await runAll(wire, [plpgsql('n_quiet()', 'begin perform count(*) from pg_class;')]);
        for (const [level, nestedDepth] of [
          ['phases', 0],
          ['statements', 3],
          ['phases', 3],
        ] as const) {
          await recording.settings({ level, nestedDepth, minDurationNs: 0 });
          if (level === 'phases' && nestedDepth > 0) await runFirstFunction(bench);
          await runAll(wire, ['select n_quiet() as n_asked']);
        }
      });
      const records = await recording.records('as n_asked');
      expect(records.map(({ nested = [] }) => nested.length)).toEqual([0, 0, 1]);
    });

    test('a trigger and a function in SQL are noticed as first ones, too', async () => {
      const { recording, server } = bench;
      await server.sql(`
        create table n_parent (a int primary key);
        create table n_child (a int references n_parent);
        insert into n_parent values (1);
        create function n_sql() returns setof int language sql volatile as 'select 1 from pg_class limit 1'`);
      for (const first of ['insert into n_child values (1)', 'select n_sql()']) {
        await recording.settings({ level: 'phases', nestedDepth: 0 });
        await recording.settings({ level: 'phases', nestedDepth: 1 });
        const attached = recording.hooks.length;
        await server.sql(first);
        await recording.until(() => recording.hooks.length >= attached + 2, first);
      }
    });
  },
  { builds: SUPPORTED_BUILDS, tracer: { level: 'phases', nestedDepth: 3, minDurationNs: 0 } },
);
