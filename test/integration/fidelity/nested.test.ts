/** What functions, triggers and DO blocks run inside belongs to the statement that the client sent. */
import { expect, test } from '@jest/globals';
import { onEachBuild } from '../../fidelity.js';
import { frames, sqlstatesOf, type Wire } from '../../servers/wire.js';

const { bind, execute, parse, query, sync } = frames;

async function runAll(wire: Wire, statements: string[]): Promise<void> {
  for (const statement of statements) expect(sqlstatesOf(await wire.run(query(statement)))).toEqual([]);
}

onEachBuild((bench) => {
  test('DO blocks: the block is the call, its statements are none', async () => {
    const block = `do $$ begin
      create temp table f_do_inner as select generate_series(1, 1000) as one;
      perform count(*) from f_do_inner;
      drop table f_do_inner;
    end $$ /* f_do_outer */`;
    await bench.session(async (wire) => await runAll(wire, [block, block, block]));
    const ours = await bench.expectSame('f_do_outer', { calls: 3, rows: 0 });
    expect(ours.counter('localBlocksHit')).toBeGreaterThan(0);
    const inner = await bench.recording.totals('f_do_inner');
    expect(inner.fingerprints).toEqual(ours.fingerprints);
  });

  test('functions: their statements are the caller’s', async () => {
    await bench.session(async (wire) => {
      await runAll(wire, [
        'create table f_called (one int)',
        `create function f_plpgsql(int) returns int language plpgsql as $$ begin
          insert into f_called (one) select generate_series(1, $1);
          return (select count(*) from f_called);
        end $$`,
        "create function f_sql(int) returns bigint language sql as 'select count(*) from f_called where one < $1'",
        'select f_plpgsql(100) as f_function_call',
        'select f_plpgsql(200) as f_function_call',
        'select f_sql(50) as f_function_call_sql from generate_series(1, 3)',
      ]);
    });
    const ours = await bench.expectSame('as f_function_call', { calls: 3, rows: 5 });
    expect(ours.counter('walRecords')).toBeGreaterThan(300);
    expect((await bench.recording.totals('insert into f_called')).fingerprints).toHaveLength(1); // create function
  });

  test('triggers: their statements are the writing statement’s', async () => {
    await bench.session(async (wire) => {
      await runAll(wire, [
        'create table f_audited (one int)',
        'create table f_audit (one int, at timestamptz default now())',
        `create function f_audit_row() returns trigger language plpgsql as $$ begin
          insert into f_audit (one) values (new.one); return new;
        end $$`,
        'create trigger f_audit_trigger after insert on f_audited for each row execute function f_audit_row()',
      ]);
      for (let i = 0; i < 5; i++)
        await wire.run(query(`insert into f_audited (one) select generate_series(1, ${i + 1})`));
    });
    const ours = await bench.expectSame('insert into f_audited', { calls: 5, rows: 15 });
    expect(ours.counter('walRecords')).toBeGreaterThanOrEqual(30);
  });

  test('CALL of a procedure that commits is one call with all its WAL', async () => {
    await bench.session(async (wire) => {
      await runAll(wire, [
        'create table f_committed (one int)',
        `create procedure f_procedure() language plpgsql as $$ begin
          for i in 1..5 loop insert into f_committed (one) values (i); commit; end loop;
        end $$`,
        'call /* f_call */ f_procedure()',
        'call /* f_call */ f_procedure()',
      ]);
    });
    const ours = await bench.expectSame('f_call */ ', { calls: 2, rows: 0 });
    expect(ours.counter('walRecords')).toBeGreaterThanOrEqual(20);
  });

  test('SQL’s PREPARE and EXECUTE count once each', async () => {
    await bench.session(async (wire) => {
      await runAll(wire, [
        'prepare f_statement(int) as select generate_series(1, $1) as f_prepared_inner',
        'execute f_statement(3)',
        'execute f_statement(4)',
        'deallocate f_statement',
      ]);
      await wire.run(query('prepare f_statement(int) as select 1'));
      await wire.run(parse({ text: 'execute f_statement(5)' }), bind(), execute(), sync());
    });
    const ours = await bench.recording.totals('execute f_statement');
    expect({ calls: ours.calls, rows: ours.counter('rows'), errors: ours.errors }).toEqual({
      calls: 3,
      rows: 8,
      errors: 0,
    });
  });

  test('EXPLAIN ANALYZE of a write counts its blocks and WAL', async () => {
    await bench.session(async (wire) => {
      await runAll(wire, [
        'create table f_explained (one int)',
        'explain (analyze) insert into f_explained (one) select generate_series(1, 100)',
      ]);
    });
    const ours = await bench.expectSame('explain (analyze) insert into f_explained', { calls: 1, rows: 0 });
    expect(ours.counter('walRecords')).toBeGreaterThan(100);
  });
});
