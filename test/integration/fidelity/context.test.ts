/** Trace contexts that come with a statement: found in every form, and called stale only where a prepared statement runs again. */
import { expect, test } from '@jest/globals';
import { parseUpstream } from '../../../agent/telemetry/spans/trace-context.js';
import { type Bench, onEachBuild } from '../../fidelity.js';
import { SUPPORTED_BUILDS } from '../../servers/builds.js';
import { frames, sqlstatesOf } from '../../servers/wire.js';

const { bind, closePortal, closeStatement, execute, parse, query, sync } = frames;

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN_ID = '00f067aa0ba902b7';
const SAMPLED = `00-${TRACE_ID}-${SPAN_ID}-01`;
const UNSAMPLED = `00-${TRACE_ID}-${SPAN_ID}-00`;
const COMMENT = `/*traceparent='${SAMPLED}'*/`;

/** Every form that is read. */
const FORMS: [what: string, text: (marker: string, traceparent: string) => string][] = [
  ['sqlcommenter behind', (m, t) => `select 1 as ${m} /*route='%2Forders',traceparent='${t}',tracestate='a%3D1'*/`],
  ['sqlcommenter in front', (m, t) => `/*traceparent='${t}'*/ select 1 as ${m}`],
  ['URL-encoded', (m, t) => `select 1 as ${m} /*traceparent='${t.replaceAll('-', '%2D')}'*/`],
  ['key=value', (m, t) => `select 1 as ${m} /* traceparent=${t} */`],
  ['key:value', (m, t) => `/* request:7, traceparent:${t}, action:list */ select 1 as ${m}`],
  ['a line comment', (m, t) => `select 1 as ${m} -- traceparent=${t}`],
];
const markerOf = (prefix: string, what: string) => `${prefix}_${what.replaceAll(/[^a-z]+/gi, '_').toLowerCase()}`;

/** Whether each record with this marker was called stale, in order. */
async function staleness({ recording }: Bench, marker: string): Promise<(boolean | undefined)[]> {
  return (await recording.records(marker)).map(({ traceContext }) => traceContext?.stale);
}

const once = (text: string, values: string[] = []) => [parse({ text }), bind({ values }), execute()];
const again = (statement: string, values: string[] = []) => [bind({ statement, values }), execute(), sync()];
const FRESH = [false, false, false];
/** Values for the application_name of one session, and how many statements are to be traced. */
const NAMED = [
  ['c_plain', 'an application', 0],
  ['c_sampled', SAMPLED, 2],
  ['c_unsampled', UNSAMPLED, 0],
] as const;

