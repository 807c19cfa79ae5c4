import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createKubeClient, type KubeClient } from '../../kube/client.js';
import { createLog } from '../../operator/log.js';
import { type ManagerOptions, runManager } from '../../operator/manager.js';
import { createMetrics } from '../../operator/metrics.js';
import { readSettings } from '../../operator/settings.js';
import { startTraces } from '../../operator/traces.js';
import { createFakeClock } from '../kube/clocks.js';
import { waitUntil } from '../servers/wait.js';
import { type ClusterServer, NODES, PROFILES, startClusterServer } from './manager/cluster-server.js';
import { rawNode, rawProfile } from './profiles/objects.js';

const LIMIT_MS = 30_000;
jest.setTimeout(2 * LIMIT_MS);
/** Selects nothing, so that each reconcile ends with one write: of its status. */
const NOTHING = { podName: 'nobody' };
const named = (name: string) => rawProfile(NOTHING, { metadata: { name, uid: `uid-${name}` } });

interface Operator {
  stop: AbortController;
  end: Promise<'ended' | 'lost'>;
  /** How it ended; undefined while it runs. */
  ended: 'ended' | 'lost' | undefined;
  url: string;
  log: string[];
  client: KubeClient;
}

let server: ClusterServer;
let operators: Operator[];

beforeEach(async () => {
  server = await startClusterServer();
  server.put(NODES, rawNode('worker-1'));
  server.put(PROFILES, named('orders'));
  operators = [];
});

afterEach(async () => {
  for (const { stop } of operators) stop.abort();
  await Promise.all(operators.map(({ end }) => end.catch(() => undefined)));
  for (const { client } of operators) client.close();
  await server.close();
});

/** Resolves when its pages are served. */
async function start(identity: string, change: Partial<ManagerOptions> = {}): Promise<Operator> {
  const listening = Promise.withResolvers<number>();
  const log: string[] = [];
  const stop = new AbortController();
  const client = createKubeClient({ server: server.api.url });
  const options: ManagerOptions = {
    settings: readSettings(['run', '--namespace', 'pgscope', '--port', '0'], {}),
    client,
    identity,
    instance: identity,
    metrics: createMetrics({ processMetrics: false }),
    traces: await startTraces({}, createLog({ write: () => {} })),
    log: createLog({ write: (line) => log.push((JSON.parse(line) as { msg: string }).msg) }),
    electionTiming: { retryMs: 50 },
    onListening: listening.resolve,
    ...change,
  };
  const end = runManager(options, stop.signal);
  const operator: Operator = { stop, end, ended: undefined, url: '', log, client };
  operators.push(operator);
  end.then(
    (how) => {
      operator.ended = how;
    },
    () => undefined,
  );
  operator.url = `http://127.0.0.1:${await Promise.race([listening.promise, end])}`;
  return operator;
}

async function page({ url }: Operator, path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`${url}${path}`);
  return { status: response.status, text: await response.text() };
}

async function eventually(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  if (!(await waitUntil(condition, LIMIT_MS))) throw new Error(`not within ${LIMIT_MS / 1000} s: ${what}`);
}

const holder = () => server.lease?.spec?.holderIdentity;
const wrote = (write: string) => server.writes.includes(write);

describe('from its start to its work', () => {
  test('an operator is not ready before it has read everything, be the server difficult; then it leads and works', async () => {
    server.api.faults.list.push({ kind: 'cut' });
    server.api.faults.watch.push({ kind: 'status', code: 410, reason: 'Expired' });
    const nodes = server.hold(/^GET \/api\/v1\/nodes$/);
    const operator = await start('operator-a');
    await nodes.arrived;
    expect(await page(operator, '/readyz')).toEqual({
      status: 503,
      text: expect.stringContaining('[-] reflector nodes: has not read all objects yet\n'),
    });
    expect((await page(operator, '/healthz')).status).toBe(200);
    expect(server.lease).toBeUndefined();
    nodes.release();
    await eventually('ready', async () => (await page(operator, '/readyz')).status === 200);
    await eventually('the status', () => wrote('PATCH orders/status'));
    expect(server.profile('orders')?.status).toMatchObject({ targets: { matched: 0, attached: 0 } });
    expect(holder()).toBe('operator-a');
    expect((await page(operator, '/metrics')).text).toContain(
      'leader_election_master_status{name="pgscope-operator"} 1',
    );
    expect((await page(operator, '/healthz')).text).toContain('[+] workers of postgresprofile: ok\n');
    server.put(PROFILES, named('later'));
    await eventually('a profile that comes later', () => wrote('PATCH later/status'));
  });

  test('a port that is taken is told, and nothing is asked of the API server', async () => {
    const other = createServer().listen(0);
    const { port } = other.address() as AddressInfo;
    const settings = readSettings(['run', '--namespace', 'pgscope', '--port', String(port)], {});
    await expect(start('operator-a', { settings })).rejects.toThrow(
      new RegExp(`^--port ${port}: .*EADDRINUSE.*; choose a free port$`),
    );
    expect(server.api.requests).toEqual([]);
    await new Promise((resolve) => other.close(resolve));
  });

  test('one that is told to stop before it has read everything ends, without a Lease', async () => {
    const nodes = server.hold(/^GET \/api\/v1\/nodes$/);
    const operator = await start('operator-a');
    await nodes.arrived;
    operator.stop.abort();
    expect(await operator.end).toBe('ended');
    expect([server.lease, server.writes]).toEqual([undefined, []]);
  });

  test('one without an election works without a Lease', async () => {
    const settings = readSettings(['run', '--namespace', 'pgscope', '--port', '0', '--no-leader-election'], {});
    const operator = await start('operator-a', { settings });
    await eventually('the status', () => wrote('PATCH orders/status'));
    operator.stop.abort();
    expect(await operator.end).toBe('ended');
    expect(server.lease).toBeUndefined();
  });
});

