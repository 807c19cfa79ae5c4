/** Level waits: where the time of each query goes, with no probe in PostgreSQL. */
import { describe, expect, test } from '@jest/globals';
import { OUTSIDE_STATEMENTS } from '../../../agent/tracer/events.js';
import { sampleActivity, sharesOf } from '../../fidelity/samples.js';
import { eventsWith, splitOf, type WaitTime, waitsWith, waitUntilItWaits } from '../../fidelity/waits.js';
import { onEachBuild } from '../../fidelity.js';
import { frames, Wire } from '../../servers/wire.js';
import { SUPPORTED_BUILDS, startServer, stopServers } from '../../servers.js';
import { Recording } from '../../tracer.js';
import { measureCpu } from '../../waits/cpu.js';

const { bind, execute, parse, query, sync } = frames;
const MS = 1e6;
/** Moments at which pg_stat_activity is looked at; the sessions of one moment depend on one another. */
const MOMENTS = 1200;
/** Of shares of time: four standard errors of so many samples. */
const SAMPLING_ERROR = 4 * Math.sqrt(0.25 / MOMENTS);

onEachBuild(
  (bench) => {
    const waits = async (marker: string) => await waitsWith(bench.recording, bench.server, marker);

    test('no function is hooked', () => {
      expect(bench.recording.attached.get('local')?.hooks).toEqual([]);
    });

    test('what a query waits for and computes is told by query, in each protocol, and is no call', async () => {
      await bench.session(async (wire) => {
        for (const text of [
          'select pg_sleep(0.1) as l_slept',
          'select count(*) as l_cpu from generate_series(1, 500000)',
        ]) {
          await wire.run(query(text));
          await wire.run(parse({ text }), bind(), execute(), sync());
        }
      });
      const slept = (await waits('l_slept')).get('Timeout:PgSleep');
      expect(slept?.count).toBe(2);
      expect(slept?.ns).toBeGreaterThan(199 * MS);
      const cpu = splitOf(eventsWith(bench.recording, 'l_cpu'));
      expect(cpu.cpuNs).toBeGreaterThan(10 * splitOf(eventsWith(bench.recording, 'l_slept')).cpuNs);
      expect((await bench.recording.totals('l_')).calls).toBe(0);
      expect(await bench.recording.records('l_')).toEqual([]);
    });

    test('a lock is waited for as long as it is held', async () => {
      const holder = await Wire.connect(bench.server);
      await holder.run(query('select pg_advisory_lock(3)'));
      let held = 0;
      let answered = 0;
      await bench.session(async (wire) => {
        const sent = performance.now();
        wire.send(query('select pg_advisory_lock(3) as l_locked'));
        await waitUntilItWaits(bench.server, wire.processId, 'advisory');
        const seen = performance.now();
        await bench.recording.drain();
        held = performance.now() - seen;
        await holder.run(query('select pg_advisory_unlock(3)'));
        await wire.untilReady();
        answered = performance.now() - sent;
      });
      await holder.end();
      const waited = (await waits('l_locked')).get('Lock:advisory');
      expect(waited?.ns).toBeGreaterThanOrEqual(held * MS);
      expect(waited?.ns).toBeLessThanOrEqual(answered * MS);
    });

    test('all CPU time of a session is told, and most of it under its queries', async () => {
      const wire = await Wire.connect(bench.server);
      await wire.run(query('select 1'));
      await bench.reset();
      const measured = measureCpu(wire.processId);
      for (let i = 0; i < 200; i++) await wire.run(query('select count(*) as l_all from generate_series(1, 5000)'));
      const { used, taken } = measured();
      await wire.end();
      await bench.recording.drain();
      const named = splitOf(eventsWith(bench.recording, 'l_all'));
      const outside = splitOf(
        bench.recording.aggregates.filter(({ fingerprint }) => fingerprint === OUTSIDE_STATEMENTS),
      );
      expect(named.cpuNs).toBeLessThan(used * 1.1 + taken);
      expect(named.cpuNs + outside.cpuNs).toBeGreaterThan(used * 0.95);
    });

    test('a parallel query is charged for its workers', async () => {
      await bench.session(async (wire) => {
        await wire.run(query('create table l_many as select generate_series(1, 300000) as one'));
        await wire.run(query('set max_parallel_workers_per_gather = 2'));
        await wire.run(query('set parallel_setup_cost = 0'));
        await wire.run(query('set min_parallel_table_scan_size = 0'));
        await wire.run(query('set parallel_leader_participation = off'));
        await wire.run(query('select count(*) as l_parallel from l_many where one % 7 = 3'));
      });
      await bench.recording.drain();
      const ours = splitOf(eventsWith(bench.recording, 'l_parallel'));
      const gathered = (await waits('l_parallel')).get('IPC:ExecuteGather')?.ns ?? 0;
      expect(gathered).toBeGreaterThan(0);
      expect(ours.cpuNs).toBeGreaterThan(gathered / 4);
    });

    test('a change of level loses no counts', async () => {
      await bench.session(async (wire) => {
        await bench.recording.settings({ level: 'statements' });
        await wire.run(query('select pg_sleep(0.02) as l_changed'));
        await bench.recording.settings({ level: 'waits' });
        await wire.run(query('select pg_sleep(0.02) as l_changed'));
        await bench.recording.settings({ level: 'statements' });
        await wire.run(query('select pg_sleep(0.02) as l_changed'));
        await bench.recording.settings({ level: 'waits' });
      });
      const slept = (await waits('l_changed')).get('Timeout:PgSleep');
      expect(slept?.count).toBe(3);
      expect((await bench.recording.totals('l_changed')).calls).toBe(2);
    });

    test('shares of time by wait event are those of samples of pg_stat_activity', async () => {
      const work = ['select pg_sleep(0.007) as l_mixed', 'select count(*) as l_mixed from generate_series(1, 10000)'];
      const lock = 'select pg_advisory_xact_lock(9), pg_sleep(0.003) as l_mixed';
      let over = false;
      const clients = Array.from({ length: 3 }, async () => {
        await bench.session(async (wire) => {
          while (!over) for (const text of [...work, lock]) await wire.run(query(text));
        });
      });
      const samples = await sampleActivity(bench.server, 'l_mixed', MOMENTS);
      over = true;
      await Promise.all(clients);
      const waited = await waits('l_mixed');
      const { cpuNs, runQueueNs } = splitOf(eventsWith(bench.recording, 'l_mixed'));
      const ours = sharesOf(new Map([['cpu', cpuNs], ['queue', runQueueNs], ...[...waited].map(nsOf)]));
      const theirs = sharesOf(samples);
      // In the run queue behind a wait PostgreSQL still shows the wait, which is over.
      const queue = ours.get('queue') ?? 0;
      for (const [name, shown] of [
        ['cpu', ''],
        ...['Timeout:PgSleep', 'Lock:advisory'].map((event) => [event, event]),
      ]) {
        const share = ours.get(name ?? '') ?? 0;
        expect(theirs.get(shown ?? '')).toBeGreaterThan(share - SAMPLING_ERROR);
        expect(theirs.get(shown ?? '')).toBeLessThan(share + queue + SAMPLING_ERROR);
      }
    });
  },
  { builds: SUPPORTED_BUILDS, settings: { autovacuum: 'off' }, tracer: { level: 'waits', minDurationNs: 0 } },
);

describe('a server that cannot tell', () => {
  test('PostgreSQL 13 is refused at this level, with the remedy', async () => {
    const server = await startServer({ build: 'n13' });
    const recording = await Recording.start();
    try {
      await expect(recording.attach(server, { level: 'waits' })).rejects.toMatchObject({
        reason: 'UnsupportedLevel',
        message: /14 or newer.*statements/,
      });
    } finally {
      await recording.stop();
      await stopServers();
    }
  });
});

function nsOf([name, { ns }]: [string, WaitTime]): [string, number] {
  return [name, ns];
}
