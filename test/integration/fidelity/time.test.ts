/**
 * A statement's time is the time the server spent on it, parse and plan to commit: what a client on the same host measures,
 * less what the socket takes. And its wall-clock times lie within the client's.
 */
import { describe, expect, test } from '@jest/globals';
import type { StatementEvent } from '../../../agent/tracer/events.js';
import { type Bench, onEachBuild } from '../../fidelity.js';
import { frames, sqlstatesOf, type Wire } from '../../servers/wire.js';

const { bind, closeStatement, describePortal, execute, parse, query, sync } = frames;
const ROUNDS = 10;
const TIMES = 60;
/** So many of them, the shortest ones, are compared. */
const CALM = 20;
const TOLERANCE = 0.05;
/** What two clocks on one host may differ in, when each was read in its own way. */
const CLOCK_ERROR_NS = 50_000;
/** Of a commit; long beside what a scheduler adds, so that 5 % can be told. */
const COMMIT_DELAY_US = 4000;

/** What takes a few milliseconds, each of a kind of its own; all in one message cycle per execution. */
const STATEMENTS: Record<string, string> = {
  'an execution': 'select count(*) as f_execution from generate_series(1, 20000) as n where n % 7 = 3',
  'a wait': 'select pg_sleep(0.004) as f_wait',
  'a plan of many tables': `select count(*) as f_plan from pg_class a
    join pg_class b using (oid) join pg_attribute c on c.attrelid = a.oid join pg_type d on d.oid = c.atttypid
    join pg_proc e on e.prorettype = d.oid join pg_namespace f on f.oid = e.pronamespace join pg_language g on g.oid = e.prolang
    join pg_class h on h.oid = a.oid join pg_type i on i.oid = d.oid join pg_type j on j.oid = i.oid where a.oid = 0`,
  'an autocommit write': 'insert into f_written (one) select 1',
};

const PROTOCOLS: Record<string, (wire: Wire, text: string) => Uint8Array[]> = {
  simple: (_, text) => [query(text)],
  extended: (_, text) => [parse({ text }), bind(), describePortal(), execute(), sync()],
  'prepared, parsed each time': (_, text) => [
    closeStatement('p'),
    parse({ name: 'p', text }),
    bind({ statement: 'p' }),
    execute(),
    sync(),
  ],
};

/**
 * A wall clock with a resolution of less than a microsecond: that of the milliseconds, read when one begins, and the
 * monotonic one from there. A reading can only be late, so of several the earliest is right.
 */
function wallClock(): () => bigint {
  const offsets = Array.from({ length: 5 }, () => {
    const before = Date.now();
    let now = before;
    while (now === before) now = Date.now();
    return BigInt(now) * 1_000_000n - process.hrtime.bigint();
  });
  const [offset = 0n] = offsets.sort((a, b) => Number(b - a));
  return () => process.hrtime.bigint() + offset;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - began);
}

function median(numbers: number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The server's time of a statement, relative to what the client sees less the socket; the median of many executions. */
async function ratioOf(
  bench: Bench,
  text: string,
  framesOf: (wire: Wire, text: string) => Uint8Array[],
): Promise<number> {
  const latencies: number[] = [];
  const socket: number[] = [];
  await bench.session(async (wire) => {
    expect(sqlstatesOf(await wire.run(...framesOf(wire, text)))).toEqual([]); // the first one fills caches
    await wire.run(sync()); // answered when the backend is through with the message before
    await bench.reset();
    for (let i = 0; i < TIMES; i++) {
      latencies.push(await timed(() => wire.run(...framesOf(wire, text))));
      // A Sync alone is answered at once: what it takes is the way there and back.
      socket.push(await timed(() => wire.run(sync())));
    }
  });
  await bench.recording.drain();
  const records = bench.recording.statements.filter((event) => event.text === text);
  expect(records).toHaveLength(TIMES);
  // Each execution with its own latency, the least disturbed ones: on a busy machine the client itself waits for a CPU.
  const way = median(socket);
  const pairs = records.map(({ durationNs }, i) => ({ durationNs, latency: (latencies[i] ?? 0) - way }));
  const calm = pairs.sort((a, b) => a.latency - b.latency).slice(0, CALM);
  return median(calm.map(({ durationNs, latency }) => durationNs / latency));
}

onEachBuild(
  (bench) => {
    test('the table of these tests', async () => {
      await bench.session(async (wire) => {
        await wire.run(query('create table f_written (one int)'));
      });
    });

    describe.each(Object.entries(PROTOCOLS))('%s', (_, framesOf) => {
      test.each(Object.entries(STATEMENTS))(
        '%s takes what the client sees, less the socket, within 5 %%',
        async (_, text) => {
          // A busy machine disturbs a round, never the agreement itself: one undisturbed round shows it.
          const ratios: number[] = [];
          while (ratios.length < ROUNDS && !ratios.some((ratio) => Math.abs(ratio - 1) < TOLERANCE)) {
            ratios.push(await ratioOf(bench, text, framesOf));
          }
          expect(Math.min(...ratios.map((ratio) => Math.abs(ratio - 1)))).toBeLessThan(TOLERANCE);
        },
      );
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
