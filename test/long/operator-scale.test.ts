/** The operator with a thousand nodes and twenty thousand pods: what it takes, what it writes, and that it ends where it should. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { memoryOf } from '../bench/processor.js';
import { type ApiServer, startApiServer } from '../chart/api-server.js';
import { NAMESPACE, runHelm } from '../chart/installation.js';
import { Administrator } from './administrator.js';
import { type Outage, stopApiServer } from './api-server-outage.js';
import { answered, converged } from './fleet/state.js';
import { Fleet } from './fleet.js';
import { memoryText, say } from './numbers.js';
import { VALUES } from './operator/deployment.js';
import { idle, quiet } from './operator/idle.js';
import { OperatorPod } from './operator/pod.js';
import { sent } from './operator/requests.js';

const MINUTE_MS = 60_000;
jest.setTimeout(20 * MINUTE_MS);

/** With an agent on each node that is 20,000 pods; a tenth of them are databases, two on each node, a hundred for each profile. */
const SIZE = { nodes: 1_000, teams: 20, podsPerTeam: 950, databasesPerTeam: 100 };
const NODE_PROFILES = SIZE.teams * SIZE.databasesPerTeam;
const MEMORY_GOAL_BYTES = 220_000_000;
const IDLE_MS = MINUTE_MS;
const IDLE_GOAL_PERCENT = 1;
const OUTAGE_MS = 2 * MINUTE_MS;
/** A kubelet tells every five minutes that its node is well. */
const HEARTBEAT_MS = 5 * MINUTE_MS;
/** A status goes out at each turning point, else every 30 s at most: far fewer than there are answers of agents. */
const STATUSES_PER_PROFILE = 30;
/** How the operator ends when it could not renew its Lease. */
const EXIT_LOST = 3;

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
  await runHelm(api, 'install', 'pgscope', 'charts/pgscope', ...VALUES, '--no-hooks');
  const began = performance.now();
  await fleet.write();
  const seconds = Math.round((performance.now() - began) / 1000);
  say(`wrote ${fleet.nodes.size} nodes and ${fleet.pods.length} pods in ${seconds} s, ${await fleet.sizes()}`);
});

afterAll(async () => {
  if (operator?.exits.length > 0) say(`the operator ended with ${operator.exits}; its log ends:\n${operator.logEnd}`);
  await operator?.stop();
  administrator?.close();
  await outage?.stop();
  await api?.stop();
});

test('every NodeProfile and every label is made; then the agents answer, and every profile is Ready', async () => {
  operator = await OperatorPod.start(api, administrator);
  await fleet.applyProfiles();
  const took = await converged(administrator, fleet);
  say(`${NODE_PROFILES} NodeProfiles and ${fleet.nodes.size} labels in ${took.toFixed(0)} s: ${memory()}`);
  await fleet.startAgents(fleet.nodes);
  await answered(administrator, fleet);
  expect(operator.exits).toEqual([]);
  const { writes } = await requests();
  expect(writes).toBeGreaterThanOrEqual(NODE_PROFILES + fleet.nodes.size);
  expect(writes).toBeLessThan(NODE_PROFILES + fleet.nodes.size + SIZE.teams * STATUSES_PER_PROFILE);
  say(`all profiles Ready, ${writes} writes up to here: ${memory()}`);
});

test('nothing is written while nothing changes, and little is computed', async () => {
  await quiet(operator);
  const still = await idle(operator, administrator, () => sleep(IDLE_MS));
  const beating = await idle(operator, administrator, async () => {
    const due = [...fleet.nodes].slice(0, (fleet.nodes.size * IDLE_MS) / HEARTBEAT_MS);
    for (const name of due) {
      await fleet.heartbeat(name);
      await sleep(IDLE_MS / due.length);
    }
  });
  say(`${still.toFixed(2)} % of a core idle, ${beating.toFixed(2)} % with the nodes' heartbeats: ${memory()}`);
  expect(memoryOf(operator.pid).residentBytes).toBeLessThan(MEMORY_GOAL_BYTES);
  expect(still).toBeLessThan(IDLE_GOAL_PERCENT);
});

test('pods that are replaced and nodes that go are followed', async () => {
  const every = NODE_PROFILES / 200;
  await fleet.replacePods(fleet.databases().filter((_, number) => number % every === 0));
  await fleet.removeNodes([...fleet.nodes].filter((_, number) => number % 50 === 7));
  const took = await converged(administrator, fleet);
  await answered(administrator, fleet);
  expect(operator.exits).toEqual([]);
  say(`200 pods replaced, 20 nodes gone, right after ${took.toFixed(0)} s: ${memory()}`);
});

test('an API server that is away for two minutes is waited for, with few requests', async () => {
  administrator.close();
  outage = await stopApiServer(api);
  const { failed } = await away();
  await outage.end();
  await fleet.replacePods(fleet.databases().slice(-100));
  await fleet.changeProfiles(fleet.namespaces.slice(0, 2));
  const took = await converged(administrator, fleet);
  await answered(administrator, fleet);
  const { reads, writes } = await requests();
  say(`while it was away ${failed} requests failed; right ${took.toFixed(0)} s after the changes: ${memory()}`);
  say(`in all ${reads} reads and ${writes} writes of the process that waited`);
  // It may not write without the Lease, so the leader ends; the one that is started in its place waits.
  expect(operator.exits).toEqual([EXIT_LOST]);
  expect(failed).toBeGreaterThan(0);
  expect(failed).toBeLessThan(200);
  expect(writes).toBeLessThan(100 + 2 * SIZE.databasesPerTeam + SIZE.teams * STATUSES_PER_PROFILE);
  expect(memoryOf(operator.pid).residentBytes).toBeLessThan(MEMORY_GOAL_BYTES);
});

/** Until the outage has lasted long enough; the process that waits has to be well by its own account. */
async function away() {
  const endMs = Date.now() + OUTAGE_MS;
  while (Date.now() < endMs) {
    await sleep(5_000);
    // No answer is none of a process that has not begun yet: it is seen if it stays so.
    const { status, text } = await operator.page('/healthz').catch(() => ({ status: 200, text: '' }));
    expect([status, text]).toEqual([200, text]);
  }
  return await requests();
}

async function requests() {
  return sent((await operator.page('/metrics')).text);
}

function memory(): string {
  return memoryText(operator.pid);
}
