/** Trace programs in a profile: those of the chart and one of the administrator's own, their metrics and log records, and what becomes of wrong ones. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { identify, isAlive, type ProcessIdentity, signal } from '../servers/processes.js';
import { agentReadyOn } from './agents.js';
import { collectorLog, logRecords } from './collector.js';
import { apply, createNamespace, eventually, get, type KubeObject, kubectl, removeNamespaces } from './kubernetes.js';
import { keepAsking, NODE_JS, podReady, processesOf, serverPod, sql } from './postgres.js';
import { condition, deleteProfile, editProfile, profile, profilePath, ready } from './profiles.js';
import { applyProgram, removePrograms, SHIPPED } from './programs.js';
import { promQl } from './receivers.js';

jest.setTimeout(900_000);

/** What each server sends to its clients: a map with the statement as its key, a histogram, an event, an argument. */
const SENDS = {
  description: 'What servers send to their clients.',
  arguments: [{ name: 'at-least', type: 'integer', default: '1000000', description: 'Bytes that are an event.' }],
  maps: [
    {
      name: 'sends',
      metric: 'e2e.sends',
      unit: '{call}',
      kind: 'counter',
      keys: [{ name: 'statement', type: 'query' }],
    },
    { name: 'bytes', metric: 'e2e.send.size', unit: 'By', kind: 'histogram' },
  ],
  events: [
    {
      name: 'e2e.send',
      fields: [
        { name: 'statement', type: 'query' },
        { name: 'process.pid', type: 'integer' },
        { name: 'e2e.size', type: 'integer' },
      ],
    },
  ],
  source: `uprobe:postgres:pgstat_report_activity
/PGSCOPE_TARGET && arg1 != 0/
{
  @text[tid] = str(arg1);
}

tracepoint:syscalls:sys_enter_sendto
/PGSCOPE_TARGET && @text[tid] != ""/
{
  @sends[@text[tid]] = count();
  @bytes = hist(args->len);
  if (args->len >= (uint64)$2) {
    print((@text[tid], pid, args->len));
  }
}

END
{
  clear(@text);
}
`,
};
const UNFILTERED = { source: 'tracepoint:syscalls:sys_enter_fsync\n{\n  @syncs = count();\n}\n' };
const UNCOMPILED = {
  source: 'tracepoint:syscalls:sys_enter_fsync\n/PGSCOPE_TARGET/\n{\n  @syncs = sum(args->no_such_field);\n}\n',
};
const MENDED = { source: 'tracepoint:syscalls:sys_enter_fsync\n/PGSCOPE_TARGET/\n{\n  @syncs = count();\n}\n' };
const NODE_WIDE = { ...UNFILTERED, scope: 'node' };

const interval = '1s';
const FIVE = [
  ...SHIPPED.map((name) => ({ name, interval, args: name === 'pg-writesnoop' ? { 'slower-than': '0ms' } : {} })),
  { name: 'e2e-sends', interval, args: { 'at-least': '1' } },
];
/** One of each program. */
const COUNTERS: Record<string, string> = {
  'pg-cpudist': 'pgscope_program_cpu_time_seconds_total',
  'pg-read-sleep': 'pgscope_program_read_size_bytes_total',
  'pg-syscalls': 'pgscope_program_syscall_calls_total',
  'pg-writesnoop': 'pgscope_program_write_operations_total',
  'e2e-sends': 'e2e_sends_total',
};
const STATEMENTS = 'postgresql_query_calls_total';
const OF_PROGRAMS = '__name__=~"(pgscope_program|e2e)_.+"';

/** No text of it may leave; short enough for the 64 bytes that programs read. */
const LITERAL = 'e2e_canary';
const ASKED = `select '${LITERAL}' as asked`;
/** With little work_mem: writes a temporary file and reads it. */
const SPILLING = `select max(g), '${LITERAL}' from generate_series(1,2999) g`;

let namespace: string;
let pod: KubeObject;
let other: KubeObject;
let stopAsking: (() => Promise<void>)[] = [];

beforeAll(async () => {
  namespace = await createNamespace('programs');
  await applyProgram('e2e-sends', SENDS);
  await apply(
    serverPod(namespace, 'traced-db', { node: 'node-1' }),
    serverPod(namespace, 'other-db', { node: 'node-1' }),
    // It is profiled by the same agent, and stays so.
    profile(namespace, 'other', { podName: 'other-db', metrics: { interval } }),
  );
  pod = await podReady(namespace, 'traced-db');
  other = await podReady(namespace, 'other-db');
  await sql(pod, "alter role postgres set work_mem = '64kB'");
  stopAsking = [keepAsking(pod, ASKED), keepAsking(other, ASKED)];
  await ready(namespace, 'other');
});
afterAll(async () => {
  for (const stop of stopAsking) await stop();
  await removeNamespaces();
  await removePrograms();
});

async function work(): Promise<void> {
  await sql(pod, SPILLING, 'checkpoint');
}

