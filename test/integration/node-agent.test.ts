/** The agent of a node: real servers in cgroups named like containers', the real tracer, NodeProfiles from an API server, OTLP receivers. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Receiver, startReceiver } from '../agent/telemetry/export/receiver.js';
import { Recorded } from '../command/otlp.js';
import { expectNothingLeft, probesOf } from '../command/probes.js';
import { Command, eventually, scratchFile, stopCommands } from '../command.js';
import { ApiServer } from '../node-agent/api-server.js';
import { Container, NAMINGS, removeContainers } from '../node-agent/container.js';
import { type Server, startServer, stopServers } from '../servers.js';

jest.setTimeout(180_000);

const NODE = 'node-a';

let selected: Server;
let other: Server;
let container: Container;
let neighbour: Container;
let api: ApiServer;
let receiver: Receiver;
let second: Receiver;
let agent: Command;
/** Of the destination `other`. */
let headersFile: string;

beforeAll(async () => {
  [selected, other] = await Promise.all([startServer({ build: 'n18' }), startServer({ build: 'n18' })]);
  container = new Container();
  neighbour = new Container(NAMINGS.crio);
  container.put(selected.pid);
  neighbour.put(other.pid);
});
beforeEach(async () => {
  [api, receiver, second] = await Promise.all([ApiServer.start(), startReceiver(), startReceiver()]);
});
afterEach(async () => {
  await stopCommands();
  await Promise.all([api.close(), receiver.close(), second.close()]);
});
afterAll(async () => {
  await stopServers();
  await removeContainers();
});

function startAgent(...options: string[]): Command {
  headersFile = scratchFile('headers', 'X-Key: one\n');
  const destinations = {
    default: { endpoint: receiver.url, protocol: 'http/json' },
    other: { endpoint: second.url, protocol: 'http/json', headersFile },
    grpc: { endpoint: 'http://127.0.0.1:4317' },
    traces: { tracesEndpoint: `${receiver.url}/v1/traces`, protocol: 'http/json' },
  };
  const file = scratchFile('destinations.json', JSON.stringify(destinations));
  const args = ['--node-name', NODE, '--destinations', file, '--server', api.url, '--port', '0'];
  agent = Command.start(['agent', ...args, ...options]);
  return agent;
}

interface Change {
  targets?: Container[];
  [field: string]: unknown;
}

const SPANS = { minDuration: '0ms', maxPerSecond: 10_000 };

function spec({ targets = [container], ...change }: Change = {}) {
  return {
    nodeName: NODE,
    profile: { name: 'orders', uid: randomUUID(), generation: 1 },
    spans: SPANS,
    metrics: { interval: '1s' },
    targets: targets.map(targetOf),
    ...change,
  };
}

function targetOf({ id, podUID }: Container, number: number) {
  return {
    podNamespace: 'shop',
    podName: `orders-db-${number}`,
    podUID,
    container: 'postgres',
    containerID: `containerd://${id}`,
    resource: {
      'service.name': 'orders-db',
      'service.instance.id': `shop.orders-db-${number}.postgres`,
      'k8s.pod.name': `orders-db-${number}`,
      'k8s.namespace.name': 'shop',
    },
  };
}

const row = (name: string, number = 0) => api.status(name)?.targets?.[number];
const condition = (name: string, type: string) => api.status(name)?.conditions?.find((one) => one.type === type);
const recorded = ({ received }: Receiver) => Recorded.fromBodies(received.map(({ body }) => body));
const calls = (of: Receiver, marker: string) => recorded(of).ofQuery(marker, 'postgresql.query.calls');

async function attached(name: string): Promise<void> {
  await eventually(`${name} attached, but it is ${JSON.stringify(row(name))}`, () => row(name)?.state === 'Attached');
}

async function page(path: string): Promise<{ status: number; text: string }> {
  const [, port] = /on port (\d+)/.exec(agent.stderr) ?? [];
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, text: await response.text() };
}

async function ready(): Promise<void> {
  await agent.says('on port');
  await eventually('the agent is ready', async () => (await page('/readyz')).status === 200);
}

