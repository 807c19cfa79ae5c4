/** What the tracer refuses, what it leaves out when there is too much of something, and that it says so. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { OVERFLOW } from '../../agent/tracer.js';
import { frames, Wire } from '../servers/wire.js';
import { type Server, startServer, stopServers } from '../servers.js';
import { Recording } from '../tracer.js';

const { query } = frames;
const TIMEOUT_MS = 120_000;

let server: Server;
let recording: Recording;
beforeAll(async () => {
  server = await startServer({ build: 'n18' });
}, TIMEOUT_MS);
afterEach(() => recording?.stop());
afterAll(stopServers);

async function run(...texts: string[]): Promise<void> {
  await runOn(server, ...texts);
}

async function runOn(server: Server, ...texts: string[]): Promise<void> {
  const wire = await Wire.connect(server);
  for (const text of texts) await wire.run(query(text));
  await wire.end();
}

describe('refusals, each with its reason and a sentence', () => {
  test(
    'a PID that is none, one that is no PostgreSQL, one that is a backend and no postmaster',
    async () => {
      recording = await Recording.start();
      await expect(recording.attach({ pid: 4_000_000 })).rejects.toMatchObject({
        reason: 'NoSuchProcess',
        message: /4000000/,
      });
      const wire = await Wire.connect(server);
      await expect(recording.attach({ pid: wire.processId })).rejects.toMatchObject({
        reason: 'NotPostmaster',
        message: new RegExp(String(server.pid)),
      });
      await wire.end();
      await expect(recording.attach({ pid: process.pid })).rejects.toMatchObject({
        reason: /NotPostmaster|MissingSymbols/,
      });
    },
    TIMEOUT_MS,
  );

  test(
    'a target twice, a target that is unknown',
    async () => {
      recording = await Recording.start();
      await recording.attach(server, {}, 'one');
      await expect(recording.attach(server, {}, 'one')).rejects.toMatchObject({ reason: 'DuplicateTarget' });
      await expect(recording.tracer.detach('two')).rejects.toMatchObject({ reason: 'UnknownTarget' });
      await run('select 1 as l_still_there');
      expect((await recording.totals('l_still_there', 'one')).calls).toBe(1);
    },
    TIMEOUT_MS,
  );
});

/** Strings of 50 statements each, all different. Each CPU may have its own share of the map: 4 times its size fills it. */
function manyQueries(count: number): string[] {
  return Array.from({ length: count / 50 }, (_, i) =>
    Array.from({ length: 50 }, (_, j) => `select 1 as l_name_${i * 50 + j}`).join(';'),
  );
}

