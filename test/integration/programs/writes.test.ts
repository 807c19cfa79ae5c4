/** pg_writesnoop.bt against the kernel's counts of calls and bytes and PostgreSQL's of WAL syncs. */
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { ioOf } from '../../programs/proc.js';
import { Traced } from '../../programs.js';
import { type Build, type Server, startServer, stopServers, waitUntil } from '../../servers.js';

jest.setTimeout(300_000);
afterAll(stopServers);

const BUILDS: Build[] = ['n14', 'n18', 'd15', 'd17'];
const COMMITS = 40;
const INSERT = 'insert into written values (1)';
const FILL = 'insert into written select i from generate_series(1, 200000) i';
/** Of statements and transactions the slowest are shown. */
const SHOWN = 10;
const PATIENCE_MS = 60_000;
const WRITES = ['pwrite', 'pwritev'];

describe.each(BUILDS)('%s', (build) => {
  test('writes and syncs by type, statement and transaction', async () => {
    const settings = {
      autovacuum: 'off',
      wal_writer_delay: '10s',
      wal_writer_flush_after: '1GB',
      wal_sync_method: 'fdatasync',
    };
    const server = await startServer({ build, settings });
    await server.sql('create table written (i int)');
    await server.sql('checkpoint');
    const client = await server.client();
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const pid = rows[0]?.pid ?? 0;
    const traced = await Traced.start('pg_writesnoop.bt', server);
    const syncsBefore = await settledSyncs(server);
    const before = ioOf(pid);
    for (let i = 0; i < COMMITS; i++) await client.query(INSERT);
    await client.query('begin');
    await client.query(FILL);
    await client.query("set work_mem = '64kB'");
    await client.query('select i from written order by -i, i offset 199999');
    await client.query('commit');
    const after = ioOf(pid);
    await client.end();
    await server.sql('checkpoint');
    const report = await traced.end();

    const ofClient = (map: string, operations: string[]) =>
      report.sum(map, (type, operation = '') => type === 'client backend' && operations.includes(operation));
    expect(ofClient('count', WRITES)).toBe(after.syscw - before.syscw);
    expect(ofClient('bytes', WRITES)).toBe(after.wchar - before.wchar);
    expect(ofClient('count', WRITES)).toBeGreaterThan(COMMITS);
    expect(report.sum('usecs')).toBe(report.sum('count'));

    // Each commit syncs the WAL itself; PostgreSQL counts that, too, a little later.
    const synced = report.sum('count', (_type, operation) => operation === 'fdatasync');
    expect(synced).toBeGreaterThan(COMMITS);
    expect(await waitUntil(async () => (await syncs(server)) - syncsBefore >= synced, PATIENCE_MS)).toBe(true);
    expect((await settledSyncs(server)) - syncsBefore).toBe(synced);

    const lines = report.lines.filter((line) => line.includes('client backend'));
    expect(lines).toHaveLength(report.sum('count', (type) => type === 'client backend'));
    const commits = lines.filter(
      (line) => line.includes('fdatasync') && line.includes('pg_wal/') && line.endsWith(`${INSERT}\n`),
    );
    expect(commits).toHaveLength(COMMITS);
    const temporary = lines.filter((line) => line.includes('pgsql_tmp'));
    expect(temporary.length).toBeGreaterThan(0);
    expect(report.lines.some((line) => /checkpointer +fsync .* global\/pg_control/.test(line))).toBe(true);

    expect(report.ofStatement('statement_sync_us', INSERT)).toBeGreaterThan(0);
    expect(report.ofStatement('statement_write_us', FILL)).toBeGreaterThan(0);
    const transactions = report.keys('transaction_sync_us').filter((key) => key.startsWith(`${pid},`));
    expect(transactions).toHaveLength(SHOWN);
  });
});

async function syncs(server: Server): Promise<number> {
  const text =
    server.major >= 18
      ? "select sum(fsyncs) as n from pg_stat_io where object = 'wal' and context = 'normal'"
      : 'select wal_sync as n from pg_stat_wal';
  return Number((await server.sql<{ n: string }>(text))[0]?.n);
}

/** Processes tell what they have counted within a second, so this waits until nothing more comes. */
async function settledSyncs(server: Server): Promise<number> {
  let [last, since] = [-1, performance.now()];
  await waitUntil(async () => {
    const now = await syncs(server);
    if (now !== last) [last, since] = [now, performance.now()];
    return performance.now() - since > 2500;
  }, PATIENCE_MS);
  return last;
}
