/** The servers that the other integration tests stand on. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import {
  type Build,
  childrenOf,
  identify,
  isAlive,
  removeServer,
  SUPPORTED_BUILDS,
  startServer,
  stopServers,
} from '../servers.js';

afterAll(stopServers);

const builds: Build[] = ['n13', ...SUPPORTED_BUILDS];

describe.each(builds)('%s', (build) => {
  test('runs, answers with its own version, and leaves nothing behind', async () => {
    const server = await startServer({ build, statementStatistics: true });
    expect(readFileSync(`/proc/${server.pid}/cmdline`, 'utf8')).toContain('postgres');
    expect(server.version.split('.')[0]).toBe(build.slice(1));
    expect(await server.psql('select version()')).toContain(`PostgreSQL ${server.version} `);
    expect(existsSync(server.executable)).toBe(true);

    const [unix, tcp] = [await server.client({ host: server.socketDirectory }), await server.client()];
    await expect(unix.query('select 1 as one')).resolves.toMatchObject({ rows: [{ one: 1 }] });
    await expect(tcp.query('show fsync')).resolves.toMatchObject({ rows: [{ fsync: 'on' }] });
    const seen = await tcp.query("select calls from pg_stat_statements where query like 'select $1 as one%'");
    expect(seen.rows).toEqual([{ calls: '1' }]);
    await Promise.all([unix.end(), tcp.end()]);

    const processes = [server.pid, ...childrenOf(server.pid).map(({ pid }) => pid)].map(identify);
    await removeServer(server);
    expect(processes.filter((one) => one !== undefined && isAlive(one))).toEqual([]);
    expect(existsSync(server.dataDirectory)).toBe(false);
  }, 300_000);
});

describe('one server', () => {
  test('takes settings, restarts with the same files and another PID, and survives kill -9', async () => {
    const server = await startServer({ build: 'n18', settings: { cluster_name: "it's shop", work_mem: '1MB' } });
    await expect(server.sql('show cluster_name')).resolves.toEqual([{ cluster_name: "it's shop" }]);
    await server.sql('create table kept as select 1 as one');
    const before = server.pid;
    await server.restart();
    expect(server.pid).not.toBe(before);
    await server.kill();
    await server.start();
    await expect(server.sql('select * from kept')).resolves.toEqual([{ one: 1 }]);
  }, 120_000);

  test('offers TLS and pgbench', async () => {
    const server = await startServer({ build: 'd15', tls: true });
    const client = await server.client({ ssl: { rejectUnauthorized: false } });
    const { rows } = await client.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
    expect(rows).toEqual([{ ssl: true }]);
    await client.end();
    await server.pgbench(['-i', '-s', '1', '-q']);
    expect(await server.pgbench(['-S', '-t', '10', '-n'])).toContain(
      'number of transactions actually processed: 10/10',
    );
    expect(statSync(server.dataDirectory).uid).not.toBe(0);
  }, 120_000);

  test('says why it does not start', async () => {
    const start = startServer({ build: 'n14', settings: { work_mem: 'nonsense' } });
    await expect(start).rejects.toThrow(/did not start.*nonsense/s);
  }, 120_000);
});
