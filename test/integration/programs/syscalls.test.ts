/** pg_syscalls.bt against what the kernel counts for the same process. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type pg from 'pg';
import { ioOf } from '../../programs/proc.js';
import { type Report, Traced } from '../../programs.js';
import { type Build, type Server, startServer, stopServers } from '../../servers.js';

jest.setTimeout(300_000);
afterAll(stopServers);

const BUILDS: Build[] = ['n14', 'n18', 'd15', 'd17'];
const READS = ['read', 'pread64', 'readv', 'preadv'];
const WRITES = ['write', 'pwrite64', 'writev', 'pwritev'];
const ENOENT = '2';

describe.each(BUILDS)('%s', (build) => {
  let server: Server;
  let report: Report;
  let io: { reads: number; writes: number };

  beforeAll(async () => {
    server = await startServer({ build, settings: { autovacuum: 'off', cluster_name: 'main/test' } });
    const client = await server.client();
    const pid = await pidOf(client);
    const traced = await Traced.start('pg_syscalls.bt', server);
    const before = ioOf(pid);
    await client.query('create table called as select i, repeat(i::text, 50) as t from generate_series(1, 20000) i');
    await client.query("set work_mem = '64kB'");
    await client.query('select * from called order by t offset 19000');
    for (let i = 0; i < 7; i++) await client.query("select pg_stat_file('no such file', true)");
    await client.query('select pg_sleep(0.3)');
    const after = ioOf(pid);
    io = { reads: after.syscr - before.syscr, writes: after.syscw - before.syscw };
    report = await traced.end();
    await client.end();
  });

  const ofClient = (names: string[]) =>
    report.sum('calls', (backend, name = '') => backend === 'client backend' && names.includes(name));

  test('counts reads and writes as the kernel does', () => {
    expect(io.writes).toBeGreaterThan(100);
    expect({ reads: ofClient(READS), writes: ofClient(WRITES) }).toEqual(io);
  });

  test('counts errors by number', () => {
    const failed = (name = '') => name === 'stat' || name === 'newfstatat';
    expect(
      report.sum('errors', (backend, name, errno) => backend === 'client backend' && failed(name) && errno === ENOENT),
    ).toBe(7);
  });

  test('has one latency for each call, and the one that slept', () => {
    expect(report.sum('usecs')).toBe(report.sum('calls'));
    const waits = report.countFrom(
      'usecs',
      2 ** 18,
      (backend, name) => backend === 'client backend' && name === 'epoll_wait',
    );
    expect(waits).toBe(1);
    expect(
      report.sum('total_us', (backend, name) => backend === 'client backend' && name === 'epoll_wait'),
    ).toBeGreaterThan(300_000);
  });

  test('knows the types of processes behind a cluster name', () => {
    const types = new Set(report.keys('calls').map((key) => key.split(',')[0]));
    expect([...types]).toEqual(expect.arrayContaining(['client backend', 'walwriter']));
    expect(types).not.toContain('background worker');
  });
});

async function pidOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid ?? 0;
}