describe('limits, each counted', () => {
  test(
    'more different queries than the map holds: the rest is one series, and no call is lost',
    async () => {
      recording = await Recording.start();
      await recording.attach(server);
      const { queries = 0 } = recording.tracer.ready.limits;
      const count = 4 * queries;
      await run(...manyQueries(count));
      await recording.drain();
      const all = recording.sum(({ fingerprint }) => !/^0+$/.test(fingerprint));
      const overflow = recording.sum(({ fingerprint }) => fingerprint === OVERFLOW);
      expect(all.calls).toBeGreaterThanOrEqual(Math.floor(count / 50) * 50);
      expect(overflow.calls).toBeGreaterThan(0);
      expect((await recording.losses()).queriesOverflow).toBe(overflow.calls);
    },
    TIMEOUT_MS,
  );

  test(
    'a server that comes when the map is full has an overflow series of its own',
    async () => {
      recording = await Recording.start();
      await recording.attach(server, {}, 'first');
      await run(...manyQueries(4 * (recording.tracer.ready.limits.queries ?? 0)));
      const later = await startServer({ build: 'n18' });
      await recording.attach(later, {}, 'later');
      await recording.drain();
      const before = (await recording.losses()).queriesOverflow ?? 0;
      const overflowOf = (name: string) =>
        recording.sum(({ target, fingerprint }) => target === name && fingerprint === OVERFLOW);
      const first = overflowOf('first').calls;
      expect(first).toBeGreaterThan(0);

      await runOn(later, ...Array<string>(100).fill('select 1 as l_later'));
      await recording.drain();
      const { queriesOverflow = 0 } = await recording.losses();
      expect(overflowOf('later')).toMatchObject({ calls: 100, measured: 100 });
      expect(overflowOf('first').calls).toBe(first);
      expect(queriesOverflow - before).toBeGreaterThanOrEqual(100);
      const told = recording.sum(({ target, fingerprint }) => target === 'later' && fingerprint === OVERFLOW);
      expect(told.counter('rows')).toBe(100);

      await recording.tracer.detach('later');
      await recording.reset();
      await recording.attach(later, {}, 'again'); // its slot may have been another one's
      await runOn(later, 'select 1 as l_again');
      await recording.drain();
      expect(overflowOf('again')).toMatchObject({ calls: 1, measured: 1 });
    },
    TIMEOUT_MS,
  );

  test(
    'more records than allowed in a second: what is left out is counted by its reason',
    async () => {
      recording = await Recording.start();
      await recording.attach(server, { minDurationNs: 0, maxPerSecond: 10 });
      await run(...Array.from({ length: 500 }, (_, i) => `select ${i} as l_rate`));
      const records = await recording.records('l_rate');
      const losses = await recording.losses();
      expect(records.length).toBeGreaterThan(0);
      expect(records.length + (losses.recordsRateLimitedSlow ?? 0)).toBe(500);
      expect((await recording.totals('l_rate')).calls).toBe(500);
    },
    TIMEOUT_MS,
  );

  test(
    'a ring buffer that is full, as nobody reads it: every record is told or counted',
    async () => {
      recording = await Recording.start();
      await recording.attach(server, { minDurationNs: 0, rawText: true });
      const tracer = recording.processId();
      process.kill(tracer, 'SIGSTOP');
      const long = 'x'.repeat(2000);
      try {
        await run(...Array.from({ length: 1500 }, (_, i) => `select '${i} ${long}' as l_ring`));
      } finally {
        process.kill(tracer, 'SIGCONT');
      }
      const records = await recording.records('l_ring');
      const { recordsRingFull = 0 } = await recording.losses();
      expect(recordsRingFull).toBeGreaterThan(0);
      expect(records.length + recordsRingFull).toBe(1500);
      expect((await recording.totals('l_ring')).calls).toBe(1500);
    },
    TIMEOUT_MS,
  );

  test(
    'text longer than is read: cut off, and counted',
    async () => {
      recording = await Recording.start();
      await recording.attach(server, { minDurationNs: 0 });
      const { textBytes = 0 } = recording.tracer.ready.limits;
      await run(`select 'l_long ${'x'.repeat(textBytes)}'`);
      await recording.drain();
      const [record] = recording.statements.filter(({ text }) => text?.includes('l_long'));
      expect(record?.textTruncated).toBe(true);
      expect(record?.text?.length).toBeLessThanOrEqual(textBytes);
      expect((await recording.losses()).textTruncated).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );
});

describe('a trace context in a text that is longer than is read', () => {
  const value = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const comment = `/*route='%2F',traceparent='${value}'*/`;
  const contextOf = async (marker: string) =>
    (await recording.records(marker)).map(({ traceContext }) => traceContext?.value.includes(value) ?? false);

  test(
    'is found where the text ends',
    async () => {
      recording = await Recording.start();
      await recording.attach(server, { minDurationNs: 0 });
      // as long as what is read, around it, several times as long, and nearly as long as is looked through
      const lengths = [
        16_150, 16_250, 16_300, 16_350, 16_383, 16_384, 16_400, 17_000, 32_766, 32_767, 50_000, 4_000_000,
      ];
      for (const [i, length] of lengths.entries()) {
        const begin = `select 1 as l_tail_${i}, length('`;
        await run(`${begin}${'y'.repeat(length - begin.length - comment.length - 3)}') ${comment}`);
        expect({ length, contexts: await contextOf(`l_tail_${i},`) }).toEqual({ length, contexts: [true] });
      }
      const long = 'y'.repeat(20_000);
      await run(`select 1 as l_first; select 1 as l_last, length('${long}') ${comment};\n ;`);
      expect(await contextOf('l_first')).toEqual([false]);
      expect(await contextOf('l_last,')).toEqual([true]);
      await run(`${comment} select 1 as l_front, length('${long}')`);
      expect(await contextOf('l_front,')).toEqual([true]);
      await run(`select 1 as l_literal, length('${long} ${comment.replaceAll("'", '')}')`);
      await run(`select 1 as l_other, length('${long}') ${comment}, 2 /* end */`);
      expect(await contextOf('l_literal,')).toEqual([false]);
      expect(await contextOf('l_other,')).toEqual([false]);
      expect((await recording.losses()).textEndsUnread ?? 0).toBe(0);
    },
    TIMEOUT_MS,
  );

  test(
    'of a prepared statement is the one that it was prepared with; another text is not taken for it',
    async () => {
      recording = await Recording.start();
      await recording.attach(server, { minDurationNs: 0 });
      const wire = await Wire.connect(server);
      const { bind, execute, parse, sync } = frames;
      for (const last of ['1', '3']) {
        const context = comment.replace('-01', `-0${last}`);
        const text = `select $1::int as l_stale, length('${'y'.repeat(20_000)}') ${context}`;
        await wire.run(parse({ name: `s${last}`, text }), sync());
        for (const one of ['1', '2'])
          await wire.run(bind({ statement: `s${last}`, values: [one] }), execute({}), sync());
      }
      await wire.end();
      const records = await recording.records('l_stale,');
      expect(records.map(({ traceContext }) => traceContext?.stale)).toEqual([false, true, false, true]);
    },
    TIMEOUT_MS,
  );

  test(
    'is not found behind 4 MiB, and that is counted',
    async () => {
      recording = await Recording.start();
      await recording.attach(server, { minDurationNs: 0 });
      await run(`select 1 as l_far, length('${'y'.repeat(4 * 1024 * 1024 + 20_000)}') ${comment}`);
      expect(await contextOf('l_far,')).toEqual([false]);
      expect((await recording.losses()).textEndsUnread).toBe(1);
    },
    TIMEOUT_MS,
  );
});

describe('PostgreSQL 13, which has had its last update', () => {
  test(
    'is attached as far as possible, and what is missing is said',
    async () => {
      const old = await startServer({ build: 'n13' });
      recording = await Recording.start();
      await recording.attach(old, {}, 'old');
      const attached = recording.attached.get('old');
      expect(attached).toMatchObject({ major: 13 });
      expect(attached?.missing.length).toBeGreaterThan(0);
      const wire = await Wire.connect(old);
      for (let i = 0; i < 5; i++) await wire.run(query(`select ${i} as l_old from generate_series(1, 2)`));
      await wire.run(query('select 1/0 as l_old_error'));
      await wire.end();
      const ours = await recording.totals('l_old from', 'old');
      expect({ calls: ours.calls, rows: ours.counter('rows') }).toEqual({ calls: 5, rows: 10 });
      expect((await recording.totals('l_old_error', 'old')).errors).toBe(1);
    },
    TIMEOUT_MS,
  );
});
