/** pg_cpudist.bt against the scheduler's counters of a backend and the CPU time of the server's cgroup. */
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { isAsleep, scheduledOf } from '../../programs/proc.js';
import { Traced } from '../../programs.js';
import { type Build, childrenOf, startServer, stopServers, waitUntil } from '../../servers.js';
import { CpuGroup } from '../../waits/cpu-group.js';

jest.setTimeout(300_000);

const BUILDS: Build[] = ['n14', 'n18', 'd15', 'd17'];
const COUNT = 'select count(*) from generate_series(1, 4000000)';
const SLEEP = 'select pg_sleep(0.5)';
const TOLERANCE = 0.03;
const PATIENCE_MS = 60_000;

let group: CpuGroup | undefined;
afterEach(async () => {
  await stopServers();
  await group?.remove();
  group = undefined;
});

describe.each(BUILDS)('%s', (build) => {
  test('time on, off and waiting for a CPU, by type and statement', async () => {
    const server = await startServer({ build, settings: { autovacuum: 'off', jit: 'off' } });
    group = new CpuGroup();
    group.take([server.pid, ...childrenOf(server.pid).map(({ pid }) => pid)]);
    const client = await server.client();
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const pid = rows[0]?.pid ?? 0;
    const asleep = () => waitUntil(() => isAsleep(pid), PATIENCE_MS);
    const traced = await Traced.start('pg_cpudist.bt', server, [1]);
    await client.query('select 2'); // the program has seen this backend leave the CPU
    await asleep();
    const [before, groupBefore] = [scheduledOf(pid), group.cpuNs];
    const began = performance.now();
    await client.query(COUNT);
    await client.query(COUNT);
    await client.query(SLEEP);
    await asleep();
    const wallNs = (performance.now() - began) * 1e6;
    const [after, groupAfter] = [scheduledOf(pid), group.cpuNs];
    const report = await traced.end();
    await client.end();

    const used = after.onNs - before.onNs;
    const ofBoth = (map: string) => report.ofStatement(map, COUNT) + report.ofStatement(map, SLEEP);
    expect(used).toBeGreaterThan(2e8);
    expect(ofBoth('statement_on_total_ns')).toBeGreaterThan(used * (1 - TOLERANCE));
    expect(ofBoth('statement_on_total_ns')).toBeLessThan(used * (1 + TOLERANCE));
    expect(report.ofStatement('statement_on_total_ns', COUNT)).toBeGreaterThan(0.9 * used);
    const ofClients = report.sum('on_total_ns', (type) => type === 'client backend');
    expect(ofClients).toBeGreaterThan(used * (1 - TOLERANCE));
    expect(report.sum('on_total_ns')).toBeGreaterThan((groupAfter - groupBefore) * (1 - TOLERANCE));
    expect(report.sum('on_us', (type) => type === 'client backend')).toBeGreaterThan(2);

    // It slept at least that long, and no longer than it took.
    const slept = report.ofStatement('statement_off_total_ns', SLEEP);
    expect(slept).toBeGreaterThan(0.49e9);
    expect(slept).toBeLessThan(wallNs - used + 1e7);
    expect(report.countFrom('statement_off_us', 2 ** 18, (text) => text === SLEEP)).toBe(1);
    const idle = (type = '') => ['walwriter', 'background writer', 'checkpointer'].includes(type);
    expect(report.countFrom('off_us', 2 ** 17, idle)).toBe(0);

    const queued = after.queuedNs - before.queuedNs;
    expect(Math.abs(ofBoth('statement_queued_total_ns') - queued)).toBeLessThan(queued * TOLERANCE + 2e6);
  });
});
