/** Trace programs on a node: the real agent and bpftrace, real servers in cgroups named like containers', TracePrograms from an API server. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Receiver, startReceiver } from '../../agent/telemetry/export/receiver.js';
import { Recorded } from '../../command/otlp.js';
import { Command, eventually, scratchFile, stopCommands } from '../../command.js';
import { ApiServer } from '../../node-agent/api-server.js';
import { Container, removeContainers } from '../../node-agent/container.js';
import { type Server, startServer, stopServers } from '../../servers.js';

jest.setTimeout(180_000);

const NODE = 'node-a';

let selected: Server;
let other: Server;
let container: Container;
let neighbour: Container;
let api: ApiServer;
let receiver: Receiver;
let agent: Command;
let env: Record<string, string>;

beforeAll(async () => {
  [selected, other] = await Promise.all([startServer({ build: 'n18' }), startServer({ build: 'n17' })]);
  [container, neighbour] = [new Container(), new Container()];
  container.put(selected.pid);
  neighbour.put(other.pid);
});
beforeEach(async () => {
  env = {};
  [api, receiver] = await Promise.all([ApiServer.start(), startReceiver()]);
});
afterEach(async () => {
  await stopCommands();
  await Promise.all([api.close(), receiver.close()]);
});
afterAll(async () => {
  await stopServers();
  await removeContainers();
});

function startAgent(...options: string[]): void {
  const destinations = {
    default: { endpoint: receiver.url, protocol: 'http/json' },
    traces: { tracesEndpoint: `${receiver.url}/v1/traces`, protocol: 'http/json' },
    other: { metricsEndpoint: `${receiver.url}/v1/metrics`, protocol: 'http/json' },
  };
  const file = scratchFile('destinations.json', JSON.stringify(destinations));
  const args = ['--node-name', NODE, '--destinations', file, '--server', api.url, '--port', '0'];
  agent = Command.start(['agent', ...args, ...options], { env });
}

function spec(programs: object[], change: { targets?: Container[]; [field: string]: unknown } = {}) {
  const { targets = [container], ...rest } = change;
  return {
    nodeName: NODE,
    profile: { name: 'orders', uid: randomUUID(), generation: 1 },
    metrics: { interval: '1s' },
    programs,
    targets: targets.map(({ id, podUID }, number) => ({
      podNamespace: 'shop',
      podName: `orders-db-${number}`,
      podUID,
      container: 'postgres',
      containerID: `containerd://${id}`,
      resource: { 'k8s.pod.name': `orders-db-${number}` },
    })),
    ...rest,
  };
}

const STATEMENTS = {
  arguments: [{ name: 'from', type: 'duration', unit: 'us', default: '0ms' }],
  maps: [
    { name: 'calls', metric: 'test.calls', unit: '{call}', kind: 'counter', keys: [{ name: 's', type: 'query' }] },
  ],
  events: [{ name: 'test.statement', fields: [{ name: 's', type: 'query' }] }],
  source: `
uprobe:postgres:pgstat_report_activity /PGSCOPE_TARGET && arg1 != 0/ {
  @calls[str(arg1)] = count();
  print((str(arg1)));
}
uprobe:postgres:pgstat_report_activity /PGSCOPE_TARGET && arg0 == (uint64)$2 + 99/ { @never = count(); }
`,
};
const OWN = [{ name: 'own', interval: '1s' }];

const CONSTANT = 'a constant of this test';
const recorded = () => Recorded.fromBodies(receiver.received.map(({ body }) => body));
const calls = (marker: string) =>
  recorded().total('test.calls', ({ attributes }) => String(attributes['db.query.text']).includes(marker));
const row = (name = 'orders', number = 0) => api.status(name)?.programs?.[number];
const condition = (type: string, name = 'orders') => api.status(name)?.conditions?.find((one) => one.type === type);

async function becomes(state: string, reason: string, name = 'orders', number = 0): Promise<string> {
  await eventually(`the program is ${reason}, but ${JSON.stringify(row(name, number))}\n${agent.stderr}`, () => {
    const { state: is, reason: why } = row(name, number) ?? {};
    return is === state && why === reason;
  });
  return row(name, number)?.message ?? '';
}

/** Statements until the program has counted some: bpftrace attaches in its own time. */
async function sees(marker: string, server = selected): Promise<void> {
  await eventually(`statements with ${marker}`, async () => {
    await server.sql(`select '${CONSTANT}' as ${marker}`);
    return calls(marker) > 0;
  });
}

