/** pg_read_sleep.bpftrace against PostgreSQL's own counts of blocks, and the kernel's of bytes from devices. */
import { join } from 'node:path';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { execa } from 'execa';
import { ioOf } from '../../programs/proc.js';
import { Traced } from '../../programs.js';
import {
  type Build,
  childrenOf,
  type Server,
  type Settings,
  startServer,
  stopServers,
  waitUntil,
} from '../../servers.js';

jest.setTimeout(300_000);
afterAll(stopServers);

const CASES: [string, Build, Settings][] = [
  ['n14', 'n14', {}],
  ['d15', 'd15', { cluster_name: 'main' }],
  ['d17', 'd17', {}],
  ['n18, io_method worker', 'n18', { io_method: 'worker' }],
  ['n18, io_method sync', 'n18', { io_method: 'sync' }],
];
const BLOCK = 8192;
const PATIENCE_MS = 60_000;
/** A table of more than a quarter of shared_buffers is read through a ring of few buffers, again in each scan. */
const settings: Settings = {
  autovacuum: 'off',
  shared_buffers: '32MB',
  max_parallel_workers_per_gather: 0,
  jit: 'off',
};
const SCAN = 'select sum(length(filler)) from scanned';
const LOOKUP = 'select count(id) from scanned where id % 1000 > 100';
const SORT = 'select id from scanned order by filler, id desc offset 39999';

describe.each(CASES)('%s', (_, build, method) => {
  test('bytes by kind of file, from device and from page cache', async () => {
    const server = await startServer({ build, settings: { ...settings, ...method } });
    await server.sql(`
      create table scanned as select i as id, rpad(i::text, 1000, 'x') as filler from generate_series(1, 40000) i;
      create index on scanned (id)`);
    await server.sql('vacuum scanned');
    await server.restart();
    await forget(server, 'scanned');
    await forget(server, 'scanned_id_idx');
    const client = await server.client();
    const before = await settled(server);
    const traced = await Traced.start('pg_read_sleep.bpftrace', server);
    const counted = deviceBytes(server);
    await client.query(SCAN);
    await client.query(SCAN);
    await client.query("set enable_seqscan = off; set work_mem = '64kB'");
    await client.query(LOOKUP);
    await client.query(SORT);
    const fromDevice = deviceBytes(server) - counted;
    const tableBytes = Number((await client.query("select pg_relation_size('scanned') as n")).rows[0]?.n);
    await client.end();
    const report = await traced.end();

    const bytes = (...kinds: string[]) => report.sum('read_bytes', (_type, kind = '') => kinds.includes(kind));
    // What sessions have read is told at their end, or a little later.
    const told = async () => {
      const { tables, indexes } = await blocks(server);
      return { tables: (tables - before.tables) * BLOCK, indexes: (indexes - before.indexes) * BLOCK };
    };
    const ours = { tables: bytes('table', 'relation', 'relation FSM', 'relation VM'), indexes: bytes('index') };
    let theirs = await told();
    await waitUntil(async () => {
      theirs = await told();
      return theirs.tables >= ours.tables;
    }, PATIENCE_MS);
    expect(ours).toEqual(theirs);
    expect(ours.tables).toBeGreaterThan(2 * tableBytes);
    expect(ours.indexes).toBeGreaterThan(BLOCK);

    // The first scan reads the table from the device (a page or two may have stayed in the cache), the second nothing.
    const device = report.sum('device_bytes');
    expect(Math.abs(device - fromDevice)).toBeLessThan(0.02 * fromDevice);
    expect(device).toBeGreaterThan(0.95 * tableBytes);
    expect(device).toBeLessThan(1.5 * tableBytes);
    expect(
      report.sum('read_bytes', (_type, kind, source) => kind === 'table' && source === 'page cache'),
    ).toBeGreaterThan(tableBytes);
    const reader = method.io_method === 'worker' ? 'io worker' : 'client backend';
    expect(report.sum('device_bytes', (type) => type === reader)).toBeGreaterThan(0.9 * tableBytes);

    expect(report.ofStatement('statement_us', SCAN)).toBeGreaterThan(0);
    expect(report.sum('read_us', (type) => type === 'client backend')).toBeGreaterThan(0);
    expect(bytes('temporary')).toBeGreaterThan(0);
  });
});

/** Storage I/O of all processes of a server. */
function deviceBytes(server: Server): number {
  return childrenOf(server.pid).reduce((sum, { pid }) => sum + ioOf(pid).readBytes, 0);
}

/** Takes a relation's file out of the page cache. */
async function forget(server: Server, relation: string): Promise<void> {
  const [row] = await server.sql<{ path: string }>(`select pg_relation_filepath('${relation}') as path`);
  const file = join(server.dataDirectory, row?.path ?? '');
  await execa('dd', [`if=${file}`, 'iflag=nocache', 'count=0', 'status=none']);
}

/** With the catalogs in shared buffers, so that sessions to come read nothing, and when all has been told. */
async function settled(server: Server): Promise<Awaited<ReturnType<typeof blocks>>> {
  let [last, since] = [await blocks(server), performance.now()];
  await waitUntil(async () => {
    const now = await blocks(server);
    if (now.tables !== last.tables || now.indexes !== last.indexes) [last, since] = [now, performance.now()];
    return performance.now() - since > 2500;
  }, PATIENCE_MS);
  return last;
}

async function blocks(server: Server): Promise<{ tables: number; indexes: number }> {
  const [row] = await server.sql<{ tables: string; indexes: string }>(`
    select (select sum(heap_blks_read + coalesce(toast_blks_read, 0)) from pg_statio_all_tables) as tables,
           (select sum(idx_blks_read) from pg_statio_all_indexes) as indexes`);
  return { tables: Number(row?.tables), indexes: Number(row?.indexes) };
}