const ofPod = (name = 'traced-db') => `k8s_namespace_name="${namespace}",k8s_pod_name="${name}"`;

async function total(metric: string): Promise<number> {
  return (await promQl(`sum(${metric}{${ofPod()}})`))[0]?.value ?? 0;
}

/** Waits until each of these metrics of the pod has grown. */
async function grow(...metrics: string[]): Promise<void> {
  for (const metric of metrics) {
    const before = await total(metric);
    await eventually(`more of ${metric}`, async () => {
      await work();
      return (await total(metric)) > before;
    });
  }
}

async function tracers(): Promise<number[]> {
  return processesOf(await agentReadyOn('node-1'), 'bpftrace');
}

test('the chart installs the programs that come with pgscope', async () => {
  const table = await kubectl('get', 'pgt');
  console.log(table);
  expect(table).toMatch(/NAME +DESCRIPTION +SCOPE +AGE/);
  for (const name of SHIPPED) expect(table).toMatch(new RegExp(`^${name} .* target `, 'm'));
  const described = await kubectl('describe', 'pgt', 'pg-writesnoop');
  expect(described).toContain('Operations that take so long become events');
});

describe('a profile that names all of these and one of the administrator', () => {
  test('is ready when they run', async () => {
    const appliedAt = performance.now();
    await apply(profile(namespace, 'traced', { podName: 'traced-db', metrics: { interval }, programs: FIVE }));
    await condition(namespace, 'traced', 'ProgramsRunning', {
      status: 'True',
      reason: 'ProgramsRunning',
      says: /^5 programs running/,
    });
    await ready(namespace, 'traced');
    console.log(`apply → five programs run: ${((performance.now() - appliedAt) / 1000).toFixed(1)} s`);
    expect(await tracers()).toHaveLength(FIVE.length);
  });

  test('brings their metrics to Prometheus, with the names of the pod', async () => {
    await grow(...Object.values(COUNTERS), STATEMENTS);
    for (const metric of Object.values(COUNTERS)) {
      const [series] = await promQl(`${metric}{${ofPod()}}`);
      expect(series?.labels).toMatchObject({
        k8s_pod_uid: pod.metadata.uid,
        k8s_node_name: 'node-1',
        k8s_container_name: 'postgres',
        k8s_cluster_name: 'e2e',
      });
    }
    const sends = `e2e_sends_total{${ofPod()},db_query_text="select $1 as asked",db_query_summary="SELECT"}`;
    expect((await promQl(sends))[0]?.value).toBeGreaterThan(0);
    expect((await promQl(`e2e_send_size_bytes_count{${ofPod()}}`))[0]?.value).toBeGreaterThan(0);
    const latencies = `pgscope_program_syscall_duration_seconds_count{${ofPod()},pgscope_syscall_name="sendto"}`;
    await eventually('latencies of system calls', async () => ((await promQl(latencies))[0]?.value ?? 0) > 0);
  });

  test('brings their events to a receiver of log records', async () => {
    const ofTest = () => logRecords().filter(({ resource }) => resource['k8s.namespace.name'] === namespace);
    await eventually('an event of each', async () => {
      await work();
      const events = new Set(ofTest().map(({ event }) => event));
      return events.has('e2e.send') && events.has('pgscope.program.write');
    });
    const asked = ({ attributes }: { attributes: Record<string, string> }) =>
      attributes['db.query.text'] === 'select $1 as asked';
    const sent = ofTest().find((record) => record.event === 'e2e.send' && asked(record));
    expect(sent?.attributes).toMatchObject({ 'pgscope.program': 'e2e-sends', 'process.pid': expect.any(String) });
    expect(Number(sent?.attributes['e2e.size'])).toBeGreaterThan(0);
    expect(sent?.resource).toMatchObject({
      'service.name': 'traced-db',
      'k8s.pod.name': 'traced-db',
      'k8s.pod.uid': pod.metadata.uid,
      'k8s.node.name': 'node-1',
    });
    const written = ofTest().filter(({ event }) => event === 'pgscope.program.write');
    expect(written.map(({ attributes }) => attributes['pgscope.file.directory'])).toContain('pgsql_tmp');
    expect(new Set(ofTest().map(({ resource }) => resource['k8s.pod.name']))).toEqual(new Set(['traced-db']));
  });

  test('shows neither a literal nor another pod', async () => {
    const all = await promQl(`{k8s_namespace_name="${namespace}"}`);
    expect(all.length).toBeGreaterThan(0);
    expect(JSON.stringify(all)).not.toContain(LITERAL);
    expect(collectorLog()).not.toContain(LITERAL);
    expect(await promQl(`${STATEMENTS}{${ofPod('other-db')}}`)).not.toEqual([]);
    expect(await promQl(`{${OF_PROGRAMS},k8s_namespace_name="${namespace}",k8s_pod_name!="traced-db"}`)).toEqual([]);
  });
});

