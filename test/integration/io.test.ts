/** System calls on files, by kind of file, operation and type of process, as PostgreSQL's own statistics count them. */
import { expect, test } from '@jest/globals';
import { waitEvent } from '../../agent/waits.js';
import { fileSums, forgetPages, rememberPages, serverIo, untilSame } from '../fidelity/files.js';
import { type Bench, onEachBuild } from '../fidelity.js';
import { frames } from '../servers/wire.js';
import { removeServer, SUPPORTED_BUILDS, startServer } from '../servers.js';

const { query } = frames;
const BLOCK = 8192;
/** At which level they are counted on every kernel. */
const PHASES = { level: 'phases', minDurationNs: null } as const;
/** Nothing but the tests writes or reads. */
const QUIET = { autovacuum: 'off', bgwriter_lru_maxpages: 0, checkpoint_timeout: '1h', max_wal_size: '4GB' };

async function run(bench: Bench, ...texts: string[]): Promise<void> {
  await bench.session(async (wire) => {
    for (const text of texts) await wire.run(query(text));
  });
}

/** Reads a table of some 14 MB that neither the server nor the page cache has; what PostgreSQL has counted before. */
async function readColdTable(bench: Bench): Promise<{ reads: number; readBytes: number }> {
  await forgetPages(bench, 'f_files');
  await bench.restart();
  const before = bench.server.major < 16 ? { reads: 0, readBytes: 0 } : await serverIo(bench.server, 'relation');
  await bench.recording.reset();
  await run(bench, 'set max_parallel_workers_per_gather = 0', 'select count(k) as f_cold from f_files');
  return before;
}

async function tableBytes({ server }: Bench): Promise<number> {
  const [row] = await server.sql<{ bytes: string }>("select pg_relation_size('f_files') as bytes");
  return Number(row?.bytes);
}

const reads = (bench: Bench) => fileSums(bench, { kind: 'relation', operations: ['read'] });

