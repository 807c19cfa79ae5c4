/** Commits belong to the statement that caused them; transaction control, DDL and utility statements count as the server counts. */
import { describe, expect, test } from '@jest/globals';
import { type Bench, onEachBuild } from '../../fidelity.js';
import { frames, sqlstatesOf, type Text, type Wire } from '../../servers/wire.js';

const { bind, closeStatement, describePortal, execute, parse, query, sync } = frames;
const COMMIT_DELAY_MS = 50;

const extended = (text: string, values: Text[] = []) => [
  parse({ text }),
  bind({ values }),
  describePortal(),
  execute(),
  sync(),
];

/** Runs one statement, in the protocol named. */
const PROTOCOLS = {
  simple: async (wire: Wire, text: string) => await wire.run(query(text)),
  extended: async (wire: Wire, text: string) => await wire.run(...extended(text)),
  prepared: async (wire: Wire, text: string) => {
    await wire.run(closeStatement('prepared'), parse({ name: 'prepared', text }), sync());
    return await wire.run(bind({ statement: 'prepared' }), execute(), sync());
  },
};
const protocols = Object.entries(PROTOCOLS);

// A commit waits before it flushes its WAL: whoever is given the commit is given that time.
const settings = { commit_delay: COMMIT_DELAY_MS * 1000, commit_siblings: 0, autovacuum: 'off' };

onEachBuild(
  (bench) => {
    describe.each(protocols)('in the %s protocol', (protocol, run) => {
      test('the commit of an autocommit write is its own: WAL, time and blocks', async () => {
        const marker = `f_commit_${protocol}`;
        await bench.session(async (wire) => {
          await wire.run(query(`create table ${marker} (one int)`));
          for (let i = 0; i < 4; i++) {
            await run(wire, `insert into ${marker} (one) values (1)`);
            await run(wire, `select 1 as ${marker}_next`);
          }
        });
        const insert = await bench.expectSame(`insert into ${marker} `, { calls: 4, rows: 4 });
        expect(insert.counter('walRecords')).toBeGreaterThanOrEqual(8); // the row and its commit
        expect(insert.counter('durationNs')).toBeGreaterThan(4 * COMMIT_DELAY_MS * 1e6);
        const next = await bench.expectSame(`${marker}_next`, { calls: 4, rows: 4 });
        expect(next.counter('walRecords')).toBe(0);
        expect(next.counter('durationNs')).toBeLessThan(COMMIT_DELAY_MS * 1e6);
      });

      test('a deferred constraint that fails at commit is one failed statement', async () => {
        const marker = `f_deferred_${protocol}`;
        await bench.session(async (wire) => {
          await wire.run(query(`create table ${marker}_parent (id int primary key)`));
          const reference = `references ${marker}_parent deferrable initially deferred`;
          await wire.run(query(`create table ${marker}_child (id int ${reference})`));
          for (let i = 0; i < 3; i++) {
            expect(sqlstatesOf(await run(wire, `insert into ${marker}_child (id) values (${i})`))).toEqual(['23503']);
          }
          await wire.run(query(`select 1 as ${marker}_after`));
        });
        // pg_stat_statements counts them as calls: it looks before the constraint is checked.
        await bench.expectFailed(`insert into ${marker}_child`, ['23503', '23503', '23503']);
        await bench.expectSame(`${marker}_after`, { calls: 1, rows: 1 });
      });
    });

    test('a COMMIT that fails in a deferred constraint is the one that failed', async () => {
      await bench.session(async (wire) => {
        await wire.run(query('create table f_late (id int, unique (id) deferrable initially deferred)'));
        await wire.run(query('begin'));
        await wire.run(query('insert into f_late (id) values (1), (1)'));
        expect(sqlstatesOf(await wire.run(query('commit /* f_late_commit */')))).toEqual(['23505']);
      });
      await bench.expectSame('insert into f_late', { calls: 1, rows: 2 });
      const failed = bench.recording.statements.filter(({ sqlstate }) => sqlstate === '23505');
      expect(failed.map(({ text }) => text)).toEqual(['commit /* f_late_commit */']);
    });

    test('transaction control', async () => {
      const statements = [
        'begin isolation level repeatable read',
        'savepoint f_control',
        'release savepoint f_control',
        'savepoint f_control',
        'rollback to savepoint f_control',
        'commit and chain',
        'rollback and no chain',
        'start transaction read only',
        'abort work',
      ];
      await bench.session(async (wire) => {
        for (const statement of statements) await wire.run(query(statement));
        for (const statement of statements) await wire.run(...extended(statement));
      });
      const calls = Object.fromEntries(
        await Promise.all(statements.map(async (text) => [text, await callsOf(bench, text)])),
      );
      const twice = Object.fromEntries(statements.map((text) => [text, text === 'savepoint f_control' ? 4 : 2]));
      expect(calls).toEqual(twice);
    });

    test('COMMIT of an aborted transaction completes, as ROLLBACK', async () => {
      await bench.session(async (wire) => {
        await wire.run(query('begin'));
        await wire.run(query('select f_aborted'));
        expect(sqlstatesOf(await wire.run(query('select 1 as f_refused')))).toEqual(['25P02']);
        expect(sqlstatesOf(await wire.run(query('end transaction')))).toEqual([]);
      });
      await bench.expectFailed('f_aborted', ['42703']);
      await bench.expectFailed('f_refused', ['25P02']);
      expect(await callsOf(bench, 'end transaction')).toBe(1);
    });

    test('DDL and utility statements', async () => {
      const statements: [text: string, rows: number][] = [
        ['create table f_utility as select generate_series(1, 500) as one', 500],
        ['select one into f_utility_copy from f_utility limit 20', 20],
        ['create materialized view f_utility_view as select one from f_utility limit 7', 7],
        ['refresh materialized view f_utility_view', 7],
        ['create index on f_utility (one)', 0],
        ["alter table f_utility add column two text default 'f_utility'", 0],
        ['vacuum f_utility', 0],
        ['analyze f_utility', 0],
        ['explain select * from f_utility', 0],
        ['explain (analyze, timing off) select * from f_utility', 0],
        ["comment on table f_utility is 'a table'", 0],
        ['grant select on f_utility to public', 0],
        ['lock table f_utility', 0],
        ['truncate f_utility', 0],
        ["set f_utility.setting = 'value'", 0],
        ["notify f_utility, 'payload'", 0],
        ['drop table f_utility cascade', 0],
      ];
      await bench.session(async (wire) => {
        for (const [text] of statements) {
          const transaction = text.startsWith('lock') ? [query('begin'), query('commit')] : undefined;
          if (transaction?.[0]) await wire.run(transaction[0]);
          expect(sqlstatesOf(await wire.run(query(text)))).toEqual([]);
          if (transaction?.[1]) await wire.run(transaction[1]);
        }
      });
      const rows = statements.reduce((sum, [, count]) => sum + count, 0);
      await bench.expectSame('f_utility', { calls: statements.length, rows });
    });
  },
  { settings },
);

/** Completed statements whose text is exactly this. */
async function callsOf({ recording }: Bench, text: string): Promise<number> {
  await recording.drain();
  return recording.sum((event) => recording.text(event) === text).calls;
}