describe('programs that cannot run', () => {
  test('are named in the status with the reason, and all else goes on', async () => {
    await applyProgram('e2e-unfiltered', UNFILTERED);
    await applyProgram('e2e-uncompiled', UNCOMPILED);
    const wrong = ['e2e-unfiltered', 'e2e-uncompiled'].map((name) => ({ name }));
    await editProfile(namespace, 'traced', { programs: [...FIVE, ...wrong] });
    const says =
      /^2 of 7 programs .*e2e-unfiltered, node node-1: .*line 1: .*e2e-uncompiled, node node-1: .*line 4.*no_such_field/s;
    await condition(namespace, 'traced', 'ProgramsRunning', { status: 'False', reason: 'ProgramRefused', says });
    const status = await condition(namespace, 'traced', 'Ready', { status: 'False', reason: 'ProgramRefused', says });
    await condition(namespace, 'traced', 'ProbesAttached', { status: 'True' });
    expect(status.targets).toEqual({ matched: 1, attached: 1 });
    expect(status.nodes).toEqual({ desired: 1, ready: 1 });
    await grow(STATEMENTS, ...Object.values(COUNTERS));
  });

  test('run as soon as the administrator has mended them, whatever profiles name them', async () => {
    const { metadata } = await get(profilePath(namespace, 'traced'));
    await applyProgram('e2e-unfiltered', MENDED);
    await applyProgram('e2e-uncompiled', MENDED);
    await condition(namespace, 'traced', 'ProgramsRunning', {
      status: 'True',
      reason: 'ProgramsRunning',
      says: /^7 programs running/,
    });
    await ready(namespace, 'traced');
    expect((await get(profilePath(namespace, 'traced'))).metadata.generation).toBe(metadata.generation);
  });
});

test('without the profile no program runs, and no series of one is alive', async () => {
  const agent = await agentReadyOn('node-1');
  expect(processesOf(agent, 'bpftrace')).toHaveLength(FIVE.length + 2);
  await deleteProfile(namespace, 'traced');
  await eventually('the end of every bpftrace', () => processesOf(agent, 'bpftrace').length === 0);
  const alive = `{${OF_PROGRAMS},k8s_namespace_name="${namespace}"}`;
  await eventually('the end of every series', async () => (await promQl(alive)).length === 0);
  // The agent works on for the other pod.
  expect((await agentReadyOn('node-1')).metadata.uid).toBe(agent.metadata.uid);
  await ready(namespace, 'other');
});

describe('what a profile asks for wrongly is in its status', () => {
  beforeAll(async () => {
    await applyProgram('e2e-node-wide', NODE_WIDE);
    await apply(profile(namespace, 'odd', { podName: 'traced-db' }));
    await condition(namespace, 'odd', 'ProgramsRunning', { status: 'True', reason: 'NoPrograms' });
  });
  afterAll(async () => await deleteProfile(namespace, 'odd'));

  test.each<[string, KubeObject, string, RegExp]>([
    [
      'arguments',
      { name: 'e2e-sends', args: { nonsense: '1' } },
      'ProgramRefused',
      /e2e-sends, node node-1: .*nonsense/,
    ],
    ['values', { name: 'e2e-sends', args: { 'at-least': 'much' } }, 'ProgramRefused', /e2e-sends.*at-least/],
    ['a scope that is not allowed', { name: 'e2e-node-wide' }, 'NodeScopeForbidden', /e2e-node-wide, node node-1: /],
    ['a program that there is not', { name: 'e2e-nothing' }, 'UnknownProgram', /e2e-nothing, node node-1: /],
  ])('%s', async (_, program, reason, says) => {
    await editProfile(namespace, 'odd', { programs: [program] });
    await condition(namespace, 'odd', 'ProgramsRunning', { status: 'False', reason, says });
    await condition(namespace, 'odd', 'ProbesAttached', { status: 'True' });
    expect(await tracers()).toEqual([]);
  });
});

test('an agent that is killed leaves no bpftrace behind, and the next one runs the programs again', async () => {
  const programs = FIVE.filter(({ name }) => name === 'e2e-sends' || name === 'pg-syscalls');
  await apply(profile(namespace, 'again', { podName: 'traced-db', metrics: { interval }, programs }));
  await ready(namespace, 'again');
  const agent = await agentReadyOn('node-1');
  const before = identified(processesOf(agent, 'bpftrace'));
  expect(before).toHaveLength(programs.length);
  for (const process of identified(processesOf(agent, NODE_JS))) signal(process, 'SIGKILL');
  await eventually('the end of every bpftrace', () => !before.some(isAlive));
  await eventually('those of the next agent', () => processesOf(agent, 'bpftrace').length === programs.length);
  await ready(namespace, 'again');
  await grow('e2e_sends_total', 'pgscope_program_syscall_calls_total');
  await deleteProfile(namespace, 'again');
  await eventually('the end of every bpftrace', () => processesOf(agent, 'bpftrace').length === 0);
});

function identified(pids: number[]): ProcessIdentity[] {
  return pids.flatMap((pid) => identify(pid) ?? []);
}
