/** Statements that fail before PostgreSQL knows their text: each counted once, with its SQLSTATE, and nothing else fails for it. */
import { describe, expect, test } from '@jest/globals';
import { NO_TEXT } from '../../../agent/tracer.js';
import { type Bench, onEachBuild } from '../../fidelity.js';
import { SUPPORTED_BUILDS } from '../../servers/builds.js';
import { frames, message, sqlstatesOf, tagsOf, Wire } from '../../servers/wire.js';
import { identify, isAlive, waitUntil } from '../../servers.js';

const { bind, closePortal, describePortal, describeStatement, execute, flush, parse, query, sync } = frames;

const extended = (text: string) => [parse({ text }), bind(), describePortal(), execute()];
const INVALID = Buffer.from("select '\xff\xfe' as f_invalid", 'latin1');
/** A call of a function that is not there: its OID, no formats, no arguments, a result as text. */
const FUNCTION_CALL = message('F', Buffer.from([0xff, 0xff, 0xff, 0xfe, 0, 0, 0, 0, 0, 0]));

/** What fails, and with what. */
const FAILING: [what: string, sqlstate: string, frames: Buffer[]][] = [
  ['a Bind of a prepared statement that is not there', '26000', [bind({ statement: 'f_gone' }), execute(), sync()]],
  ['a Bind of the unnamed one before any Parse', '26000', [bind(), execute(), sync()]],
  ['an Execute of a portal that is not there', '34000', [execute({ portal: 'f_gone' }), sync()]],
  ['a Describe of a prepared statement that is not there', '26000', [describeStatement('f_gone'), sync()]],
  ['a Describe of a portal that is not there', '34000', [describePortal('f_gone'), sync()]],
  ['a Query whose text is invalid in its encoding', '22021', [query(INVALID)]],
  ['a Parse whose text is invalid in its encoding', '22021', [parse({ text: INVALID }), sync()]],
  ['a call of a function that is not there', '42883', [FUNCTION_CALL]],
];

/** Those that can follow other messages before Sync. Behind a statement the unnamed one is there: a Bind of it succeeds. */
const IN_EXTENDED = FAILING.filter(([what, , sent]) => sent.length > 1 && !what.includes('unnamed'));

async function failedWithoutText({ recording }: Bench) {
  await recording.drain();
  const { calls, errors, measured } = recording.sum(({ fingerprint }) => fingerprint === NO_TEXT);
  const records = recording.statements.filter(({ fingerprint }) => fingerprint === NO_TEXT);
  return { calls, errors, measured, sqlstates: records.map(({ sqlstate }) => sqlstate) };
}

const expectedOf = (...sqlstates: string[]) => ({
  calls: 0,
  errors: sqlstates.length,
  measured: sqlstates.length,
  sqlstates,
});

/** pg_stat_statements counts when a portal is closed, so not at all what has run in a transaction that then fails. */
async function expectRan({ recording }: Bench, marker: string, calls: number) {
  const ours = await recording.totals(marker);
  expect({ calls: ours.calls, rows: ours.counter('rows'), errors: ours.errors }).toEqual({
    calls,
    rows: calls,
    errors: 0,
  });
}

const SERVERS = [
  ['as PostgreSQL comes', {}, SUPPORTED_BUILDS],
  ['with track_activities off', { track_activities: 'off' }, ['n14', 'n18', 'd17']],
] as const;

