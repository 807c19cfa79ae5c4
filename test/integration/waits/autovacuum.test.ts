/** Autovacuum: which table it works on, and what that took, against what the server itself logs. */
import { describe, expect, test } from '@jest/globals';
import { type AggregateEvent, OUTSIDE_STATEMENTS, type TracerSettings } from '../../../agent/tracer/events.js';
import { waitsOf } from '../../fidelity/waits.js';
import { type Bench, onEachBuild } from '../../fidelity.js';
import { SUPPORTED_BUILDS, waitUntil } from '../../servers.js';

const LEVELS: TracerSettings['level'][] = ['statements', 'waits'];
/** What a worker writes beside the vacuum itself: statistics of the table, its row in pg_class. */
const BESIDE_BLOCKS = 300;
const BESIDE_RECORDS = 100;

const settings = {
  autovacuum_naptime: '1s',
  autovacuum_vacuum_threshold: 50,
  autovacuum_vacuum_scale_factor: 0,
  // The table is vacuumed, and not analyzed.
  autovacuum_analyze_threshold: 1_000_000_000,
  autovacuum_vacuum_insert_threshold: 1_000_000_000,
  log_autovacuum_min_duration: 0,
};

describe.each(LEVELS)('level %s', (level) => {
  onEachBuild(
    (bench) => {
      test('a worker that finds nothing to do is no client’s work', async () => {
        const workers = () =>
          bench.recording.aggregates.filter(({ backendType }) => backendType === 'autovacuum worker');
        // Until the first one has come, sessions of the test's own may still be ending.
        for (const which of ['a worker', 'the next one']) {
          await bench.recording.reset();
          await bench.recording.until(() => workers().some(({ cpuNs = 0 }) => cpuNs > 0), which);
        }
        expect(workers().every(({ work }) => work === undefined)).toBe(true);
        const outside = bench.recording.aggregates.filter(({ fingerprint }) => fingerprint === OUTSIDE_STATEMENTS);
        // No client was there.
        if (outside.length) console.log(JSON.stringify(outside));
        expect(outside).toEqual([]);
      });

      test('is told by table, with its blocks, its WAL and its waits', async () => {
        await bench.server.sql(`
          create table a_named as select generate_series(1, 50000) as one;
          delete from a_named where one % 3 = 0`);
        const logged = await vacuumLogged(bench, 'public.a_named');
        const work = 'VACUUM public.a_named';
        const told = () => bench.recording.aggregates.filter((event) => event.work === work);
        const sum = (value: (event: AggregateEvent) => number | undefined) =>
          told().reduce((all, event) => all + (value(event) ?? 0), 0);
        await bench.recording.until(() => sum(({ walRecords }) => walRecords) >= logged.walRecords, work);
        expect(told().every(({ backendType, calls }) => backendType === 'autovacuum worker' && calls === 0)).toBe(true);
        expect(sum(({ walRecords }) => walRecords)).toBeLessThanOrEqual(logged.walRecords + BESIDE_RECORDS);
        const blocks = sum(({ sharedBlocksHit = 0, sharedBlocksRead = 0 }) => sharedBlocksHit + sharedBlocksRead);
        expect(blocks).toBeGreaterThanOrEqual(logged.blocks);
        expect(blocks).toBeLessThanOrEqual(logged.blocks + BESIDE_BLOCKS);
        expect(sum(({ sharedBlocksDirtied }) => sharedBlocksDirtied)).toBeGreaterThanOrEqual(logged.dirtied);
        expect(sum(({ cpuNs }) => cpuNs)).toBeGreaterThan(0);
        const waits = waitsOf(
          bench.server,
          told().flatMap((event) => event.waits ?? []),
        );
        expect(waits.get('Timeout:VacuumDelay')?.count).toBeGreaterThan(0);
      });
    },
    { builds: level === 'statements' ? SUPPORTED_BUILDS : ['n18'], settings, tracer: { level } },
  );
});

interface Logged {
  blocks: number;
  dirtied: number;
  walRecords: number;
}

/** What the server says of its vacuum of this table; 18 tells "reads" where others tell "misses". */
async function vacuumLogged({ server }: Bench, table: string): Promise<Logged> {
  let found: RegExpMatchArray | undefined;
  await waitUntil(async () => {
    const entries = (await server.log()).split('automatic vacuum of table ').slice(1);
    const entry = entries.find((each) => each.startsWith(`"postgres.${table}"`));
    found =
      entry?.match(/buffer usage: (\d+) hits, (\d+) (?:misses|reads), (\d+) dirtied[\s\S]*WAL usage: (\d+) records/) ??
      undefined;
    return found !== undefined;
  }, 60_000);
  const [hits = 0, reads = 0, dirtied = 0, walRecords = 0] = (found ?? []).slice(1).map(Number);
  return { blocks: hits + reads, dirtied, walRecords };
}
