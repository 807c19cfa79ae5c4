/**
 * Where the time goes: for each statement and each query, wall time is CPU, run queue and waits; and the waits have
 * PostgreSQL's own names and the lengths that they had.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { OUTSIDE_STATEMENTS } from '../../../agent/tracer/events.js';
import { eventsWith, splitOf, unexplained, waitsOf, waitsWith, waitUntilItWaits } from '../../fidelity/waits.js';
import { onEachBuild } from '../../fidelity.js';
import { frames, Wire } from '../../servers/wire.js';
import { SUPPORTED_BUILDS } from '../../servers.js';
import { measureCpu } from '../../waits/cpu.js';

const { bind, execute, parse, query, sync } = frames;
const MS = 1e6;
/** Of wall time, which CPU, run queue and waits have to explain. */
const TOLERANCE = 0.01;
/** How long somebody is made to wait, at least. */
const HELD_MS = 150;

/** The workloads, each by what its time is spent on. */
const WORK: Record<string, string> = {
  w_cpu: 'select count(*) as w_cpu from generate_series(1, 300000) as n where n % 7 = 3',
  w_sleep: 'select pg_sleep(0.05) as w_sleep',
  w_written: 'insert into w_written (one) select generate_series(1, 5000)',
};

onEachBuild(
  (bench) => {
    const waits = async (marker: string) => await waitsWith(bench.recording, bench.server, marker);

    test('the tables of these tests', async () => {
      await bench.session(async (wire) => {
        await wire.run(query('create table w_written (one int)'));
        await wire.run(query('create table w_rows (id int primary key, one int)'));
        await wire.run(query('insert into w_rows values (1, 1)'));
      });
    });

    test('wall time is CPU, run queue and waits, of each statement and of each query', async () => {
      await bench.session(async (wire) => {
        for (let i = 0; i < 10; i++)
          for (const text of Object.values(WORK)) {
            await wire.run(query(text));
            await wire.run(parse({ text }), bind(), execute(), sync());
          }
      });
      for (const marker of Object.keys(WORK)) {
        const records = await bench.recording.records(marker);
        expect(records).toHaveLength(20);
        expect(records.filter((record) => unexplained(splitOf([record])) > TOLERANCE)).toEqual([]);
        expect(unexplained(splitOf(eventsWith(bench.recording, marker)))).toBeLessThan(TOLERANCE);
      }
    });

    test('a sleep is as long as it was asked for, and has its name', async () => {
      await bench.session(async (wire) => {
        await wire.run(query('select pg_sleep(0.2) as w_slept'));
      });
      const [record] = await bench.recording.records('w_slept');
      const slept = waitsOf(bench.server, record?.waits ?? []).get('Timeout:PgSleep');
      expect(slept?.ns).toBeGreaterThan(199 * MS);
      expect(slept?.ns).toBeLessThanOrEqual(record?.durationNs ?? 0);
      expect((await waits('w_slept')).get('Timeout:PgSleep')).toEqual(slept);
      const [long] = record?.longWaits ?? [];
      const { startUnixNano = '0', durationNs = 0 } = record ?? {};
      const began = Number(BigInt(long?.startUnixNano ?? 0) - BigInt(startUnixNano));
      expect(began).toBeGreaterThanOrEqual(0);
      expect(began + (long?.waitNs ?? 0)).toBeLessThanOrEqual(durationNs);
    });

    describe.each([
      ['Lock:advisory', 'advisory', 'select pg_advisory_lock(7) as w_lock', 'select pg_advisory_unlock(7)'],
      ['Lock:transactionid', 'transactionid', 'update w_rows set one = one + 1 where id = 1 /* w_lock */', 'commit'],
      ['Lock:relation', 'relation', 'lock table w_rows in exclusive mode /* w_lock */', 'commit'],
    ])('%s', (name, event, text, release) => {
      test('the wait is as long as the lock was held against it', async () => {
        const holder = await Wire.connect(bench.server);
        await holder.run(query('begin'));
        await holder.run(query(text));
        await bench.reset();
        let held = 0;
        let answered = 0;
        await bench.session(async (wire) => {
          await wire.run(query('begin'));
          const sent = performance.now();
          wire.send(query(text));
          await waitUntilItWaits(bench.server, wire.processId, event);
          const seen = performance.now();
          await sleep(HELD_MS);
          held = performance.now() - seen;
          await holder.run(query(release));
          await wire.untilReady();
          answered = performance.now() - sent;
          await wire.run(query('rollback'));
        });
        await holder.end();
        const [record] = (await bench.recording.records('w_lock')).filter(({ waits = [] }) => waits.length > 0);
        const waited = waitsOf(bench.server, record?.waits ?? []).get(name);
        expect(waited?.ns).toBeGreaterThanOrEqual(held * MS);
        expect(waited?.ns).toBeLessThanOrEqual(answered * MS);
        expect(unexplained(splitOf(record === undefined ? [] : [record]))).toBeLessThan(TOLERANCE);
      });
    });

    test('a client that is slow to send or to take is what the statement waits for', async () => {
      await bench.session(async (wire) => {
        wire.send(query('copy w_written from stdin /* w_copied */'));
        await wire.until('G');
        await waitUntilItWaits(bench.server, wire.processId, 'ClientRead');
        await sleep(HELD_MS);
        await wire.run(frames.copyData('1\n'), frames.copyDone());
      });
      expect((await waits('w_copied')).get('Client:ClientRead')?.ns).toBeGreaterThanOrEqual(HELD_MS * MS);
    });

    test('what an idle client does is nobody’s time', async () => {
      await bench.session(async (wire) => {
        await wire.run(query('begin /* w_idle */'));
        await sleep(HELD_MS);
        await wire.run(query('commit /* w_idle */'));
        await sleep(HELD_MS);
      });
      await bench.recording.drain();
      const events = [
        ...eventsWith(bench.recording, 'w_idle'),
        ...bench.recording.aggregates.filter(({ fingerprint }) => fingerprint === OUTSIDE_STATEMENTS),
      ];
      const { waitNs } = splitOf(events);
      expect(waitNs).toBeLessThan(HELD_MS * MS);
    });

    test('the commit of an autocommit write waits for the WAL, in each protocol', async () => {
      await bench.session(async (wire) => {
        for (let i = 0; i < 20; i++) {
          await wire.run(query('insert into w_written (one) values (1)'));
          await wire.run(parse({ text: 'insert into w_written (one) values (2)' }), bind(), execute(), sync());
        }
      });
      const flushes = [...(await waits('w_written'))].filter(([name]) => /^IO:W(AL|al)Sync$/.test(name));
      expect(flushes.reduce((sum, [, { count }]) => sum + count, 0)).toBeGreaterThanOrEqual(20);
    });

    test('a parallel query is charged for its workers, and is one call', async () => {
      await bench.session(async (wire) => {
        await wire.run(query('create table w_many as select generate_series(1, 300000) as one'));
        await wire.run(query('set max_parallel_workers_per_gather = 2'));
        await wire.run(query('set parallel_setup_cost = 0'));
        await wire.run(query('set min_parallel_table_scan_size = 0'));
        await wire.run(query('set parallel_leader_participation = off'));
        await wire.run(query('select count(*) as w_parallel from w_many where one % 7 = 3'));
      });
      const ours = await bench.recording.totals('w_parallel');
      const [record] = await bench.recording.records('w_parallel');
      expect(ours.calls).toBe(1);
      // The leader alone, which only waits, against all of them.
      expect(ours.counter('cpuNs')).toBeGreaterThan(2 * (record?.cpuNs ?? 0));
      expect((await waits('w_parallel')).get('IPC:ExecuteGather')?.ns).toBeGreaterThan(0);
    });

    test('CPU of all that a process does is what the kernel has counted for it', async () => {
      const wire = await Wire.connect(bench.server);
      await wire.run(query('select 1'));
      await bench.reset();
      const measured = measureCpu(wire.processId);
      for (let i = 0; i < 300; i++) await wire.run(query('select count(*) as w_all from generate_series(1, 3000)'));
      const { used, taken } = measured();
      await wire.end();
      await bench.recording.until(
        () => eventsWith(bench.recording, 'w_all').reduce((sum, { calls }) => sum + calls, 0) === 300,
        'the statements',
      );
      const clients = bench.recording.aggregates.filter(({ backendType }) => backendType === undefined);
      const { cpuNs } = splitOf(
        clients.filter(
          (event) => event.fingerprint === OUTSIDE_STATEMENTS || bench.recording.text(event).includes('w_all'),
        ),
      );
      expect(cpuNs).toBeGreaterThan(used * 0.9);
      expect(cpuNs).toBeLessThan(used * 1.1 + taken);
    });

    test('background processes have their own time, and their waits PostgreSQL’s names', async () => {
      await bench.session(async (wire) => {
        await wire.run(query('insert into w_written (one) select generate_series(1, 50000)'));
        await wire.run(query('checkpoint'));
      });
      const checkpointer = () => bench.recording.aggregates.filter(({ backendType }) => backendType === 'checkpointer');
      const waited = () =>
        waitsOf(
          bench.server,
          checkpointer().flatMap(({ waits = [] }) => waits),
        );
      await bench.recording.until(
        () => [...waited().keys()].some((name) => name.startsWith('IO:')),
        'what the checkpointer has written to storage',
      );
      expect(checkpointer().reduce((sum, { cpuNs = 0 }) => sum + cpuNs, 0)).toBeGreaterThan(0);
    });
  },
  { builds: SUPPORTED_BUILDS, settings: { autovacuum: 'off' }, tracer: { minDurationNs: 0, minWaitNs: 1e6 } },
);
