/**
 * A statement's time is the time the server spent on it, parse and plan to commit: what a client on the same host measures,
 * less what the socket takes. And its wall-clock times lie within the client's.
 */
import { describe, expect, test } from '@jest/globals';
import type { StatementEvent } from '../../../agent/tracer/events.js';
import { compareTimes, median, shareOfExecution } from '../../fidelity/latency.js';
import { wallClock } from '../../fidelity/wall-clock.js';
import { onEachBuild } from '../../fidelity.js';
import { frames } from '../../servers/wire.js';

const { bind, closeStatement, describePortal, execute, parse, query, sync } = frames;
const TIMES = 60;
/** Of what the client sees. */
const TOLERANCE = 0.05;
/** Of a short statement the socket takes as much as the server; so much its reading may be off. */
const SHORT_ERROR_NS = 50_000;
/** What two clocks on one host may differ in, when each was read in its own way. */
const CLOCK_ERROR_NS = 50_000;
/** Of a commit. */
const COMMIT_DELAY_US = 4000;

const PLANNED = `from pg_class a
    join pg_class b using (oid) join pg_attribute c on c.attrelid = a.oid join pg_type d on d.oid = c.atttypid
    join pg_proc e on e.prorettype = d.oid join pg_namespace f on f.oid = e.pronamespace join pg_language g on g.oid = e.prolang
    join pg_class h on h.oid = a.oid join pg_type i on i.oid = d.oid join pg_type j on j.oid = i.oid where a.oid = 0`;

/** Of a millisecond or more, each of a kind of its own; all in one message cycle per execution. */
const LONG: Record<string, string> = {
  'an execution': 'select count(*) as f_execution from generate_series(1, 20000) as n where n % 7 = 3',
  'a wait': 'select pg_sleep(0.004) as f_wait',
  'a plan of many tables': `select count(*) as f_plan ${PLANNED}`,
  'an autocommit write': 'insert into f_written (one) select 1',
};
const SHORT: Record<string, string> = {
  'nothing but a constant': 'select 1 as f_constant',
  'a third of a millisecond': 'select count(*) as f_short from generate_series(1, 1500) as n where n % 7 = 3',
};

const PROTOCOLS: Record<string, (text: string) => Uint8Array[]> = {
  simple: (text) => [query(text)],
  extended: (text) => [parse({ text }), bind(), describePortal(), execute(), sync()],
  'prepared, parsed each time': (text) => [
    closeStatement('p'),
    parse({ name: 'p', text }),
    bind({ statement: 'p' }),
    execute(),
    sync(),
  ],
};

onEachBuild(
  (bench) => {
    test('the table of these tests', async () => {
      await bench.session(async (wire) => {
        await wire.run(query('create table f_written (one int)'));
      });
    });

    describe.each(Object.entries(PROTOCOLS))('%s', (_, framesOf) => {
      test.each(Object.entries(LONG))(
        '%s takes what the client sees, less the socket, within 5 %%',
        async (_, text) => {
          const rounds = await compareTimes(bench, text, framesOf);
          expect(Math.abs(median(rounds.map(({ ratio }) => ratio)) - 1)).toBeLessThan(TOLERANCE);
        },
      );

      test.each(Object.entries(SHORT))('%s: no further off than a socket can be', async (_, text) => {
        const rounds = await compareTimes(bench, text, framesOf);
        expect(Math.abs(median(rounds.map(({ error }) => error)))).toBeLessThan(SHORT_ERROR_NS);
      });
    });

    /** Or the tests above would pass without these parts, too. */
    describe('most of the time is not the execution', () => {
      test.each([
        ['an autocommit write', 'f_written'],
        ['a plan of many tables', 'f_plan'],
      ])('of %s', async (name, marker) => {
        expect(await shareOfExecution(bench, LONG[name] ?? '', marker)).toBeLessThan(0.5);
      });
    });

    test('wall-clock times lie within the client’s', async () => {
      const spans: { sent: bigint; received: bigint }[] = [];
      await bench.session(async (wire) => {
        for (let i = 0; i < TIMES; i++) {
          for (const text of ['select 1 as f_clock', 'select pg_sleep(0.002) as f_clock']) {
            const now = wallClock();
            const sent = now();
            await wire.run(...(i % 2 ? [query(text)] : [parse({ text }), bind(), execute(), sync()]));
            spans.push({ sent, received: now() });
          }
        }
      });
      const records = (await bench.recording.records('f_clock')).sort((a, b) => Number(startOf(a) - startOf(b)));
      expect(records).toHaveLength(spans.length);
      const outside = records.flatMap((record, i) => {
        const { sent = 0n, received = 0n } = spans[i] ?? {};
        const early = Number(sent - startOf(record));
        const late = Number(startOf(record) + BigInt(record.durationNs) - received);
        return early > CLOCK_ERROR_NS || late > CLOCK_ERROR_NS ? [{ i, early, late, text: record.text }] : [];
      });
      expect(outside).toEqual([]);
    });
  },
  {
    settings: { join_collapse_limit: 12, commit_delay: COMMIT_DELAY_US, commit_siblings: 0, autovacuum: 'off' },
    tracer: { minDurationNs: 0 },
  },
);

function startOf({ startUnixNano }: StatementEvent): bigint {
  return BigInt(startUnixNano);
}