describe.each(SERVERS)('a server %s', (_, settings, builds) => {
  const hidden = 'track_activities' in settings;
  onEachBuild(
    (bench) => {
      test.each(FAILING)('%s, alone', async (_what, sqlstate, sent) => {
        await bench.session(async (wire) => {
          expect(sqlstatesOf(await wire.run(...sent))).toEqual([sqlstate]);
          if (sqlstate !== '26000') expect(sqlstatesOf(await wire.run(...sent))).toEqual([sqlstate]);
          await wire.run(query('select 1 as f_alive'));
        });
        expect(await failedWithoutText(bench)).toEqual(
          sqlstate === '26000' ? expectedOf(sqlstate) : expectedOf(sqlstate, sqlstate),
        );
        await bench.expectSame('f_alive', { calls: 1, rows: 1 });
      });

      test.each(IN_EXTENDED)('%s, behind a statement that has run', async (_what, sqlstate, sent) => {
        await bench.session(async (wire) => {
          for (const begin of [[], [query('begin')]]) {
            if (begin.length > 0) await wire.run(...begin);
            const answers = await wire.run(...extended('select 1 as f_ran_before'), ...sent);
            expect(sqlstatesOf(answers)).toEqual([sqlstate]);
            expect(tagsOf(answers)).toEqual(['SELECT 1']);
            if (begin.length > 0) await wire.run(query('rollback'));
          }
        });
        expect(await failedWithoutText(bench)).toEqual(expectedOf(sqlstate, sqlstate));
        await expectRan(bench, 'f_ran_before', 2);
      });

      test('an error that has been answered before Sync comes', async () => {
        await bench.session(async (wire) => {
          wire.send(...extended('select 1 as f_before_flush'), bind({ statement: 'f_gone' }), flush());
          expect(sqlstatesOf(await wire.until('E'))).toEqual(['26000']);
          expect(sqlstatesOf(await wire.run(execute(), sync()))).toEqual([]);
          await wire.run(query('select 1, 2 as f_after_flush'));
        });
        expect(await failedWithoutText(bench)).toEqual(expectedOf('26000'));
        await expectRan(bench, 'f_before_flush', 1);
        await bench.expectSame('f_after_flush', { calls: 1, rows: 1 });
      });

      test('a Describe in a transaction that has failed', async () => {
        await bench.session(async (wire) => {
          await wire.run(parse({ name: 'f_described', text: 'select 1 as f_described' }), sync());
          await wire.run(query('begin'));
          await wire.run(query('select f_nothing'));
          expect(sqlstatesOf(await wire.run(describeStatement('f_described'), sync()))).toEqual(['25P02']);
          await wire.run(query('rollback'));
        });
        expect(await failedWithoutText(bench)).toEqual(expectedOf('25P02'));
        await bench.expectFailed('f_nothing', ['42703']);
        await bench.expectSame('f_described', { calls: 0, rows: 0 });
      });

      test('a commit that fails at Sync is still the failure of its statement', async () => {
        await bench.session(async (wire) => {
          await wire.run(query('create table f_unique (id int, unique (id) deferrable initially deferred)'));
          const insert = 'insert into f_unique (id) values (1), (1) /* f_late */';
          expect(sqlstatesOf(await wire.run(...extended(insert), sync()))).toEqual(['23505']);
          // A Close changes nothing; the commit is still the last statement's.
          expect(sqlstatesOf(await wire.run(...extended(insert), closePortal(), sync()))).toEqual(['23505']);
        });
        await bench.expectFailed('f_late', ['23505', '23505']);
        expect(await failedWithoutText(bench)).toEqual(expectedOf());
      });

      test('a commit that fails at Sync behind a Describe is its failure, too', async () => {
        const deferred = 'deferrable initially deferred';
        await bench.session(async (wire) => {
          for (const text of [
            `create table f_described (id int, unique (id) ${deferred})`,
            "create function f_raise() returns trigger language plpgsql as $$ begin raise exception using errcode = '40001'; end $$",
            `create constraint trigger f_raise after update on f_described ${deferred} for each row execute function f_raise()`,
            'insert into f_described (id) values (0)',
          ])
            expect(sqlstatesOf(await wire.run(query(text)))).toEqual([]);
          for (const describe of [describePortal(), describeStatement()]) {
            const insert = 'insert into f_described (id) values (1), (1) /* f_late_insert */';
            expect(sqlstatesOf(await wire.run(...extended(insert), describe, sync()))).toEqual(['23505']);
            const update = 'update f_described set id = 2 /* f_late_update */';
            expect(sqlstatesOf(await wire.run(...extended(update), describe, sync()))).toEqual(['40001']);
          }
        });
        await bench.expectFailed('f_late_insert', ['23505', '23505']);
        await bench.expectFailed('f_late_update', ['40001', '40001']);
        expect(await failedWithoutText(bench)).toEqual(expectedOf());
      });

      // Without a state, an answer to Flush looks like the message's end.
      if (!hidden)
        test('a commit that fails at Sync after an answer to Flush is its failure, too', async () => {
          await bench.session(async (wire) => {
            await wire.run(query('create table f_flushed (id int, unique (id) deferrable initially deferred)'));
            wire.send(...extended('insert into f_flushed (id) values (1), (1) /* f_later */'), flush());
            await wire.until('C');
            expect(sqlstatesOf(await wire.run(sync()))).toEqual(['23505']);
          });
          await bench.expectFailed('f_later', ['23505']);
          expect(await failedWithoutText(bench)).toEqual(expectedOf());
        });

      test('sessions that end while idle have not failed', async () => {
        for (const begin of ['select 1 as f_idle', 'begin']) {
          const wire = await Wire.connect(bench.server);
          await wire.run(query(begin));
          const backend = identify(wire.processId);
          await bench.server.sql(`select pg_terminate_backend(${wire.processId})`);
          expect(sqlstatesOf(await wire.untilClosed())).toEqual(['57P01']);
          await waitUntil(() => backend === undefined || !isAlive(backend), 30_000);
        }
        expect(await failedWithoutText(bench)).toEqual(expectedOf());
        await bench.expectSame('f_idle', { calls: 1, rows: 1 });
      });

      test('nothing was lost on the way', async () => {
        expect(await bench.recording.losses()).toEqual({});
      });
    },
    { settings, builds },
  );
});