describe('a NodeProfile', () => {
  test('has its servers captured, and no others', async () => {
    startAgent();
    await ready();
    const appliedAt = performance.now();
    api.apply('orders', spec());
    await attached('orders');
    const attachedMs = performance.now() - appliedAt;
    await eventually('metrics', () => recorded(receiver).metric('pgscope.backends').length > 0);
    const metricsMs = performance.now() - appliedAt;
    console.log(`applied → attached ${attachedMs.toFixed(0)} ms, → first metrics ${metricsMs.toFixed(0)} ms`);
    await other.sql('select 1 as not_selected');
    for (let i = 0; i < 5; i += 1) await selected.sql('select 1 as is_selected');
    await eventually('all calls', () => calls(receiver, 'is_selected') === 5);
    await eventually('all spans', () => recorded(receiver).spans.filter(({ name }) => name === 'SELECT').length >= 5);
    expect(row('orders')).toMatchObject({
      state: 'Attached',
      reason: 'Attached',
      pid: selected.pid,
      serverVersion: selected.version,
      level: 'statements',
      attachedAt: expect.stringMatching(/^\d{4}-/),
    });
    await eventually('exporting', () => condition('orders', 'Exporting')?.status === 'True');
    expect(condition('orders', 'Ready')?.reason).toBe('Profiling');
    expect(condition('orders', 'Ready')).toMatchObject({ status: 'True', observedGeneration: 1 });
    const [point] = recorded(receiver).metric('postgresql.query.calls');
    expect(point?.resource).toMatchObject({
      'service.name': 'orders-db',
      'service.instance.id': 'shop.orders-db-0.postgres',
      'k8s.pod.name': 'orders-db-0',
      'host.name': NODE,
      'db.system.name': 'postgresql',
      'process.pid': selected.pid,
    });
    expect(calls(receiver, 'not_selected')).toBe(0);
    expect(recorded(receiver).decreases()).toEqual([]);
    expect(second.received).toEqual([]);
    expect(api.requests.some((line) => line.includes(`fieldSelector=spec.nodeName%3D${NODE}`))).toBe(true);
  });

  test('is ready at a destination of traces alone while nothing is slow, and says so when that destination goes', async () => {
    startAgent();
    api.apply('orders', spec({ destination: 'traces', spans: { minDuration: '1h' } }));
    await eventually('ready', () => condition('orders', 'Ready')?.status === 'True');
    expect(condition('orders', 'Exporting')).toMatchObject({ status: 'True', reason: 'Exporting' });
    expect(new Set(receiver.received.map(({ path }) => path))).toEqual(new Set(['/v1/traces']));
    expect(recorded(receiver).spans).toEqual([]);
    await receiver.close();
    await eventually('not ready', () => condition('orders', 'Ready')?.reason === 'DestinationUnreachable');
    receiver = await startReceiver(undefined, undefined, receiver.port);
    await eventually('ready again', () => condition('orders', 'Ready')?.status === 'True');
  });

  test('says of each container how far it got; a server that comes later is found, in whatever runtime', async () => {
    const absent = new Container(NAMINGS.docker);
    const late = new Container(NAMINGS.nested);
    startAgent();
    api.apply('orders', spec({ targets: [absent, neighbour, late] }));
    await eventually('rows', () => row('orders', 1)?.state === 'Attached');
    expect(row('orders', 0)).toMatchObject({ state: 'Pending', reason: 'ContainerNotFound' });
    expect(row('orders', 2)).toMatchObject({ state: 'Pending', reason: 'ContainerNotFound' });
    expect(condition('orders', 'Ready')).toMatchObject({ status: 'False', reason: 'ContainerNotFound' });
    const server = await startServer({ build: 'n17' });
    late.put(server.pid);
    await eventually('the late one', () => row('orders', 2)?.pid === server.pid);
    await server.stop();
    await eventually('its end', () => row('orders', 2)?.state !== 'Attached');
    await server.start();
    late.put(server.pid);
    await eventually('its restart', () => row('orders', 2)?.pid === server.pid);
    await server.sql('select 1 as after_restart');
    await eventually('its calls', () => calls(receiver, 'after_restart') === 1);
    expect(recorded(receiver).decreases()).toEqual([]);
    await server.remove();
  });

  test("reaches no container of another pod, whoever names it; that pod's own profile goes on", async () => {
    startAgent();
    const stranger = { ...targetOf(container, 0), podNamespace: 'attic', podName: 'mine', podUID: randomUUID() };
    api.apply('a-stranger', { ...spec(), targets: [stranger] }, 'attic');
    await eventually('its row', () => api.status('a-stranger', 'attic')?.targets?.[0]?.state === 'Failed');
    expect(api.status('a-stranger', 'attic')?.targets?.[0]).toMatchObject({
      reason: 'ForeignContainer',
      message: expect.stringContaining("not in this pod's cgroup"),
    });
    expect(agent.stderr).not.toContain('capturing');
    api.apply('orders', spec());
    await attached('orders');
    await selected.sql('select 1 as not_for_strangers');
    await eventually('calls', () => calls(receiver, 'not_for_strangers') === 1);
    const [point] = recorded(receiver).metric('postgresql.query.calls');
    expect(point?.resource).toMatchObject({ 'k8s.namespace.name': 'shop', 'k8s.pod.name': 'orders-db-0' });
    expect(api.status('a-stranger', 'attic')?.targets?.[0]?.state).toBe('Failed');
  });

  test('has each of several servers in one container as a target of its own', async () => {
    const both = new Container();
    const [first, next] = await Promise.all([startServer({ build: 'n16' }), startServer({ build: 'n16' })]);
    for (const { pid } of [first, next]) both.put(pid);
    startAgent();
    api.apply('orders', spec({ targets: [both] }));
    await agent.says('capturing', 2);
    await first.sql('select 1 as of_first');
    await next.sql('select 1 as of_next');
    await eventually('both calls', () => calls(receiver, 'of_first') + calls(receiver, 'of_next') === 2);
    const instances = recorded(receiver)
      .metric('pgscope.backends')
      .map(({ resource }) => resource['service.instance.id']);
    expect(new Set(instances)).toEqual(new Set(['shop.orders-db-0.postgres', 'shop.orders-db-0.postgres#2']));
    await eventually('the row', () => row('orders')?.message?.startsWith('2 servers in this container') === true);
    await Promise.all([first.remove(), next.remove()]);
  });

  test('is refused where it asks for raw text or an unknown destination, and over when its time is', async () => {
    startAgent();
    api.apply('raw', spec({ queryText: 'raw' }));
    api.apply('nowhere', spec({ destination: 'nowhere' }));
    api.apply('over', spec({ expiresAt: new Date(Date.now() - 1000).toISOString() }));
    await eventually('rows', () => ['raw', 'nowhere', 'over'].every((name) => row(name) !== undefined));
    expect(row('raw')).toMatchObject({ state: 'Failed', reason: 'RawTextForbidden' });
    expect(row('nowhere')).toMatchObject({ state: 'Failed', reason: 'UnknownDestination' });
    expect(condition('nowhere', 'Exporting')).toMatchObject({ status: 'False', reason: 'UnknownDestination' });
    expect(row('over')).toMatchObject({ state: 'Detached', reason: 'Expired' });
    expect(agent.stderr).not.toContain('capturing');
    const links = () => probesOf(agent.tracer() ?? 0).links.length;
    await ready();
    const idle = links();
    api.apply('over', spec());
    await attached('over');
    expect(links()).toBeGreaterThan(idle);
    api.apply('over', spec({ expiresAt: new Date(Date.now() + 1000).toISOString() }));
    await eventually('its end', () => row('over')?.reason === 'Expired');
    expect(links()).toBe(idle);
  });

  test('tells a sidecar from a server also where it is refused, or over', async () => {
    const both = new Container();
    const sidecar = new Container();
    const server = await startServer({ build: 'n17' });
    both.put(server.pid);
    const sleeper = spawn('sleep', ['600']);
    sidecar.put(sleeper.pid ?? 0);
    startAgent();
    api.apply('raw', spec({ targets: [both, sidecar], queryText: 'raw' }));
    await eventually('its rows', () => row('raw')?.pid === server.pid && row('raw', 1)?.state === 'NoPostgres');
    expect(row('raw')).toMatchObject({ state: 'Failed', reason: 'RawTextForbidden' });
    api.apply('raw', spec({ targets: [both, sidecar] }));
    await attached('raw');
    api.apply('raw', spec({ targets: [both, sidecar], expiresAt: new Date().toISOString() }));
    await eventually('its end', () => row('raw')?.reason === 'Expired');
    expect([row('raw')?.pid, row('raw', 1)?.state]).toEqual([server.pid, 'NoPostgres']);
    sleeper.kill();
    await server.remove();
  });

  test('ends, and says so, when its namespace is watched no more', async () => {
    startAgent('--watch-namespaces', 'shop');
    api.apply('orders', spec());
    await attached('orders');
    await agent.end('SIGTERM');
    startAgent('--watch-namespaces', 'billing,attic');
    await eventually('its end', () => row('orders')?.reason === 'NamespaceNotWatched');
    expect(row('orders')).toMatchObject({ state: 'Failed', message: expect.stringContaining('namespace shop') });
    expect(agent.stderr).not.toContain('capturing');
  });

  test('may ask for raw text where the administrator allows it; text is the least revealing of all profiles', async () => {
    startAgent('--allow-raw-text');
    api.apply('raw', spec({ queryText: 'raw' }));
    await attached('raw');
    await selected.sql("select 'secret-1' as raw_text");
    const texts = (of: Receiver) => recorded(of).spans.map(({ attributes }) => String(attributes['db.query.text']));
    await eventually('the raw text', () => texts(receiver).some((text) => text.includes('secret-1')));
    api.apply('careful', spec());
    await attached('careful');
    const seen = receiver.received.length;
    await selected.sql("select 'secret-2' as raw_text");
    await eventually('the next span', () => receiver.received.slice(seen).some(({ path }) => path === '/v1/traces'));
    expect(texts(receiver).join()).not.toContain('secret-2');
  });
});

