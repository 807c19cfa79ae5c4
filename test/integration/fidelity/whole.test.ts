/**
 * A whole workload at once, on every supported build: query by query as pg_stat_statements has it, and in sum as the server
 * itself counts.
 */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from '@jest/globals';
import { databaseSums, ioSums, type Sums, walSums } from '../../fidelity/server-sums.js';
import { browse, buyAndSell, createShop, DATABASE, fillBasket, QUIET, warmCatalogs } from '../../fidelity/workload.js';
import { type Bench, differences, onEachBuild, type StatementRow, statementRows, sumRows } from '../../fidelity.js';
import { childrenOf, SUPPORTED_BUILDS, waitUntil } from '../../servers.js';
import type { CounterName } from '../../tracer.js';

const TIMES = 50;
const WAIT_MS = 30_000;
const STATISTICS_DELAY_MS = 5000;

/** Until all sessions' backends have ended: then what they did has been counted, here and there. */
async function quiet({ server }: Bench): Promise<void> {
  const isSession = ({ pid }: { pid: number }) => commandLine(pid).startsWith('postgres: postgres ');
  expect(await waitUntil(() => !childrenOf(server.pid).some(isSession), WAIT_MS)).toBe(true);
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // it has ended
  }
}

async function databaseOid({ server }: Bench): Promise<number> {
  const [row] = await server.sql<{ oid: number }>(`select oid::int from pg_database where datname = '${DATABASE}'`);
  return row?.oid ?? 0;
}

/** Which queryid each fingerprint stands for, from records of single statements. */
async function queryIds(bench: Bench, oid: number): Promise<Map<string, string>> {
  await bench.recording.drain();
  const records = bench.recording.statements.filter((event) => event.databaseOid === oid && event.queryId !== '0');
  return new Map(
    records.map(({ fingerprint, queryId }) => [fingerprint, BigInt.asIntN(64, BigInt(queryId)).toString()]),
  );
}

/** Each statement becomes a record, for its queryid; how many long waits it had depends on the disk. */
const RECORDED = { minDurationNs: 0, minWaitNs: 600e9 };

onEachBuild(
  (bench) => {
    let oid = 0;

    test('the shop is built', async () => {
      await createShop(bench.server);
      oid = await databaseOid(bench);
      // From cold data, but with warm catalogs.
      await bench.recording.tracer.detach('local');
      await bench.server.restart();
      await bench.recording.attach(bench.server, RECORDED);
      await warmCatalogs(bench.server);
      await quiet(bench);
    });

    test('each query: calls, rows, blocks, WAL and time', async () => {
      await browse(bench.server, TIMES);
      await buyAndSell(bench.server, TIMES);
      await fillBasket(bench.server);
      await quiet(bench);
      const known = await queryIds(bench, oid);
      const rows = (await statementRows(bench.server)).filter(
        ({ databaseOid, calls }) => databaseOid === oid && calls > 0,
      );
      const ours = (row: StatementRow) =>
        bench.recording.sum((event) => event.databaseOid === oid && known.get(event.fingerprint) === row.queryId);
      // Of several texts with one queryid pg_stat_statements shows the first.
      const byQueryId = [...Map.groupBy(rows, ({ queryId }) => queryId).values()];
      const found = byQueryId.flatMap((group) =>
        group[0] === undefined
          ? []
          : differences(ours(group[0]), sumRows(group)).map((difference) => `${group[0]?.query}: ${difference}`),
      );
      expect(found).toEqual([]);
      expect(byQueryId.length).toBeGreaterThan(25);
      const all = bench.recording.sum((event) => event.databaseOid === oid);
      expect(all.errors).toBe(0);
      expect(all.calls).toBe(sumRows(rows).calls);
      expect(all.counter('sharedBlocksRead')).toBeGreaterThan(3500);
      expect(all.counter('localBlocksHit')).toBeGreaterThan(100);
      expect(all.counter('tempBlocksWritten')).toBeGreaterThan(100);
      expect(await bench.recording.losses()).toEqual({});
    });

    test('the sum over all queries: blocks as in pg_stat_database', async () => {
      await expectSameGrowth(bench, databaseSums, () => browse(bench.server, TIMES));
    });

    test('the sum over all queries: WAL as in pg_stat_wal', async () => {
      await expectSameGrowth(bench, walSums, () => buyAndSell(bench.server, TIMES));
    });

    test('the sum over all queries: blocks as in pg_stat_io, where the server has it', async () => {
      const work = async () => {
        await browse(bench.server, TIMES);
        await buyAndSell(bench.server, TIMES);
      };
      if (bench.server.major >= 16) await expectSameGrowth(bench, ioSums, work);
      else await expect(bench.server.sql('select from pg_stat_io')).rejects.toThrow('does not exist');
    });
  },
  // What planning reads of tables and indexes is told by pg_stat_statements, too, if it is asked.
  {
    builds: SUPPORTED_BUILDS,
    settings: { ...QUIET, 'pg_stat_statements.track_planning': 'on' },
    tracer: RECORDED,
  },
);

type Reading = (server: Bench['server']) => Promise<Sums>;

/** The server's sums grow by what the tracer counts over all sessions of all databases. */
async function expectSameGrowth(bench: Bench, read: Reading, work: () => Promise<void>): Promise<void> {
  await quiet(bench);
  await bench.recording.reset();
  const before = await read(bench.server);
  await work();
  const names = Object.keys(before) as CounterName[];
  const compare = async () => {
    await quiet(bench);
    await bench.recording.drain();
    const sum = bench.recording.sum(({ target }) => target === 'local');
    const after = await read(bench.server);
    return {
      tracer: Object.fromEntries(names.map((name) => [name, sum.counter(name)])),
      server: Object.fromEntries(names.map((name) => [name, (after[name] ?? 0) - (before[name] ?? 0)])),
    };
  };
  // In 14 the server's statistics arrive a moment later, from a collector.
  let { tracer, server } = await compare();
  await waitUntil(async () => {
    ({ tracer, server } = await compare());
    return isDeepStrictEqual(tracer, server);
  }, STATISTICS_DELAY_MS);
  expect(tracer).toEqual(server);
}