function bpftraces(): number[] {
  return agent.processes().filter((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'bpftrace');
}

describe('a program of a profile', () => {
  test('tells of its server alone, as metrics and log records, without constants', async () => {
    api.applyProgram('own', STATEMENTS);
    startAgent();
    api.apply('orders', spec(OWN));
    await becomes('Running', 'Running');
    const [bpftrace] = bpftraces();
    expect(readFileSync(`/proc/${bpftrace}/limits`, 'utf8')).toMatch(/^Max data size +536870912 /m);
    await other.sql(`select '${CONSTANT}' as not_selected`);
    await sees('is_selected');
    await eventually('a log record', () => recorded().logs.some(({ event }) => event === 'test.statement'));
    expect(calls('not_selected')).toBe(0);
    const [point] = recorded().metric('test.calls');
    expect(point?.resource).toMatchObject({
      'k8s.pod.name': 'orders-db-0',
      'host.name': NODE,
      'process.pid': selected.pid,
    });
    expect(JSON.stringify(receiver.received.map(({ body }) => Buffer.from(body).toString()))).not.toContain(CONSTANT);
    expect(row()).toMatchObject({ running: 1 });
    await eventually('ready', () => condition('Ready')?.status === 'True');
    expect(recorded().losses()).toEqual({});
    // Its series end with it.
    api.remove('orders');
    await eventually('the end of bpftrace', () => bpftraces().length === 0);
    await eventually('the end of its series', () =>
      recorded()
        .metric('test.calls')
        .some(({ value }) => value === undefined),
    );
  });

  test('runs for each of several servers, one bpftrace each, and for as many as are allowed', async () => {
    api.applyProgram('own', STATEMENTS);
    startAgent('--max-programs', '2');
    api.apply('orders', spec(OWN, { targets: [container, neighbour] }));
    await becomes('Running', 'Running');
    expect([row()?.running, bpftraces().length]).toEqual([2, 2]);
    await sees('of_the_first');
    await sees('of_the_second', other);
    api.applyProgram('second', STATEMENTS);
    api.apply('more', spec([{ name: 'second' }]));
    expect(await becomes('Failed', 'TooManyPrograms', 'more')).toContain('programs.maxPerNode');
    api.remove('orders');
    await becomes('Running', 'Running', 'more');
  });

  test('that is broken is told, while everything else goes on, and runs when it was mended', async () => {
    const one = (block: string) => ({ ...STATEMENTS, events: [], source: `uprobe:postgres:${block}` });
    api.applyProgram('own', STATEMENTS);
    api.applyProgram('loose', { ...STATEMENTS, source: STATEMENTS.source.replace('PGSCOPE_TARGET &&', '') });
    api.applyProgram('nowhere', one('no_such_function /PGSCOPE_TARGET/ { @calls["a"] = count(); }'));
    api.applyProgram('wrong', one('EndCommand /PGSCOPE_TARGET/ { @calls[$nothing] = count(); }'));
    api.applyProgram('wide', { ...STATEMENTS, scope: 'node' });
    startAgent();
    const broken = ['loose', 'nowhere', 'absent', 'wide', 'wrong'].map((name) => ({ name }));
    api.apply('orders', spec([...broken, { name: 'own', args: { nonsense: '1' } }]));
    api.apply('fine', spec(OWN));
    expect(await becomes('Failed', 'ProgramRefused')).toMatch(/^loose: line 2: /);
    expect(await becomes('Failed', 'ProgramFailed', 'orders', 1)).toContain('none of its probes exists here');
    expect(await becomes('Failed', 'UnknownProgram', 'orders', 2)).toContain('absent');
    expect(await becomes('Failed', 'NodeScopeForbidden', 'orders', 3)).toContain('scope: node');
    expect(await becomes('Failed', 'ProgramFailed', 'orders', 4)).toContain('$nothing');
    expect(await becomes('Failed', 'ProgramRefused', 'orders', 5)).toContain('nonsense');
    expect(condition('Ready')).toMatchObject({ status: 'False', reason: 'ProgramRefused' });
    await becomes('Running', 'Running', 'fine');
    await sees('goes_on');
    await eventually('metrics', () => recorded().ofQuery('goes_on', 'postgresql.query.calls') > 0);
    expect(api.status('orders')?.targets?.[0]?.state).toBe('Attached');

    api.applyProgram('loose', STATEMENTS);
    await becomes('Running', 'Running');
    api.removeProgram('loose');
    await becomes('Failed', 'UnknownProgram');
  });

  test('of two profiles runs once where they agree, and for the first where they do not', async () => {
    api.applyProgram('own', STATEMENTS);
    startAgent();
    api.apply('a', spec(OWN));
    api.apply('b', spec(OWN));
    await becomes('Running', 'Running', 'b');
    expect(bpftraces()).toHaveLength(1);
    api.apply('b', spec([{ name: 'own', args: { from: '1ms' } }]));
    expect(await becomes('Failed', 'OtherArguments', 'b')).toContain('another profile');
    api.apply('c', spec([{ name: 'own', args: { from: '0ms' } }]));
    await becomes('Running', 'Running', 'c');
    api.apply('0', spec([{ name: 'own', args: { nonsense: '1' } }]));
    await becomes('Failed', 'ProgramRefused', '0');
    expect([row('a')?.state, row('c')?.state, bpftraces().length]).toEqual(['Running', 'Running', 1]);
    api.remove('c');
    api.apply('b', spec([{ name: 'own', args: { from: '1ms' } }], { destination: 'other' }));
    expect(await becomes('Running', 'Running', 'b')).toContain('has no endpoint for logs');
    expect(bpftraces()).toHaveLength(2);
    api.remove('a');
    await eventually('the end of one', () => bpftraces().length === 1);
  });

  test('that ends itself has told what it saw', async () => {
    api.applyProgram('own', { ...STATEMENTS, source: `${STATEMENTS.source}\ninterval:s:2 { exit(); }\n` });
    startAgent();
    api.apply('orders', spec([{ name: 'own', interval: '1h' }]));
    await eventually('the end of it', async () => {
      await selected.sql('select 1 as seen_by_it');
      return row()?.state === 'Done';
    });
    await eventually('what it saw', () => calls('seen_by_it') > 0);
    expect(condition('Ready')?.status).toBe('True');
  });

  test('says which of what it tells goes nowhere', async () => {
    api.applyProgram('own', STATEMENTS);
    startAgent();
    api.apply('orders', spec(OWN, { destination: 'traces' }));
    const message = await becomes('Running', 'Running');
    expect(message).toContain(
      'its maps and events go nowhere, since the destination "traces" has no endpoint for metrics and logs',
    );
  });

  test('is started again when bpftrace dies, and leaves nothing when the agent is killed', async () => {
    api.applyProgram('own', STATEMENTS);
    startAgent();
    api.apply('orders', spec(OWN));
    await becomes('Running', 'Running');
    const [first = 0] = bpftraces();
    process.kill(first, 'SIGKILL');
    await becomes('Pending', 'ProgramRestarting');
    await becomes('Running', 'Running');
    await eventually('its loss', () => Object.keys(recorded().losses()).some((key) => key.includes('programRestarts')));
    const left = bpftraces();
    expect(left).toHaveLength(1);
    agent.kill('SIGKILL');
    await eventually('the end of bpftrace', () => left.every((pid) => !isThere(pid)));
  });

  test('ends with the agent, with its last values', async () => {
    api.applyProgram('own', STATEMENTS);
    startAgent();
    api.apply('orders', spec([{ name: 'own', interval: '1h' }]));
    await becomes('Running', 'Running');
    await eventually('a statement that it sees', async () => {
      await selected.sql('select 1 as last_values');
      return recorded().logs.length > 0;
    });
    expect(calls('last_values')).toBe(0);
    expect(await agent.end('SIGTERM')).toMatchObject({ exitCode: 0 });
    expect(calls('last_values')).toBeGreaterThan(0);
  });

  test('is not run where none may be', async () => {
    api.applyProgram('own', STATEMENTS);
    startAgent('--max-programs', '0');
    api.apply('orders', spec(OWN));
    expect(await becomes('Failed', 'TooManyPrograms')).toContain('no programs are run here');
    expect(bpftraces()).toEqual([]);
  });

  test('is not run where there is no bpftrace, and says so', async () => {
    api.applyProgram('own', STATEMENTS);
    env = { PGSCOPE_BPFTRACE: '/nowhere/bpftrace' };
    startAgent();
    api.apply('orders', spec(OWN));
    expect(await becomes('Failed', 'NoBpftrace')).toContain('/nowhere/bpftrace');
    await eventually('the server attached', () => api.status('orders')?.targets?.[0]?.state === 'Attached');
  });
});

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