onEachBuild(
  (bench) => {
    test('the table of these tests', async () => {
      await run(
        bench,
        "create table f_files as select i, repeat('x', 100) as k from generate_series(1, 100000) as i",
        'vacuum f_files',
      );
    });

    test('reads of a table: as many and as long as PostgreSQL counts, and from storage', async () => {
      const before = await readColdTable(bench);
      if (bench.server.major >= 16) {
        const both = await untilSame(
          bench,
          () => ({ readBytes: reads(bench).bytes }),
          async () => ({ readBytes: (await serverIo(bench.server, 'relation')).readBytes - before.readBytes }),
        );
        expect(both.ours).toEqual(both.theirs);
        // 17 counts blocks, not calls.
        if (bench.server.major !== 17)
          expect(reads(bench).calls).toBe((await serverIo(bench.server, 'relation')).reads - before.reads);
      }
      await bench.recording.drain();
      const { bytes, calls, measured, errors, durationNs, storageReadBytes, backendTypes } = reads(bench);
      const size = await tableBytes(bench);
      expect(bytes).toBeGreaterThanOrEqual(size);
      expect(bytes).toBeLessThan(1.1 * size);
      expect(measured).toBe(calls);
      expect(errors).toBe(0);
      expect(durationNs).toBeGreaterThan(0);
      expect(storageReadBytes).toBeGreaterThan(0.9 * size);
      expect(storageReadBytes).toBeLessThan(2 * size);
      // The relation's blocks are 18's I/O workers' to read.
      expect(backendTypes).toContain(bench.server.major < 18 ? 'client backend' : 'io worker');
      // Whoever reads, the statement is charged with the wait.
      expect(waitsOfQuery(bench, 'f_cold')).toContain(bench.server.major < 18 ? 'DataFileRead' : 'AioIoCompletion');
    });

    test('the same from the page cache: as many bytes, none of them from storage', async () => {
      await bench.restart();
      await rememberPages(bench, 'f_files');
      await bench.recording.reset();
      await run(bench, 'set max_parallel_workers_per_gather = 0', 'select count(k) as f_warm from f_files');
      await bench.recording.drain();
      const { bytes, storageReadBytes } = reads(bench);
      expect(bytes).toBeGreaterThanOrEqual(await tableBytes(bench));
      expect(storageReadBytes).toBeLessThan(0.1 * bytes);
    });

    test('a checkpoint: writes and syncs of the checkpointer', async () => {
      // The checkpointer tells what it did after each one: when the second has ended, of the first all is told.
      await run(bench, 'checkpoint', 'checkpoint');
      const before = bench.server.major < 16 ? undefined : await serverIo(bench.server, 'relation');
      await bench.recording.reset();
      await run(bench, 'update f_files set i = i + 1 where i <= 20000', 'checkpoint', 'checkpoint');
      const writes = () => fileSums(bench, { kind: 'relation', operations: ['write'], event: /^datafilewrite$/ });
      const syncs = () => fileSums(bench, { kind: 'relation', operations: ['sync'] });
      const extended = () =>
        fileSums(bench, { kind: 'relation', operations: ['write', 'allocate'], event: /^datafileextend$/ });
      if (before !== undefined) {
        const both = await untilSame(
          bench,
          () => ({
            writes: writes().calls,
            writeBytes: writes().bytes,
            extendBytes: extended().bytes,
            fsyncs: syncs().calls,
          }),
          async () => {
            const now = await serverIo(bench.server, 'relation');
            return {
              writes: now.writes - before.writes,
              writeBytes: now.writeBytes - before.writeBytes,
              extendBytes: now.extendBytes - before.extendBytes,
              fsyncs: now.fsyncs - before.fsyncs,
            };
          },
        );
        expect(both.ours).toEqual(both.theirs);
      }
      await bench.recording.drain();
      expect(writes().bytes).toBeGreaterThan(200 * BLOCK);
      expect(writes().backendTypes).toContain('checkpointer');
      expect(syncs().calls).toBeGreaterThan(0);
      expect(syncs().backendTypes).toEqual(['checkpointer']);
      expect(extended().backendTypes).toEqual(['client backend']);
      // Pages are handed to storage before the sync.
      expect(fileSums(bench, { kind: 'relation', operations: ['writeback'] }).bytes).toBeGreaterThan(0);
    });

    test('WAL: one write and one sync for each commit', async () => {
      await run(bench, 'create table f_wal (i int)', 'checkpoint');
      const walOf = async () => {
        if (bench.server.major >= 18) {
          const { writeBytes, fsyncs } = await serverIo(bench.server, 'wal');
          return { writes: writeBytes, syncs: fsyncs };
        }
        const [row] = await bench.server.sql<{ wal_write: string; wal_sync: string }>(
          'select wal_write, wal_sync from pg_stat_wal',
        );
        return { writes: Number(row?.wal_write), syncs: Number(row?.wal_sync) };
      };
      await settled(bench);
      const before = await walOf();
      await bench.recording.reset();
      await bench.session(async (wire) => {
        for (let i = 0; i < 20; i++) await wire.run(query(`insert into f_wal values (${i})`));
      });
      const commits = fileSumsOfWal(bench);
      const both = await untilSame(
        bench,
        () => {
          const { writes, syncs } = commits();
          return { writes: bench.server.major >= 18 ? writes.bytes : writes.calls, syncs: syncs.calls };
        },
        async () => {
          const now = await walOf();
          return { writes: now.writes - before.writes, syncs: now.syncs - before.syncs };
        },
      );
      expect(both.ours).toEqual(both.theirs);
      const own = fileSums(bench, { kind: 'wal', operations: ['sync'], backendType: 'client backend' });
      expect(own.calls).toBeGreaterThanOrEqual(20);
      expect(own.durationNs).toBeGreaterThan(0);
    });

    test('temporary files: the blocks that the statement has written and read', async () => {
      await run(
        bench,
        'set max_parallel_workers_per_gather = 0',
        "set work_mem = '64kB'",
        'select k from f_files order by k, i desc offset 99999 /* f_sorted */',
      );
      const statement = await bench.recording.totals('order by k, i desc offset');
      const written = fileSums(bench, { kind: 'temporary', operations: ['write'] });
      const read = fileSums(bench, { kind: 'temporary', operations: ['read'] });
      expect(written.bytes).toBe(statement.counter('tempBlocksWritten') * BLOCK);
      expect(written.calls).toBe(statement.counter('tempBlocksWritten'));
      expect(read.bytes).toBe(statement.counter('tempBlocksRead') * BLOCK);
      expect(written.backendTypes).toEqual(['client backend']);
    });

    test('files of another server, and of other programs, are not counted', async () => {
      const other = await startServer({ build: bench.server.build, settings: QUIET });
      await other.sql("create table f_other as select i, repeat('x', 100) as k from generate_series(1, 100000) as i");
      await other.restart();
      await settled(bench);
      await bench.recording.reset();
      await other.sql('select count(k) from f_other');
      await other.sql('checkpoint');
      await bench.recording.drain();
      expect(reads(bench).bytes).toBe(0);
      expect(fileSums(bench, { kind: 'relation' }).calls).toBe(0);
      await removeServer(other);
    });

    test('nothing is lost', async () => {
      const losses = await bench.recording.losses();
      expect(losses.ioOverflow ?? 0).toBe(0);
      expect(bench.recording.attached.get('local')?.missing.join()).not.toContain('system calls');
    });

    test('below level phases: where the kernel has hooks on single system calls', async () => {
      const { recording, server } = bench;
      const restricted = recording.tracer.ready.features.io !== 'functions';
      await recording.tracer.detach('local');
      await recording.attach(server, { level: 'statements' });
      await recording.reset();
      await run(bench, 'checkpoint');
      await recording.drain();
      expect(fileSums(bench, {}).calls > 0).toBe(!restricted);
      await recording.settings(PHASES);
      await run(bench, 'create table f_told as select generate_series(1, 1000)', 'checkpoint');
      await recording.drain();
      expect(fileSums(bench, { operations: ['sync'] }).calls).toBeGreaterThan(0);
    });
  },
  { builds: SUPPORTED_BUILDS, settings: QUIET, tracer: PHASES },
);

