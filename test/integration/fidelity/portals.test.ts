/** Portals read in parts: one call each, with all their rows, however the parts come; and each portal is one of its own. */
import { describe, expect, test } from '@jest/globals';
import { type Bench, onEachBuild } from '../../fidelity.js';
import { SUPPORTED_BUILDS } from '../../servers/builds.js';
import { frames, type Transport, typesOf, type Wire } from '../../servers/wire.js';

const { bind, closePortal, describePortal, execute, parse, query, sync } = frames;

const part = (portal: string, maxRows: number) => execute({ portal, maxRows });
const begun = (portal: string, text: string) => [parse({ text }), bind({ portal })];
const ten = (marker: string) => `select ${marker} from generate_series(1, 10) as ${marker}`;
/** As asyncpg names them, and as long as PostgreSQL's names get, and longer. */
const NAMES = ['p', 'C_1', '__asyncpg_portal_1__', 'p'.repeat(63), 'p'.repeat(200)];

/** Runs `work` in a transaction. */
async function inTransaction(bench: Bench, over: Transport, work: (wire: Wire) => Promise<unknown>): Promise<void> {
  await bench.session(
    async (wire) => {
      await wire.run(query('begin'));
      await work(wire);
      await wire.run(query('commit'));
    },
    { over },
  );
}

/** What the tracer and pg_stat_statements say; until 15, the latter has the rows of the last part alone (PostgreSQL commit 1d477a907e6). */
async function expectParts(bench: Bench, marker: string, expected: { calls: number; rows: number }): Promise<void> {
  if (bench.server.major >= 16) await bench.expectSame(marker, expected);
  const ours = await bench.recording.totals(marker);
  expect({ calls: ours.calls, rows: ours.counter('rows'), measured: ours.measured }).toEqual({
    ...expected,
    measured: expected.calls,
  });
}

const SERVERS = [
  ['as PostgreSQL comes', {}, SUPPORTED_BUILDS],
  ['with track_activities off', { track_activities: 'off' }, ['n14', 'n18', 'd17']],
] as const;