describe('several profiles on one server', () => {
  test('make one stream for each destination, with its own share', async () => {
    startAgent();
    api.apply('all', spec());
    await attached('all');
    await selected.sql('select 1 as before_other');
    await eventually('counted', () => calls(receiver, 'before_other') === 1);
    api.apply('same', spec({ spans: { minDuration: '10s' }, metrics: { interval: '1h' } }));
    api.apply('slow', spec({ destination: 'other', spans: { minDuration: '10s', errors: false }, queryText: 'none' }));
    await attached('slow');
    await eventually('the other stream', () => recorded(second).metric('pgscope.backends').length > 0);
    for (let i = 0; i < 3; i += 1) await selected.sql('select 1 as in_both');
    await eventually('calls', () => calls(receiver, 'in_both') === 3);
    await eventually('all spans', () => recorded(receiver).spans.length >= 4);
    const total = (of: Receiver) =>
      recorded(of).total('postgresql.query.calls', ({ attributes }) => attributes['db.namespace'] === 'postgres');
    await eventually('calls at the other', () => total(second) === 3);
    expect(recorded(second).spans).toEqual([]);
    const texts = recorded(second)
      .metric('pgscope.query.info')
      .map(({ attributes }) => attributes['db.query.text']);
    expect(texts.filter((text) => text !== undefined)).toEqual([]);
    expect(agent.stderr.split('capturing').length - 1).toBe(1);
    api.remove('slow');
    await eventually('the end of its series', () =>
      recorded(second)
        .metric('postgresql.query.calls')
        .some(({ value }) => value === undefined),
    );
    await selected.sql('select 1 as after_slow');
    await eventually('the rest goes on', () => calls(receiver, 'after_slow') === 1);
    expect(calls(receiver, 'in_both')).toBe(3);
    expect([...recorded(receiver).decreases(), ...recorded(second).decreases()]).toEqual([]);
  });
});