/** Two checkpoints later no process has anything left to tell. */
async function settled(bench: Bench): Promise<void> {
  await run(bench, 'checkpoint', 'checkpoint');
}

function fileSumsOfWal(bench: Bench) {
  const of18 = bench.server.major >= 18;
  return () => ({
    writes: fileSums(bench, { kind: 'wal', operations: ['write'], ...(of18 ? {} : { event: /^walwrite$/ }) }),
    syncs: fileSums(bench, { kind: 'wal', operations: ['sync'], ...(of18 ? {} : { event: /^walsync$/ }) }),
  });
}

onEachBuild(
  (bench) => {
    test('io_method = sync: the session itself reads, and waits for it', async () => {
      await run(
        bench,
        "create table f_files as select i, repeat('x', 100) as k from generate_series(1, 100000) as i",
        'vacuum f_files',
      );
      const before = await readColdTable(bench);
      const both = await untilSame(
        bench,
        () => ({ calls: reads(bench).calls, bytes: reads(bench).bytes }),
        async () => {
          const now = await serverIo(bench.server, 'relation');
          return { calls: now.reads - before.reads, bytes: now.readBytes - before.readBytes };
        },
      );
      expect(both.ours).toEqual(both.theirs);
      expect(reads(bench).bytes).toBeGreaterThanOrEqual(await tableBytes(bench));
      expect(reads(bench).backendTypes).toEqual(['client backend']);
      expect(waitsOfQuery(bench, 'f_cold')).toContain('DataFileRead');
    });
  },
  { builds: ['n18'], settings: { ...QUIET, io_method: 'sync' }, tracer: PHASES },
);

onEachBuild(
  (bench) => {
    test('13 names no wait events: its system calls are counted, and of which kind the files are is not known', async () => {
      await run(bench, 'create table f_files as select generate_series(1, 10000) as i', 'checkpoint');
      await bench.recording.drain();
      const syncs = fileSums(bench, { operations: ['sync'] });
      expect(syncs.backendTypes).toEqual(expect.arrayContaining(['checkpointer', 'client backend']));
      expect(fileSums(bench, { kind: 'unknown' }).calls).toBe(fileSums(bench, {}).calls);
      const missing = bench.recording.attached.get('local')?.missing.join('\n');
      expect(missing).toContain('which kinds of files are read and written, cannot be told');
    });
  },
  { builds: ['n13'], settings: QUIET, tracer: PHASES },
);

/** Names of what the statements with this marker have waited for. */
function waitsOfQuery({ recording, server }: Bench, marker: string): string[] {
  const events = recording.aggregates.filter((event) => recording.text(event).includes(marker));
  return events.flatMap(({ waits = [] }) => waits.map(({ event }) => waitEvent(server.major, event)?.name ?? ''));
}
