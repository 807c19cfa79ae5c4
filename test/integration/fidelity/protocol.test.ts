/** Every way to send a statement counts the same: calls, rows, blocks and time are the server's own. */
import { expect, test } from '@jest/globals';
import { onEachBuild } from '../../fidelity.js';
import { frames, sqlstatesOf, type Text, tagsOf, typesOf } from '../../servers/wire.js';

const { bind, closeStatement, copyData, copyDone, describePortal, execute, parse, query, sync } = frames;

/** One statement of the extended protocol, unnamed, without its Sync. */
const extended = (text: string, values: Text[] = []) => [
  parse({ text }),
  bind({ values }),
  describePortal(),
  execute(),
];

onEachBuild((bench) => {
  test('simple protocol', async () => {
    await bench.session(async (wire) => {
      for (let i = 1; i <= 5; i++) await wire.run(query(`select ${i} as f_simple, generate_series(1, ${i})`));
    });
    const ours = await bench.expectSame('f_simple', { calls: 5, rows: 15 });
    expect(ours.fingerprints).toHaveLength(1);
  });

  test('several statements in one string', async () => {
    await bench.session(async (wire) => {
      await wire.run(query('create table f_parts (one int)'));
      const text =
        ' select 1 as f_first; insert into f_parts (one) values (1), (2); /* x; */ select 2 as f_third from f_parts ;';
      for (let i = 0; i < 3; i++) expect(tagsOf(await wire.run(query(text)))).toHaveLength(3);
    });
    const first = await bench.expectSame('f_first', { calls: 3, rows: 3 });
    expect(first.texts.map((text) => text.trim())).toEqual(['select 1 as f_first']);
    await bench.expectSame('f_parts (one) values', { calls: 3, rows: 6 });
    await bench.expectSame('f_third', { calls: 3, rows: 12 });
  });

  test('several statements in one string, of which the second fails', async () => {
    await bench.session(async (wire) => {
      const answers = await wire.run(query('select 1 as f_before; select 1/0 as f_failing; select 3 as f_never'));
      expect(sqlstatesOf(answers)).toEqual(['22012']);
    });
    await bench.expectSame('f_before', { calls: 1, rows: 1 });
    await bench.expectFailed('f_failing', ['22012']);
    await bench.expectSame('f_never', { calls: 0, rows: 0 });
  });

  test('extended protocol', async () => {
    await bench.session(async (wire) => {
      const text = 'select $1::int as f_extended from generate_series(1, $2::int)';
      for (let i = 1; i <= 4; i++) await wire.run(...extended(text, [String(i), '3']), sync());
    });
    await bench.expectSame('f_extended', { calls: 4, rows: 12 });
  });

  test('named prepared statements executed many times', async () => {
    await bench.session(async (wire) => {
      const text = 'select $1::int as f_named from generate_series(1, 2)';
      await wire.run(parse({ name: 'named', text, parameterTypes: [23] }), sync());
      for (let i = 0; i < 1000; i++)
        await wire.run(bind({ statement: 'named', values: [String(i)] }), execute(), sync());
      await wire.run(closeStatement('named'), sync());
    });
    await bench.expectSame('f_named', { calls: 1000, rows: 2000 });
  });

  test('pipelines: Parse, Bind and Execute repeated before Sync', async () => {
    await bench.session(async (wire) => {
      const pipeline = Array.from({ length: 20 }, (_, i) => [
        ...extended('select $1::text as f_pipe_one', [String(i)]),
        ...extended('select f_pipe_two from generate_series(1, 3) as f_pipe_two'),
      ]);
      for (let i = 0; i < 10; i++) await wire.run(...pipeline.flat(), sync());
    });
    await bench.expectSame('f_pipe_one', { calls: 200, rows: 200 });
    await bench.expectSame('f_pipe_two', { calls: 200, rows: 600 });
  });

  test('pipelines: what follows an error before Sync is skipped', async () => {
    await bench.session(async (wire) => {
      const failing = extended('select 1 / $1::int as f_pipe_error', ['0']);
      const answers = await wire.run(
        ...extended('select 1 as f_pipe_ran'),
        ...failing,
        ...extended('select 2 as f_pipe_skipped'),
        sync(),
      );
      expect(sqlstatesOf(answers)).toEqual(['22012']);
    });
    await bench.expectSame('f_pipe_ran', { calls: 1, rows: 1 });
    await bench.expectFailed('f_pipe_error', ['22012']);
    await bench.expectSame('f_pipe_skipped', { calls: 0, rows: 0 });
  });

  test('Parse and Sync alone are no call', async () => {
    await bench.session(async (wire) => {
      for (let i = 0; i < 5; i++) await wire.run(parse({ text: 'select 1 as f_parsed' }), sync());
      await wire.run(query('select 1, 2 as f_after_parse'));
    });
    await bench.expectSame('f_parsed', { calls: 0, rows: 0 });
    await bench.expectSame('f_after_parse', { calls: 1, rows: 1 });
  });

  test('an empty query string is no call', async () => {
    await bench.session(async (wire) => {
      expect(typesOf(await wire.run(query(' -- f_empty\n ')))).toBe('IZ');
      expect(typesOf(await wire.run(...extended('/* f_empty */'), sync()))).toContain('I');
    });
    await bench.expectSame('f_empty', { calls: 0, rows: 0 });
  });

  test('cursors with FETCH', async () => {
    await bench.session(async (wire) => {
      await wire.run(query('begin'));
      await wire.run(query('declare f_cursor cursor for select * from generate_series(1, 10)'));
      await wire.run(query('fetch 3 from f_cursor'));
      await wire.run(...extended('fetch 4 from f_cursor'), sync());
      await wire.run(query('move 2 in f_cursor'));
      await wire.run(query('close f_cursor'));
      await wire.run(query('commit'));
    });
    await bench.expectSame('f_cursor', { calls: 5, rows: 7 });
  });

  test('COPY in both directions', async () => {
    const rows = Array.from({ length: 77 }, (_, i) => `${i}\tsome text\n`).join('');
    await bench.session(async (wire) => {
      await wire.run(query('create table f_copied (one int, two text)'));
      for (const start of [[query('copy f_copied from stdin')], [...extended('copy f_copied from stdin'), sync()]]) {
        wire.send(...start);
        await wire.until('G');
        expect(tagsOf(await wire.run(copyData(rows), copyDone(), ...(start.length > 1 ? [sync()] : [])))).toEqual([
          'COPY 77',
        ]);
      }
      await wire.run(query('copy f_copied to stdout'));
      await wire.run(query('copy (select one from f_copied limit 10) to stdout'));
    });
    await bench.expectSame('copy f_copied from stdin', { calls: 2, rows: 154 });
    await bench.expectSame('copy f_copied to stdout', { calls: 1, rows: 154 });
    await bench.expectSame('copy (select one from f_copied', { calls: 1, rows: 10 });
  });
});
