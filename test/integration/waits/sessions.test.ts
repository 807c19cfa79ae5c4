/** What sessions are at, what memory their processes hold, and how far away their clients are. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { ProcessMemory, Sessions } from '../../../agent/tracer/events.js';
import { waitUntilItWaits } from '../../fidelity/waits.js';
import { type Bench, onEachBuild } from '../../fidelity.js';
import { frames, Wire } from '../../servers/wire.js';
import { SUPPORTED_BUILDS } from '../../servers.js';

const { query } = frames;
const MIB = 2 ** 20;

async function sessionsNow({ recording }: Bench): Promise<Sessions> {
  await recording.drain();
  const sessions = recording.lastDrain?.targets.find(({ target }) => target === 'local')?.sessions;
  if (sessions === undefined) throw new Error('the drain told no sessions');
  return sessions;
}

/** Pages of one process alone, as the kernel finds them in its page tables. */
function privateBytesOf(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(rollup.match(/^Anonymous: +(\d+) kB$/m)?.[1]) * 1024;
}

onEachBuild(
  (bench) => {
    test('sessions by state', async () => {
      const [idle, open, failed, active] = await Promise.all([1, 2, 3, 4].map(() => Wire.connect(bench.server)));
      await idle?.run(query('select 1'));
      await open?.run(query('begin'));
      await failed?.run(query('begin'));
      await failed?.run(query('select 1/0'));
      await active?.run(query('select 1'));
      active?.send(query('select pg_sleep(600)'));
      await waitUntilItWaits(bench.server, active?.processId ?? 0, 'PgSleep');
      const { states } = await sessionsNow(bench);
      expect(states).toMatchObject({
        active: 1,
        'idle in transaction': 1,
        'idle in transaction (aborted)': 1,
        'fastpath function call': 0,
        disabled: 0,
      });
      expect(states.idle).toBeGreaterThanOrEqual(1); // the test's own session is there, too
      await bench.server.sql(`select pg_cancel_backend(${active?.processId})`);
      await active?.untilReady();
      await Promise.all([idle, open, failed, active].map(async (wire) => await wire?.end()));
    });

    test('memory that a session has come to hold, and by how much it grew', async () => {
      const wire = await Wire.connect(bench.server);
      await wire.run(query("set work_mem = '512MB'"));
      await wire.run(query('begin'));
      const before = await sessionsNow(bench);
      // A cursor holds what it has sorted until it is closed.
      await wire.run(
        query('declare m cursor for select repeat(i::text, 60) from generate_series(1, 200000) i order by 1'),
      );
      await wire.run(query('fetch 1 from m'));
      const after = await sessionsNow(bench);
      const held = privateBytesOf(wire.processId);
      const [largest] = after.largest;
      expect(largest).toMatchObject({ pid: wire.processId, backendType: 'client backend' });
      const { privateBytes, grownBytes } = largest as ProcessMemory;
      expect(privateBytes).toBeGreaterThan(40 * MIB);
      expect(Math.abs(privateBytes - held)).toBeLessThan(2 * MIB);
      expect(grownBytes).toBeGreaterThan(40 * MIB);
      expect(after.privateBytes - before.privateBytes).toBeGreaterThan(40 * MIB);
      expect(after.sharedBytes).toBeGreaterThan(MIB);
      await wire.end();
    });

    test('how far away a client is: over TCP, and not over a unix socket', async () => {
      await bench.session(async (wire) => {
        await wire.run(query('select 1 as s_tcp'));
        await wire.run(query('select 2 as s_tcp'));
      });
      await bench.session(
        async (wire) => {
          await wire.run(query('select 1 as s_unix'));
        },
        { over: 'unix' },
      );
      const { roundTrips = 0, roundTripNs = 0 } = await sessionsNow(bench);
      expect(roundTrips).toBeGreaterThan(0);
      expect(roundTripNs / roundTrips).toBeGreaterThan(1000);
      const tcp = await bench.recording.records('s_tcp');
      expect(tcp).toHaveLength(2);
      for (const { clientRoundTripNs = 0 } of tcp) {
        expect(clientRoundTripNs).toBeGreaterThan(1000);
        expect(clientRoundTripNs).toBeLessThan(1e9);
      }
      const unix = await bench.recording.records('s_unix');
      expect(unix.map(({ clientRoundTripNs }) => clientRoundTripNs)).toEqual([undefined]);
    });
  },
  { builds: SUPPORTED_BUILDS, settings: { autovacuum: 'off' }, tracer: { minDurationNs: 0 } },
);