onEachBuild(
  (bench) => {
    test.each(FORMS)('%s, in both protocols', async (what, textOf) => {
      const text = textOf(markerOf('c', what), SAMPLED);
      await bench.session(async (wire) => {
        await wire.run(query(text));
        await wire.run(...once(text), sync());
      });
      const records = await bench.recording.records(markerOf('c', what));
      expect(records.map(({ traceContext }) => traceContext && parseUpstream(traceContext))).toEqual(
        [1, 2].map(() => ({ traceId: TRACE_ID, spanId: SPAN_ID, sampled: true })),
      );
      expect(records.map(({ reason }) => reason)).toEqual(['traced', 'traced']);
      expect(await staleness(bench, markerOf('c', what))).toEqual([false, false]);
    });

    // The kernel reads the flag where it is not encoded; the agent decides then.
    test.each(FORMS.filter(([what]) => what !== 'URL-encoded'))(
      '%s, of a client that does not sample',
      async (what, textOf) => {
        const marker = markerOf('u', what);
        await bench.session(async (wire) => {
          await wire.run(query(textOf(marker, UNSAMPLED)));
          await wire.run(query(textOf(`${marker}, 1/0`, UNSAMPLED)));
        });
        const records = await bench.recording.records(marker);
        expect(records.map(({ reason, sqlstate }) => [reason, sqlstate])).toEqual([['failed', '22012']]);
        expect(records.map(({ traceContext }) => traceContext && parseUpstream(traceContext)?.sampled)).toEqual([
          false,
        ]);
      },
    );

    test('application_name from the start of a session', async () => {
      const parameters = { application_name: SAMPLED };
      await bench.session(async (wire) => void (await wire.run(query('select 1 as c_startup'))), { parameters });
      const [record] = await bench.recording.records('c_startup');
      expect(record?.traceContext).toEqual({ source: 'application_name', value: SAMPLED, stale: false });
    });

    test.each(NAMED)('application_name set later: %s', async (marker, name, count) => {
      await bench.session(async (wire) => {
        await wire.run(query(`set application_name = '${name}'`));
        for (let i = 0; i < 2; i++) await wire.run(...once(`select 1 as ${marker}`), sync());
      });
      const records = await bench.recording.records(marker);
      expect(records.map(({ traceContext }) => traceContext)).toEqual(
        Array.from({ length: count }, () => ({ source: 'application_name', value: SAMPLED, stale: false })),
      );
    });

    test('an unnamed statement that is sent anew comes with its context', async () => {
      await bench.session(async (wire) => {
        const text = `select $1::int as c_unnamed ${COMMENT}`;
        for (let i = 0; i < 3; i++) await wire.run(...once(text, ['1']), sync());
        await wire.run(...[1, 2, 3].flatMap(() => once(text, ['1'])), sync());
        for (let i = 0; i < 3; i++) {
          await wire.run(parse({ text }), sync());
          await wire.run(...again('', ['1']));
        }
      });
      expect(await staleness(bench, 'c_unnamed')).toEqual([...FRESH, ...FRESH, ...FRESH]);
    });

    test('the simple protocol always comes with its context, also when it fails again', async () => {
      await bench.session(async (wire) => {
        for (let i = 0; i < 3; i++) await wire.run(query(`select 1 as c_simple ${COMMENT}`));
        for (let i = 0; i < 3; i++) await wire.run(query(`select 1/0 as c_retried ${COMMENT}`));
      });
      expect(await staleness(bench, 'c_simple')).toEqual(FRESH);
      expect(await staleness(bench, 'c_retried')).toEqual(FRESH);
    });

    test.each([
      ['c_parse', 'selec 1 as c_parse', []],
      ['c_plan', 'select 1/0 as c_plan', []],
      ['c_bind', 'select $1::int as c_bind', ['no number']],
      ['c_run', 'select 1/$1::int as c_run', ['0']],
    ])('an unnamed statement that fails again comes with its context: %s', async (marker, text, values) => {
      await bench.session(async (wire) => {
        for (let i = 0; i < 3; i++)
          expect(sqlstatesOf(await wire.run(...once(`${text} ${COMMENT}`, values), sync()))).toHaveLength(1);
      });
      expect(await staleness(bench, marker)).toEqual(FRESH);
    });

    test.each([
      ['c_constant', 'auto', 'select 1 as c_constant', []],
      ['c_custom', 'force_custom_plan', 'select $1::int as c_custom', ['1']],
      ['c_generic', 'force_generic_plan', 'select $1::int as c_generic', ['1']],
    ])('a prepared statement has its context once, whatever its plan: %s', async (marker, mode, text, values) => {
      await bench.session(async (wire) => {
        await wire.run(query(`set plan_cache_mode = ${mode}`));
        await wire.run(parse({ name: 'named', text: `${text} ${COMMENT}` }), sync());
        for (let i = 0; i < 3; i++) await wire.run(...again('named', values));
      });
      expect(await staleness(bench, marker)).toEqual([false, true, true]);
    });

    // From now on: the first prepared statement with a context was in the test before.
    test('a prepared statement that is parsed anew has its context again', async () => {
      const isProbe = ({ name, state }: { name: string; state: string }) =>
        name === 'StorePreparedStatement' && state === 'attached';
      await bench.recording.until(() => bench.recording.hooks.some(isProbe), 'the probe on prepared statements');
      const prepared = parse({ name: 'again', text: `select 1 as c_anew ${COMMENT}` });
      const ends = [[closeStatement('again'), sync()], [query('deallocate again')], [query('discard all')]];
      await bench.session(async (wire) => {
        for (const end of ends) {
          await wire.run(prepared, ...again('again'));
          await wire.run(...again('again'));
          await wire.run(...end);
        }
      });
      const round = [false, true];
      expect(await staleness(bench, 'c_anew')).toEqual([...round, ...round, ...round]);
      expect(bench.recording.hooks.filter(isProbe)).toHaveLength(1);
    });

    test('each name has its own context, though the text is the same, and so has each session', async () => {
      for (let session = 0; session < 2; session++)
        await bench.session(async (wire) => {
          for (const name of ['pdo_stmt_1', 'pdo_stmt_2']) {
            await wire.run(parse({ name, text: `select 1 as c_names ${COMMENT}` }), ...again(name));
            await wire.run(...again(name));
          }
        });
      const round = [false, true];
      expect(await staleness(bench, 'c_names')).toEqual([...round, ...round, ...round, ...round]);
    });

    test.each(['', 'named'])('the parts of a portal are one execution, of statement "%s"', async (name) => {
      const marker = name === '' ? 'c_parts' : 'c_named_parts';
      const prepared = parse({ name, text: `select ${marker} from generate_series(1, 10) as ${marker} ${COMMENT}` });
      const parts = [bind({ portal: 'p', statement: name }), ...Array(3).fill(execute({ portal: 'p', maxRows: 4 }))];
      await bench.session(async (wire) => {
        await wire.run(query('begin'));
        await wire.run(prepared, sync());
        for (let i = 0; i < 2; i++) {
          for (const part of parts) await wire.run(part, sync());
          await wire.run(closePortal('p'), ...(name === '' ? [prepared] : []), sync());
        }
        await wire.run(query('commit'));
      });
      expect(await staleness(bench, marker)).toEqual([...FRESH, ...(name === '' ? FRESH : [true, true, true])]);
    });

    test('two portals of one prepared statement at once are two executions', async () => {
      await bench.session(async (wire) => {
        const text = `select c_twice from generate_series(1, 10) as c_twice ${COMMENT}`;
        await wire.run(query('begin'));
        await wire.run(parse({ name: 'twice', text }), sync());
        for (const portal of ['a', 'b'])
          await wire.run(bind({ portal, statement: 'twice' }), execute({ portal, maxRows: 4 }), sync());
        for (const portal of ['a', 'b']) await wire.run(execute({ portal }), sync());
        await wire.run(query('commit'));
      });
      expect(await staleness(bench, 'c_twice')).toEqual([false, true, false, true]);
    });

    test('a prepared statement that fails is an execution, too', async () => {
      await bench.session(async (wire) => {
        await wire.run(parse({ name: 'failing', text: `select 1 / $1::int as c_failing ${COMMENT}` }), sync());
        for (const value of ['0', '1', '0', 'no number']) await wire.run(...again('failing', [value]));
        await wire.run(parse({ name: 'unbound', text: `select $1::int as c_unbound ${COMMENT}` }), sync());
        for (const value of ['no number', '1', 'no number']) await wire.run(...again('unbound', [value]));
      });
      expect(await staleness(bench, 'c_failing')).toEqual([false, true, true, true]);
      expect(await staleness(bench, 'c_unbound')).toEqual([false, true, true]);
    });

    test('a prepared statement that fails in a large Bind, which is not looked at, counts as fresh', async () => {
      const text = `select $1::int as c_large ${COMMENT}`;
      await bench.session(async (wire) => {
        for (let i = 0; i < 3; i++) await wire.run(...once(text, ['x'.repeat(2000)]), sync());
        await wire.run(parse({ name: 'large', text }), sync());
        for (const value of ['x'.repeat(2000), '1', 'x'.repeat(2000), '1']) await wire.run(...again('large', [value]));
      });
      expect(await staleness(bench, 'c_large')).toEqual([...FRESH, false, false, false, true]);
    });

    // As pgjdbc does, which names what it has run five times, and has one unnamed portal for all.
    test.each([
      ['c_mixed', [parse({ text: `selec 1 as c_mixed ${COMMENT}` }), sync()]],
      ['c_mixed_simple', [query(`select 1/0 as c_mixed_simple /* ${'long '.repeat(300)} */ ${COMMENT}`)]],
    ])(
      'what fails beside an open portal of a named statement is no execution of that one: %s',
      async (marker, sent) => {
        await bench.session(async (wire) => {
          await wire.run(parse({ name: 'S_1', text: 'select 1 as c_open' }), sync());
          for (let i = 0; i < 3; i++) {
            await wire.run(query('begin'));
            await wire.run(...again('S_1'));
            expect(sqlstatesOf(await wire.run(...sent))).toHaveLength(1);
            await wire.run(query('rollback'));
          }
        });
        expect(await staleness(bench, marker)).toEqual(FRESH);
      },
    );

    test('transaction control in the extended protocol', async () => {
      const commands = ['begin', 'savepoint s', 'rollback to s', 'release s', 'commit', 'begin', 'rollback'];
      await bench.session(async (wire) => {
        for (let i = 0; i < 3; i++)
          for (const command of commands) await wire.run(...once(`${command} ${COMMENT}`), sync());
      });
      await bench.recording.drain();
      for (const command of ['BEGIN', 'SAVEPOINT', 'RELEASE', 'COMMIT', 'ROLLBACK']) {
        const records = bench.recording.statements.filter(({ tag }) => tag === command);
        const twice = command === 'BEGIN' || command === 'ROLLBACK';
        expect(records.map(({ traceContext }) => traceContext?.stale)).toEqual([...FRESH, ...(twice ? FRESH : [])]);
      }
    });

    test('a name that was parsed anew while nobody looked has its context again', async () => {
      const prepared = parse({ name: 'unseen', text: `select 1 as c_unseen ${COMMENT}` });
      await bench.session(async (wire) => {
        await wire.run(prepared, ...again('unseen'));
        await bench.recording.tracer.detach('local');
        await wire.run(closeStatement('unseen'), prepared, sync());
        await bench.recording.attach(bench.server);
        for (let i = 0; i < 2; i++) await wire.run(...again('unseen'));
      });
      expect(await staleness(bench, 'c_unseen')).toEqual([false, false, true]);
    });

    test('nothing was lost on the way', async () => {
      expect(await bench.recording.losses()).toEqual({});
    });

    test('of more portals than can be found, each counts as the first execution, which is counted as lost', async () => {
      const portals = Array.from({ length: 40 }, (_, i) => `p${i}`);
      await bench.session(async (wire) => {
        await wire.run(query('begin'));
        await wire.run(parse({ name: 'many', text: `select 1 as c_many ${COMMENT}` }), sync());
        await wire.run(...portals.map((portal) => bind({ portal, statement: 'many' })), sync());
        await wire.run(...portals.map((portal) => execute({ portal })), sync());
      });
      const { contextPortalsUnreadable = 0 } = await bench.recording.losses();
      expect(contextPortalsUnreadable).toBeGreaterThanOrEqual(10);
      expect(contextPortalsUnreadable).toBeLessThanOrEqual(11);
      const stale = await staleness(bench, 'c_many');
      expect(stale.filter((is) => !is)).toHaveLength(1 + contextPortalsUnreadable);
    });
  },
  { builds: SUPPORTED_BUILDS },
);