describe('told to stop while a reconcile is under way', () => {
  test('finishes it, begins nothing new, and gives the Lease back then', async () => {
    const status = server.hold(/^PATCH .*\/orders\/status$/);
    const operator = await start('operator-a');
    await status.arrived;
    operator.stop.abort();
    await eventually('it to say so', async () =>
      (await page(operator, '/readyz')).text.includes('[-] running: is stopping'),
    );
    server.put(PROFILES, named('late'));
    expect([holder(), operator.ended]).toEqual(['operator-a', undefined]);
    status.release();
    expect(await operator.end).toBe('ended');
    expect(server.writes.filter((write) => !/^(POST|PUT) lease operator-a$/.test(write))).toEqual([
      'PATCH orders/status',
      'PUT lease',
    ]);
    expect(server.profile('late')?.status).toBeUndefined();
    expect([holder(), status.givenUp]).toEqual(['', false]);
    await expect(page(operator, '/healthz')).rejects.toThrow('fetch failed');
    await eventually('all watches to end', () => server.api.streams.size === 0);
  });

  test('breaks off after 10 s what does not end, and gives the Lease back all the same', async () => {
    const clock = createFakeClock();
    const status = server.hold(/^PATCH .*\/orders\/status$/);
    const operator = await start('operator-a', { clock });
    await status.arrived;
    const timers = clock.timers;
    operator.stop.abort();
    await eventually('the time to run', () => clock.timers > timers);
    clock.advance(9_999);
    expect([holder(), operator.ended, status.givenUp]).toEqual(['operator-a', undefined, false]);
    clock.advance(1);
    expect(await operator.end).toBe('ended');
    expect(holder()).toBe('');
    await eventually('the request to be given up', () => status.givenUp);
    expect(operator.log.filter((line) => line.includes('failed'))).toEqual([]);
    status.release();
  });

  test('another operator goes on, which has waited without writing anything', async () => {
    const first = await start('operator-a');
    await eventually('the first to lead', () => holder() === 'operator-a');
    const second = await start('operator-b');
    await eventually('the second to wait', () => second.log.includes('does not lead; operator-a does'));
    await eventually('the first status', () => wrote('PATCH orders/status'));
    first.stop.abort();
    expect(await first.end).toBe('ended');
    await eventually('the second to lead', () => holder() === 'operator-b');
    server.put(PROFILES, named('later'));
    await eventually('its work', () => wrote('PATCH later/status'));
    expect(server.writes.filter((write) => write === 'PATCH orders/status')).toHaveLength(1);
  });
});

describe('when the Lease is lost', () => {
  test('an operator stands down at once: it waits for nothing, and leaves the Lease to whoever has it', async () => {
    const status = server.hold(/^PATCH .*\/orders\/status$/);
    const operator = await start('operator-a');
    await status.arrived;
    server.takeLease('operator-b');
    expect(await operator.end).toBe('lost');
    expect(operator.log).toContain('lost the Lease to operator-b; exits, since two must not lead');
    server.put(PROFILES, named('late'));
    await eventually('its watches to end', () => server.api.streams.size === 0);
    expect(holder()).toBe('operator-b');
    expect(server.profile('late')?.status).toBeUndefined();
    status.release();
  });
});
