/** Counters that the kernel keeps, I/O times, parallel workers: whose they are and how much they must be. */
import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { type Bench, onEachBuild } from '../../fidelity.js';
import { frames, sqlstatesOf } from '../../servers/wire.js';

const { query } = frames;
const BLOCK = 8192;

/** I/O times of statements with this marker as pg_stat_statements has them, ns; their columns have changed names twice. */
async function ioTimes({ server }: Bench, marker: string): Promise<{ read: number; write: number }> {
  const kinds = server.major >= 17 ? ['shared_', 'local_', 'temp_'] : server.major >= 15 ? ['', 'temp_'] : [''];
  const sum = (direction: string) => kinds.map((kind) => `${kind}blk_${direction}_time`).join(' + ');
  const text = `select query, ${sum('read')} as read, ${sum('write')} as write from pg_stat_statements`;
  const rows = (await server.sql<{ query: string; read: number; write: number }>(text)).filter((row) =>
    row.query.includes(marker),
  );
  const add = (name: 'read' | 'write') => rows.reduce((total, row) => total + row[name] * 1e6, 0);
  return { read: add('read'), write: add('write') };
}

/** Forgets what the page cache holds of a table, which must have been written back; its blocks then come from the disk. */
async function forgetPages({ server }: Bench, table: string): Promise<void> {
  await server.sql('checkpoint');
  const [row] = await server.sql<{ path: string }>(`select pg_relation_filepath('${table}') as path`);
  await execa('dd', [`if=${server.dataDirectory}/${row?.path}`, 'iflag=nocache', 'count=0', 'status=none']);
}

onEachBuild(
  (bench) => {
    test('the table of these tests', async () => {
      await bench.session(async (wire) => {
        const text =
          "create table f_many as select i, i % 7 as j, repeat('x', 100) as k from generate_series(1, 100000) as i; vacuum analyze f_many";
        for (const part of text.split('; ')) expect(sqlstatesOf(await wire.run(query(part)))).toEqual([]);
      });
    });

    test('CPU time: not more than the time that passed, and nearly all of it where nothing waits', async () => {
      const began = performance.now();
      let busyMs = 0;
      await bench.session(async (wire) => {
        for (let i = 0; i < 3; i++)
          await wire.run(query('select sum(i % 3) as f_busy from generate_series(1, 300000) as i'));
        busyMs = performance.now() - began;
        await wire.run(query('select pg_sleep(0.2) as f_asleep'));
      });
      const busy = await bench.expectSame('f_busy', { calls: 3, rows: 3 });
      // Sending the answer, when the statement's time is over, takes CPU time too: the client's clock has both.
      expect(busy.counter('cpuNs')).toBeLessThanOrEqual(busyMs * 1e6);
      // Whoever does not wait runs, or waits for a CPU; the rest is what switching takes.
      expect(busy.counter('cpuNs') + busy.counter('runQueueNs')).toBeGreaterThan(0.9 * busy.counter('durationNs'));
      const asleep = await bench.expectSame('f_asleep', { calls: 1, rows: 1 });
      expect(asleep.counter('durationNs')).toBeGreaterThan(200e6);
      expect(asleep.counter('cpuNs')).toBeLessThan(50e6);
    });

    test('page faults: a sort in memory that was not there before', async () => {
      await bench.session(async (wire) => {
        await wire.run(query("set work_mem = '64MB'"));
        await wire.run(query('select k from f_many order by j, i desc offset 99999 /* f_faults */'));
      });
      const ours = await bench.recording.totals('order by j, i desc offset');
      expect(ours.counter('minorFaults')).toBeGreaterThan(500);
    });

    test('storage reads: what the page cache does not have comes from the disk', async () => {
      await forgetPages(bench, 'f_many');
      await bench.restart();
      await bench.session(async (wire) => {
        await wire.run(query('set max_parallel_workers_per_gather = 0'));
        await wire.run(query('select count(k) as f_cold from f_many'));
      });
      const ours = await bench.recording.totals('f_cold');
      const bytes = ours.counter('sharedBlocksRead') * BLOCK;
      expect(bytes).toBeGreaterThan(10e6);
      // From 18 on the I/O workers read, unless io_method says otherwise.
      if (bench.server.major < 18) expect(ours.counter('storageReadBytes')).toBeGreaterThan(0.9 * bytes);
      expect(ours.counter('storageReadBytes')).toBeLessThan(2 * bytes);
    });

    test('I/O times with track_io_timing: as in pg_stat_statements', async () => {
      await bench.restart();
      await bench.session(async (wire) => {
        await wire.run(query("set max_parallel_workers_per_gather = 0; set work_mem = '64kB'"));
        await wire.run(query('create temp table f_timed as select i, k from f_many order by k, i desc'));
        await wire.run(query('select count(*), max(k) from f_timed'));
      });
      const ours = await bench.recording.totals('f_timed');
      const theirs = await ioTimes(bench, 'f_timed');
      expect(theirs.read).toBeGreaterThan(0);
      if (bench.server.major >= 15) expect(theirs.write).toBeGreaterThan(0); // 14 has no times of temporary files
      // Not less, since what parsing reads counts, too; the rounding of a double's milliseconds is allowed for.
      expect(ours.counter('blockReadNs')).toBeGreaterThanOrEqual(Math.floor(theirs.read) - 10);
      expect(ours.counter('blockWriteNs')).toBeGreaterThanOrEqual(Math.floor(theirs.write) - 10);
      expect(ours.counter('blockReadNs')).toBeLessThan(theirs.read * 1.2 + 5e6);
      expect(ours.counter('blockWriteNs')).toBeLessThan(theirs.write * 1.2 + 5e6);
    });

    test('a parallel query: the workers’ blocks once, and their CPU time', async () => {
      await bench.restart();
      const settings =
        'set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0; set max_parallel_workers_per_gather = 2';
      await bench.session(async (wire) => {
        await wire.run(query(settings));
        const plan = await wire.run(query('explain select sum(length(k) + i % 3 + sqrt(j)) from f_many'));
        expect(plan.map(({ body }) => body.toString()).join('\n')).toContain('Workers Planned: 2');
        for (let i = 0; i < 5; i++) {
          await wire.run(query('select sum(length(k) + i % 3 + sqrt(j)) as f_parallel from f_many'));
        }
      });
      const ours = await bench.expectSame('f_parallel', { calls: 5, rows: 5 });
      expect(ours.counter('sharedBlocksRead') + ours.counter('sharedBlocksHit')).toBeLessThan(5 * 1.5 * 2000);
      // Three processes work: more CPU time than time, or less where fewer CPUs are free, but not a third.
      expect(ours.counter('cpuNs') + ours.counter('runQueueNs')).toBeGreaterThan(ours.counter('durationNs'));
    });
  },
  { settings: { track_io_timing: 'on', shared_buffers: '16MB', autovacuum: 'off', jit: 'off' } },
);
