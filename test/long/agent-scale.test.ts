/** The agent of a node with twenty PostgreSQL servers: what it and its tracer take. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type Receiver, startReceiver } from '../agent/telemetry/export/receiver.js';
import { cpuNs, memoryOf } from '../bench/processor.js';
import { Command, scratchFile, stopCommands } from '../command.js';
import { ApiServer } from '../node-agent/api-server.js';
import { Container, removeContainers } from '../node-agent/container.js';
import { type Build, type Server, startServer, stopServers } from '../servers.js';
import { type Load, startLoad } from './agent/load.js';
import { ReceivedMetrics } from './agent/received.js';
import { megabytes, memoryText, say } from './numbers.js';
import { until } from './until.js';

const MINUTE_MS = 60_000;
jest.setTimeout(15 * MINUTE_MS);

const NODE = 'node-a';
const BUILDS: readonly Build[] = ['n14', 'n15', 'n16', 'n17', 'n18'];
const SERVERS = 20;
const QUERIES = 100;
/** On each server; a machine of two cores has to run all of them, too. */
const PER_SECOND = 50;
const LOAD_SECONDS = 10 * 60;
/** What is measured begins when all queries are known, and ends so many intervals of metrics (15 s) later. */
const INTERVALS = 8;
const PATIENCE = { limitMs: 5 * MINUTE_MS, pauseMs: 500 };
const MEMORY_GOAL_BYTES = 130_000_000;

const servers: Server[] = [];
let receiver: Receiver;
let api: ApiServer;
let load: Load | undefined;

beforeAll(async () => {
  [receiver, api] = await Promise.all([startReceiver(), ApiServer.start()]);
  // Small ones, as many as there are cores at a time.
  const settings = { shared_buffers: '16MB', max_connections: 20, fsync: 'off', autovacuum: 'off' };
  while (servers.length < SERVERS) {
    const builds = [0, 1].map((next) => BUILDS[(servers.length + next) % BUILDS.length] ?? 'n18');
    servers.push(...(await Promise.all(builds.map((build) => startServer({ build, settings })))));
  }
});

afterAll(async () => {
  await stopCommands();
  await stopServers();
  await load?.ended();
  await removeContainers();
  await Promise.all([receiver?.close(), api?.close()]);
});

test('twenty servers with a hundred queries each', async () => {
  const containers = servers.map(({ pid }) => {
    const container = new Container();
    container.put(pid);
    return container;
  });
  const destinations = scratchFile('destinations.json', JSON.stringify({ default: { endpoint: receiver.url } }));
  const options = ['--node-name', NODE, '--destinations', destinations, '--server', api.url, '--port', '0'];
  const agent = Command.start(['agent', ...options]);
  api.apply('databases', {
    nodeName: NODE,
    profile: { name: 'databases', uid: randomUUID(), generation: 1 },
    targets: containers.map(targetOf),
  });
  await until('all attached', PATIENCE, async () => {
    const rows = api.status('databases')?.targets ?? [];
    const attached = rows.filter(({ state }) => state === 'Attached').length;
    return attached === SERVERS || `${attached} are: ${JSON.stringify(rows.find(({ state }) => state !== 'Attached'))}`;
  });
  const tracer = agent.tracer() ?? 0;
  say(`${SERVERS} servers attached; agent ${memoryText(agent.pid)}, tracer ${memoryText(tracer)}`);

  load = await startLoad(servers, PER_SECOND, LOAD_SECONDS);
  const received = new ReceivedMetrics(receiver);
  await until('all queries seen', PATIENCE, async () => {
    const queries = received.least('queries', SERVERS);
    return queries >= QUERIES || `one server has ${queries}`;
  });
  say(`all queries seen; agent ${memoryText(agent.pid)}, tracer ${memoryText(tracer)}`);

  const first = received.least('intervals', SERVERS);
  const cpu = [agent.pid, tracer].map(cpuNs);
  const began = performance.now();
  let most = 0;
  await until(`${INTERVALS} more intervals`, PATIENCE, async () => {
    most = Math.max(most, memoryOf(agent.pid).residentBytes);
    const intervals = received.least('intervals', SERVERS) - first;
    return intervals >= INTERVALS || `there were ${intervals}`;
  });
  const elapsedNs = (performance.now() - began) * 1e6;
  const percent = [agent.pid, tracer].map((pid, i) => ((100 * (cpuNs(pid) - (cpu[i] ?? 0))) / elapsedNs).toFixed(2));
  say(
    `with load: agent ${memoryText(agent.pid)}, ${percent[0]} % of a core; at most ${megabytes(most)} MB in this time`,
  );
  say(`tracer ${memoryText(tracer)}, ${percent[1]} % of a core`);
  expect(load.failures).toEqual([]);
  expect(agent.tracer()).toBe(tracer);
  expect(most).toBeLessThan(MEMORY_GOAL_BYTES);
});

function targetOf({ id, podUID }: Container, number: number) {
  return {
    ...{
      podNamespace: 'shop',
      podName: `db-${number}`,
      podUID,
      container: 'postgres',
      containerID: `containerd://${id}`,
    },
    resource: {
      'service.name': `db-${number}`,
      'service.instance.id': `shop.db-${number}.postgres`,
      'k8s.namespace.name': 'shop',
      'k8s.pod.name': `db-${number}`,
      'k8s.pod.uid': podUID,
      'k8s.container.name': 'postgres',
      'k8s.node.name': NODE,
    },
  };
}
