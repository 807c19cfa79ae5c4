/** PostgreSQL 13, with its symbol table and without: what it does not export is said to be missing, the rest is right. */
import { expect, test } from '@jest/globals';
import { onEachBuild } from '../../fidelity.js';
import { frames, sqlstatesOf } from '../../servers/wire.js';

const { query } = frames;

onEachBuild(
  (bench) => {
    test("a session's first statement takes as long as it takes", async () => {
      await bench.session(async (wire) => {
        await wire.run(query('select pg_sleep(0.2) as f_first'));
        await wire.run(query('select pg_sleep(0.1) as f_second'));
      });
      const first = await bench.recording.totals('f_first');
      expect(first.calls).toBe(1);
      expect(first.counter('durationNs')).toBeGreaterThan(200e6);
      const second = await bench.recording.totals('f_second');
      expect(second.counter('durationNs')).toBeGreaterThan(100e6);
      // The time between two statements is nobody's.
      expect(second.counter('durationNs')).toBeLessThan(10e9);
    });

    test('failed statements are counted, with their SQLSTATEs', async () => {
      await bench.session(async (wire) => {
        expect(sqlstatesOf(await wire.run(query('select 1/0 as f_failed')))).toEqual(['22012']);
      });
      expect(await bench.recording.totals('f_failed')).toMatchObject({ calls: 0, errors: 1 });
      expect(await bench.recording.records('f_failed')).toMatchObject([{ reason: 'failed', sqlstate: '22012' }]);
    });

    test('bytes of the client, also of an answer that is sent in parts', async () => {
      await bench.session(async (wire) => {
        await wire.run(query("select repeat('x', 1000) as f_large from generate_series(1, 1000)"));
        await wire.run(query('select 1 as f_small'));
      });
      const large = await bench.recording.totals('f_large');
      expect(large).toMatchObject({ calls: 1, errors: 0 });
      expect(large.counter('networkSentBytes')).toBeGreaterThan(1_000_000);
      const small = await bench.recording.totals('f_small');
      expect(small.counter('networkSentBytes')).toBeLessThan(1000);
      expect(small.counter('networkReceivedBytes')).toBe(5 + 'select 1 as f_small'.length + 1);
    });
  },
  { builds: ['n13', 'x13'] },
);
