/** The operator with a thousand nodes and twenty thousand pods: what it takes, what it writes, and that it ends where it should. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { cpuNs, memoryOf } from '../bench/processor.js';
import { type ApiServer, startApiServer } from '../chart/api-server.js';
import { NAMESPACE, runHelm } from '../chart/installation.js';
import { Administrator, eachOf } from './administrator.js';
import { type Outage, stopApiServer } from './api-server-outage.js';
import { answerNodeProfiles, countNodeProfiles, storedTargets } from './fleet/agents.js';
import { Fleet, profiles } from './fleet.js';
import { VALUES } from './operator/deployment.js';
import { OperatorPod } from './operator/pod.js';
import { sent, writesSeen } from './operator/requests.js';
import { until } from './until.js';

const MINUTE_MS = 60_000;
jest.setTimeout(20 * MINUTE_MS);

/** With an agent on each node that is 20,000 pods; a tenth of all are databases, two on each node. */
const SIZE = { nodes: 1_000, teams: 20, podsPerTeam: 950, databasesPerTeam: Number(process.env.DBS ?? 100) };
const NODE_PROFILES = SIZE.teams * SIZE.databasesPerTeam;
const MEMORY_GOAL_BYTES = 220_000_000;
const IDLE_MS = MINUTE_MS;
const OUTAGE_MS = 2 * MINUTE_MS;
/** A kubelet tells every five minutes that its node is well. */
const HEARTBEAT_MS = 5 * MINUTE_MS;
/** Longer than the operator may hold a status back. */
const QUIET_MS = 35_000;
const PATIENCE = { limitMs: 8 * MINUTE_MS, pauseMs: 2_000 };

let api: ApiServer;
let administrator: Administrator;
let operator: OperatorPod;
let fleet: Fleet;
let outage: Outage | undefined;

beforeAll(async () => {
  api = await startApiServer();
  administrator = new Administrator(api);
  fleet = new Fleet(administrator, SIZE);
  await administrator.ask('POST', '/api/v1/namespaces', { body: { metadata: { name: NAMESPACE } } });
  await fleet.ready([NAMESPACE]);
  await runHelm(api, 'install', 'pgscope', 'charts/pgscope', ...VALUES);
  const began = performance.now();
  await fleet.write();
  say(`wrote ${fleet.nodes.size} nodes and ${fleet.pods.length} pods in ${seconds(performance.now() - began)}`);
  const [pod] = fleet.pods;
  const path = `/api/v1/namespaces/${pod?.namespace}/pods/${pod?.name}`;
  say(`a database's pod has ${JSON.stringify(await administrator.ask('GET', path)).length} bytes`);
});

afterAll(async () => {
  await operator?.stop();
  administrator?.close();
  await outage?.stop();
  await api?.stop();
});

test('every NodeProfile and every label is made; then the agents answer, and every profile is Ready', async () => {
  operator = await OperatorPod.start(api, administrator);
  await fleet.applyProfiles();
  const took = await until('all NodeProfiles', PATIENCE, async () => {
    const count = await countNodeProfiles(administrator);
    return count === NODE_PROFILES || `there are ${count}`;
  });
  await labelled(fleet.nodes.size);
  say(
    `${NODE_PROFILES} NodeProfiles and ${fleet.nodes.size} labels: ${took.toFixed(0)} s after the start; ${memory()}`,
  );
  expect(await storedTargets(administrator)).toEqual(fleet.targets());
  await fleet.startAgents(fleet.nodes);
  await answered();
  const { writes } = sent((await operator.page('/metrics')).text);
  // One for each NodeProfile and label; of each profile a status now and then.
  expect(writes).toBeLessThan(NODE_PROFILES + fleet.nodes.size + SIZE.teams * 30);
  say(`${writes} writes up to here; ${memory()}`);
});

test('nothing is written while nothing changes, and little is computed', async () => {
  await quiet();
  const still = await idle(IDLE_MS, () => sleep(IDLE_MS));
  const nodes = [...fleet.nodes];
  const beating = await idle(IDLE_MS, async () => {
    const due = nodes.slice(0, (nodes.length * IDLE_MS) / HEARTBEAT_MS);
    for (const name of due) {
      await fleet.heartbeat(name);
      await sleep(IDLE_MS / due.length);
    }
  });
  say(`CPU of a core: ${still.toFixed(2)} % idle, ${beating.toFixed(2)} % with the nodes' heartbeats; ${memory()}`);
  expect(memoryOf(operator.pid).residentBytes).toBeLessThan(MEMORY_GOAL_BYTES);
  expect(still).toBeLessThan(1);
});

test('pods that are replaced and nodes that go are followed', async () => {
  const databases = fleet.pods.filter(({ kind }) => kind === 'database');
  await fleet.replacePods(databases.filter((_, number) => number % Math.floor(databases.length / 200) === 0));
  await fleet.removeNodes([...fleet.nodes].filter((_, number) => number % 50 === 7));
  await converged('after the churn');
  await answered();
  say(`followed the churn; ${memory()}`);
  expect(operator.exits).toEqual([]);
});