describe.each(SERVERS)('a server %s', (_, settings, builds) => {
  onEachBuild(
    (bench) => {
      describe.each(['tcp', 'tls'] as const)('over %s', (over) => {
        test.each(NAMES)('parts with a Sync behind each, portal "%s"', async (portal) => {
          await inTransaction(bench, over, async (wire) => {
            for (let i = 0; i < 2; i++) {
              await wire.run(...begun(portal, ten('f_paged')), part(portal, 3), sync());
              await wire.run(query('select 1 as f_between'));
              for (let page = 0; page < 2; page++) await wire.run(part(portal, 3), sync());
              await wire.run(part(portal, 3), sync());
              await wire.run(closePortal(portal), sync());
            }
          });
          await expectParts(bench, 'f_paged', { calls: 2, rows: 20 });
          await bench.expectSame('f_between', { calls: 2, rows: 2 });
        });

        test('parts of the unnamed portal', async () => {
          await inTransaction(bench, over, async (wire) => {
            await wire.run(...begun('', ten('f_unnamed')), part('', 3), sync());
            for (let page = 0; page < 3; page++) await wire.run(part('', 3), sync());
            // The same text in a new portal, which takes the place of the old one.
            await wire.run(...begun('', ten('f_unnamed')), part('', 3), sync());
            await wire.run(...begun('', ten('f_unnamed')), part('', 0), sync());
          });
          await expectParts(bench, 'f_unnamed', { calls: 3, rows: 23 });
        });

        test('all parts before one Sync', async () => {
          await bench.session(
            async (wire) => {
              for (let i = 0; i < 3; i++) {
                const parts = [part('p', 3), part('p', 3), part('p', 0), closePortal('p'), sync()];
                expect(typesOf(await wire.run(...begun('p', ten('f_suspended')), ...parts))).toMatch(
                  /D{3}sD{3}sD{4}C3Z$/,
                );
              }
            },
            { over },
          );
          await expectParts(bench, 'f_suspended', { calls: 3, rows: 30 });
        });

        test('many parts, of which the last is empty', async () => {
          await inTransaction(bench, over, async (wire) => {
            const statement = '__asyncpg_stmt_1__';
            const text = 'select f_pages from generate_series(1, 500) as f_pages';
            await wire.run(parse({ name: statement, text }), sync());
            const portal = '__asyncpg_portal_1__';
            await wire.run(bind({ portal, statement }), part(portal, 50), sync());
            for (let i = 0; i < 10; i++) await wire.run(part(portal, 50), sync());
          });
          await expectParts(bench, 'f_pages', { calls: 1, rows: 500 });
        });

        test('a part with the next statement in the same message', async () => {
          await inTransaction(bench, over, async (wire) => {
            await wire.run(...begun('p', ten('f_more')), part('p', 3), sync());
            const next = [parse({ text: 'select 1 as f_extra' }), bind(), describePortal(), execute()];
            await wire.run(part('p', 3), ...next, sync());
            await wire.run(part('p', 0), closePortal('p'), ...next, sync());
          });
          await expectParts(bench, 'f_more', { calls: 1, rows: 10 });
          await bench.expectSame('f_extra', { calls: 2, rows: 2 });
        });

        test('several portals at once, also of the same text', async () => {
          await inTransaction(bench, over, async (wire) => {
            const third = 'select f_third, 3 from generate_series(1, 10) as f_third';
            const texts = { C_1: ten('f_two'), C_2: ten('f_two'), C_3: third };
            for (const [portal, text] of Object.entries(texts)) {
              await wire.run(...begun(portal, text), part(portal, 3), sync());
            }
            const pages = [1, 2, 3].flatMap(() => Object.keys(texts));
            for (const portal of pages) await wire.run(part(portal, 3), sync());
          });
          await expectParts(bench, 'f_two', { calls: 2, rows: 20 });
          await expectParts(bench, 'f_third', { calls: 1, rows: 10 });
        });

        test('a portal closed early, and a new one of the same name and text', async () => {
          await inTransaction(bench, over, async (wire) => {
            const again = [bind({ portal: 'p', statement: 'q' }), part('p', 3)];
            await wire.run(parse({ name: 'q', text: ten('f_again') }), ...again, closePortal('p'), ...again, sync());
            await wire.run(closePortal('p'), sync());
            await wire.run(...again, sync());
            await wire.run(closePortal('p'), bind({ portal: 'p', statement: 'q' }), part('p', 0), sync());
          });
          await expectParts(bench, 'f_again', { calls: 4, rows: 19 });
        });
      });

      test.each([
        ['by Close', 'f_closed', [closePortal('p')]],
        ['by the end of its transaction', 'f_dropped', []],
        ['by the next statement', 'f_replaced', [...begun('', 'select 1 as f_replacement'), execute()]],
      ])('a portal closed early, %s, is one call with the rows that were read', async (_what, marker, end) => {
        const portal = marker === 'f_replaced' ? '' : 'p';
        await bench.session(async (wire) => {
          await wire.run(...begun(portal, ten(marker)), part(portal, 3), ...end, sync());
          await wire.run(query('select 1, 2 as f_after_early'));
        });
        await bench.expectSame(marker, { calls: 1, rows: 3 });
      });

      test('portals of one transaction are not those of the next', async () => {
        await bench.session(async (wire) => {
          for (let i = 0; i < 3; i++) {
            await wire.run(query('begin'));
            await wire.run(...begun('p', ten('f_each')), part('p', 3), sync());
            await wire.run(query(i === 1 ? 'rollback' : 'commit'));
            await wire.run(...begun('', ten('f_each')), part('', 0), sync());
          }
        });
        // A rollback takes a portal away before pg_stat_statements has counted it.
        const ours = await bench.recording.totals('f_each');
        expect({ calls: ours.calls, rows: ours.counter('rows') }).toEqual({ calls: 6, rows: 39 });
      });

      test('what gives rows without being a SELECT', async () => {
        await inTransaction(bench, 'tcp', async (wire) => {
          await wire.run(query('create temporary table f_table (one int)'));
          const insert = 'insert into f_table (one) select generate_series(1, 10) returning one';
          await wire.run(...begun('p', insert), part('p', 4), sync());
          await wire.run(...begun('e', 'explain select 1 from f_table as f_explained'), part('e', 1), sync());
          await wire.run(part('p', 4), sync());
          await wire.run(part('e', 0), sync());
          await wire.run(part('p', 4), sync());
        });
        await expectParts(bench, 'insert into f_table', { calls: 1, rows: 10 });
        await bench.expectSame('f_explained', { calls: 1, rows: 0 });
      });

      // Without activities there is no query id to see.
      if (!('track_activities' in settings))
        test('a part that becomes a record has its query id, though another statement follows in its message', async () => {
          const traced = `${ten('f_traced')} /*traceparent='00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'*/`;
          await bench.session(async (wire) => {
            const other = [...begun('', 'select 1 as f_other'), execute()];
            await wire.run(...begun('p', traced), part('p', 3), ...other, part('p', 0), sync());
          });
          const records = await bench.recording.records('f_traced');
          expect(records.map(({ rows }) => rows)).toEqual([3, 7]);
          expect(new Set(records.map(({ queryId }) => queryId)).size).toBe(1);
          expect(records[0]?.queryId).not.toBe('0');
        });

      test('a portal that fails in a later part has been a call, and is a failed statement', async () => {
        await bench.session(async (wire) => {
          await wire.run(query('begin'));
          const text = 'select 1 / (5 - f_fails) from generate_series(1, 10) as f_fails';
          await wire.run(...begun('p', text), part('p', 3), sync());
          await wire.run(part('p', 3), sync());
          await wire.run(query('rollback'));
        });
        const ours = await bench.recording.totals('f_fails');
        expect({ calls: ours.calls, errors: ours.errors, rows: ours.counter('rows') }).toEqual({
          calls: 1,
          errors: 1,
          rows: 3,
        });
      });

      test('nothing was lost so far', async () => {
        expect(await bench.recording.losses()).toEqual({});
      });

      test('of more portals than can be found, each counts with its last part, and the parts are counted as lost', async () => {
        await inTransaction(bench, 'tcp', async (wire) => {
          for (let i = 0; i < 40; i++) await wire.run(...begun(`p${i}`, ten('f_many')), part(`p${i}`, 3), sync());
          for (let i = 0; i < 40; i++) await wire.run(part(`p${i}`, 0), sync());
        });
        await expectParts(bench, 'f_many', { calls: 40, rows: 400 });
        const { portalsUnreadable = 0, ...others } = await bench.recording.losses();
        expect(portalsUnreadable).toBeGreaterThanOrEqual(5);
        expect(portalsUnreadable).toBeLessThanOrEqual(11);
        expect(others).toEqual({});
      });
    },
    { settings, builds, tls: true },
  );
});