describe('the agent', () => {
  test('goes on while the API server is away, and resumes when it was restarted itself', async () => {
    startAgent();
    api.apply('orders', spec());
    await attached('orders');
    await api.close();
    await selected.sql('select 1 as api_away');
    await eventually('counted', () => calls(receiver, 'api_away') === 1);
    await api.open();
    api.apply('orders', spec({ targets: [container, neighbour] }));
    await eventually('the new target', () => row('orders', 1)?.state === 'Attached');
    await agent.end('SIGTERM');
    expect(row('orders')?.state).toBe('Attached');
    startAgent();
    await agent.says('capturing', 2);
    await selected.sql('select 1 as resumed');
    await eventually('counted again', () => calls(receiver, 'resumed') === 1);
  });

  test('counts what is lost on from where the agent before it left off', async () => {
    const limited = { spans: { minDuration: '0ms', maxPerSecond: 1 } };
    /** Each new generation is answered at once; losses alone would be told in half a minute. */
    const losesMoreThan = async (count: number) => {
      for (let i = 0; i < 20; i += 1) await selected.sql('select 1 as above_the_limit');
      await eventually(`more than ${count} lost`, () => {
        api.apply('orders', spec(limited));
        return (api.status('orders')?.lostEvents ?? 0) > count;
      });
      return api.status('orders')?.lostEvents ?? 0;
    };
    startAgent();
    api.apply('orders', spec(limited));
    await attached('orders');
    const before = await losesMoreThan(0);
    await agent.end('SIGTERM');
    startAgent();
    await agent.says('capturing');
    expect(await losesMoreThan(before)).toBeGreaterThan(before);
  });

  test('takes up headers that were replaced under it', async () => {
    startAgent();
    api.apply('orders', spec({ destination: 'other' }));
    await attached('orders');
    const came = (key: string) => second.received.some(({ headers }) => headers['x-key'] === key);
    await eventually('the first header', () => came('one'));
    const next = `${headersFile}.next`;
    writeFileSync(next, 'X-Key: two\n');
    renameSync(next, headersFile);
    await eventually('the next header', () => came('two'));
    expect(agent.stderr).toContain('destination other: headers and certificates have changed and were read again');
  });

  test('starts a tracer that was killed again, and its rows say so meanwhile', async () => {
    startAgent();
    api.apply('orders', spec());
    await attached('orders');
    const reasons = new Set<string | undefined>();
    const tracer = agent.tracer() ?? 0;
    process.kill(tracer, 'SIGKILL');
    await eventually('another tracer', () => {
      reasons.add(row('orders')?.reason);
      return (
        agent.tracer() !== undefined &&
        agent.tracer() !== tracer &&
        row('orders')?.state === 'Attached' &&
        reasons.size > 1
      );
    });
    expect([...reasons]).toEqual(['Attached', 'TracerRestarting']);
    await selected.sql('select 1 as new_tracer');
    await eventually('counted', () => calls(receiver, 'new_tracer') === 1);
    expect((await page('/metrics')).text).toContain('pgscope_tracer_restarts_total 1\n');
    expect(recorded(receiver).decreases()).toEqual([]);
  });

  test('tells how it is over HTTP, and what is wrong with a destination', async () => {
    startAgent();
    api.apply('orders', spec({ destination: 'grpc' }));
    await attached('orders');
    expect(condition('orders', 'Exporting')).toMatchObject({
      status: 'False',
      message: expect.stringContaining('4317'),
    });
    expect(agent.stderr).toContain('port 4317 is for OTLP over gRPC');
    expect(await page('/healthz')).toEqual({ status: 200, text: 'ok\n' });
    const { text } = await page('/metrics');
    expect(text).toContain('pgscope_destination_usable{destination="grpc"} 0\n');
    expect(text).toContain('pgscope_node_targets{state="Attached"} 1\n');
    expect((await page('/')).status).toBe(404);
  });

  test('leaves nothing behind when it is killed', async () => {
    startAgent();
    api.apply('orders', spec({ targets: [container, neighbour] }));
    await attached('orders');
    const held = probesOf(agent.tracer() ?? 0);
    expect(held.links.length).toBeGreaterThan(0);
    agent.kill('SIGKILL');
    await expectNothingLeft(agent, held);
  });

  test('writes no status while nothing changes, and little to begin with', async () => {
    startAgent();
    api.apply('orders', spec());
    await attached('orders');
    await eventually('exporting', () => condition('orders', 'Exporting')?.status === 'True');
    const written = api.writes.length;
    expect(written).toBeLessThan(8);
    const collected = () => recorded(receiver).metric('pgscope.backends').length;
    const before = collected();
    await eventually('five more intervals', () => collected() >= before + 5);
    expect(api.writes.length).toBe(written);
  });
});