test('an API server that is away for two minutes is waited for, with few requests', async () => {
  administrator.close();
  outage = await stopApiServer(api);
  const endMs = Date.now() + OUTAGE_MS;
  const failures: string[] = [];
  while (Date.now() < endMs) {
    await sleep(5_000);
    const page = await operator.page('/healthz').catch(() => undefined);
    if (page !== undefined && page.status !== 200) failures.push(page.text);
  }
  // A process that has just begun serves no page for a moment: that is no failure, and must not last.
  const away = sent((await operator.page('/metrics')).text);
  await outage.end();
  const services = fleet.pods.filter(({ kind }) => kind === 'database').slice(-100);
  await fleet.replacePods(services);
  await eachOf(fleet.namespaces.slice(0, 2), (namespace) =>
    administrator.ask('PATCH', `${profiles(namespace)}/databases`, {
      body: { spec: { metrics: { interval: '30s' } } },
      contentType: 'application/merge-patch+json',
    }),
  );
  const took = await converged('after the outage');
  await answered();
  const { reads, writes, failed } = sent((await operator.page('/metrics')).text);
  say(`away: ${away.failed} requests failed; back: ${took.toFixed(0)} s; exits ${operator.exits}; ${memory()}`);
  say(`all in all ${reads} reads, ${writes} writes, ${failed} refused or without an answer`);
  // It may not write without the Lease, so it ends, is started again, and waits.
  expect(operator.exits).toEqual([3]);
  expect(failures).toEqual([]);
  expect(away.failed).toBeLessThan(200);
  expect(writes).toBeLessThan(100 + 2 * SIZE.databasesPerTeam + SIZE.teams * 30);
});

/** Until the NodeProfiles hold exactly what the pods are, and the labels are where NodeProfiles are. */
async function converged(when: string): Promise<number> {
  const expected = fleet.targets();
  const text = expected.join('\n');
  const took = await until(`all NodeProfiles right ${when}`, PATIENCE, async () => {
    const stored = await storedTargets(administrator);
    const missing = expected.length - stored.filter((line) => expected.includes(line)).length;
    return stored.join('\n') === text || `${stored.length} targets, ${missing} are missing`;
  });
  await labelled(fleet.nodes.size);
  return took;
}

async function labelled(nodes: number): Promise<void> {
  await until('all labels', PATIENCE, async () => {
    const found = await administrator.list('/api/v1/nodes?labelSelector=pgscope.dev/agent=true', {
      metadataOnly: true,
    });
    return found.length === nodes || `there are ${found.length}`;
  });
}

/** Plays the agents until every profile is Ready with all of its servers. */
async function answered(): Promise<void> {
  await until('all profiles Ready', PATIENCE, async () => {
    await answerNodeProfiles(administrator);
    const stored = await administrator.list('/apis/pgscope.dev/v1alpha1/postgresprofiles');
    const open = stored.filter(({ metadata, status }) => !isReady(metadata.namespace, status));
    return open.length === 0 || `${open.length} are not, such as ${JSON.stringify(open[0].status)}`;
  });
}

// biome-ignore lint/suspicious/noExplicitAny: a stored status
function isReady(namespace: string, status: any): boolean {
  const servers = fleet.pods.filter((pod) => pod.namespace === namespace && pod.kind === 'database').length;
  // biome-ignore lint/suspicious/noExplicitAny: a stored condition
  const ready = status?.conditions?.find(({ type }: any) => type === 'Ready');
  return ready?.status === 'True' && status.targets.attached === servers && status.targets.matched === servers;
}

/** Until the last status that was held back is written. */
async function quiet(): Promise<void> {
  let last = '';
  await until('no write for a while', { limitMs: PATIENCE.limitMs, pauseMs: QUIET_MS }, async () => {
    const { writes } = sent((await operator.page('/metrics')).text);
    const before = last;
    last = String(writes);
    return last === before || `${writes} writes`;
  });
}

/** CPU time in percent of a core while `work` goes on; nothing but the Lease may be written by the operator meanwhile. */
async function idle(ms: number, work: () => Promise<unknown>): Promise<number> {
  const page = async () => (await operator.page('/metrics')).text;
  const seen = async () => writesSeen(await administrator.ask('GET', '/metrics'));
  const [before, seenBefore] = [sent(await page()), await seen()];
  const [cpu, began] = [cpuNs(operator.pid), performance.now()];
  await work();
  const percent = (100 * (cpuNs(operator.pid) - cpu)) / ((performance.now() - began) * 1e6);
  const [after, seenAfter] = [sent(await page()), await seen()];
  expect(after.writes - before.writes).toBe(0);
  expect(after.renewals - before.renewals).toBeLessThanOrEqual(ms / 1_000);
  for (const kind of ['nodeprofiles', 'postgresprofiles', 'postgresprofiles/status', 'nodes', 'events'])
    expect([kind, seenAfter[kind]]).toEqual([kind, seenBefore[kind]]);
  return percent;
}

function memory(): string {
  const { residentBytes, peakBytes } = memoryOf(operator.pid);
  return `${megabytes(residentBytes)} resident, ${megabytes(peakBytes)} at most`;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(0)} s`;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
