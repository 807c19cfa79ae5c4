/**
 * The agent of a node whose API server and receiver are away for long: capture goes on, memory stays bounded, what is lost is counted, and
 * what arrives afterwards is right. PGSCOPE_OUTAGE_MINUTES: how long, by default 10; a batch is given up after 5.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type Receiver, startReceiver } from '../agent/telemetry/export/receiver.js';
import { memoryOf } from '../bench/processor.js';
import { Recorded } from '../command/otlp.js';
import { Command, scratchFile, stopCommands } from '../command.js';
import { ApiServer } from '../node-agent/api-server.js';
import { Container, removeContainers } from '../node-agent/container.js';
import { type Server, startServer, stopServers } from '../servers.js';
import { megabytes, memoryText, say } from './numbers.js';
import { until } from './until.js';

const MINUTE_MS = 60_000;
const OUTAGE_MINUTES = Number(process.env.PGSCOPE_OUTAGE_MINUTES ?? 10);
jest.setTimeout((OUTAGE_MINUTES + 10) * MINUTE_MS);

const NODE = 'node-a';
const PATIENCE = { limitMs: 3 * MINUTE_MS, pauseMs: 200 };
/** Each of them a span, of which a queue holds 4,096. */
const PER_SECOND = 200;
const BEFORE = 500;
const AWAY = PER_SECOND * 60 * OUTAGE_MINUTES;
const AFTER = 500;
const MEMORY_GOAL_BYTES = 130_000_000;
const CALLS = 'postgresql.query.calls';
const MARKER = 'through_the_outage';

let server: Server;
let container: Container;
let receiver: Receiver;
let api: ApiServer;
let agent: Command;
/** What came to the receiver before it went away. */
let earlier: Receiver['received'] = [];

beforeAll(async () => {
  [server, receiver, api] = await Promise.all([startServer({ build: 'n18' }), startReceiver(), ApiServer.start()]);
  container = new Container();
  container.put(server.pid);
});
afterAll(async () => {
  await stopCommands();
  await stopServers();
  await removeContainers();
  await Promise.all([receiver.close(), api.close()]);
});

test(`an API server and a receiver that are away for ${OUTAGE_MINUTES} minutes`, async () => {
  const destinations = { default: { endpoint: receiver.url, protocol: 'http/json' } };
  const file = scratchFile('destinations.json', JSON.stringify(destinations));
  agent = Command.start(['agent', '--node-name', NODE, '--destinations', file, '--server', api.url, '--port', '0']);
  api.apply('orders', spec('1s'));
  await until('attached', PATIENCE, async () => row()?.state === 'Attached' || JSON.stringify(row()));
  await ask(BEFORE);
  await until('all spans from before', PATIENCE, async () => spans() === BEFORE || `${spans()} came`);
  const tracer = agent.tracer();
  say(`before: agent ${memoryText(agent.pid)}`);

  await goAway();
  let most = 0;
  const sampled = setInterval(() => {
    most = Math.max(most, memoryOf(agent.pid).residentBytes);
  }, 1_000);
  await ask(AWAY);
  clearInterval(sampled);
  const health = await fetch(`${page()}/healthz`);
  expect([health.status, await health.text()]).toEqual([200, 'ok\n']);
  say(`${AWAY} statements while nothing answers: agent at most ${megabytes(most)} MB`);
  expect(most).toBeLessThan(MEMORY_GOAL_BYTES);

  // Another spec meanwhile: it is taken up when the agent hears of it.
  api.apply('orders', spec('2s'));
  await comeBack();
  await ask(AFTER);
  const total = BEFORE + AWAY + AFTER;
  await until('every call', PATIENCE, async () => calls() === total || `${calls()} of ${total}`);
  await until('every span, or its loss', PATIENCE, async () => {
    const { lost } = losses();
    return spans() + lost === total || `${spans()} spans and ${lost} lost, of ${total}: ${losses().text}`;
  });
  await until('the status', PATIENCE, async () => {
    const { observedGeneration, lostEvents = 0 } = api.status('orders') ?? {};
    return (observedGeneration === 2 && lostEvents > 0) || `${observedGeneration}, ${lostEvents}`;
  });
  say(`after: ${calls()} calls, ${spans()} spans; losses ${losses().text}; agent ${memoryText(agent.pid)}`);
  expect(recorded().decreases()).toEqual([]);
  expect(agent.tracer()).toBe(tracer);
  expect(row()?.state).toBe('Attached');
});

async function goAway(): Promise<void> {
  await Promise.all([api.close(), receiver.close()]);
  earlier = receiver.received;
}

async function comeBack(): Promise<void> {
  receiver = await startReceiver(() => ({}), undefined, receiver.port);
  await api.open();
}

/** So many statements at a steady rate, each exactly once. */
async function ask(count: number): Promise<void> {
  const script = scratchFile('query.sql', `select 1 as ${MARKER};\n`);
  const options = ['--no-vacuum', '--client=1', `--transactions=${count}`, `--rate=${PER_SECOND}`];
  await server.pgbench([...options, `--file=${script}`]);
}

function recorded(): Recorded {
  return Recorded.fromBodies([...earlier, ...receiver.received].map(({ body }) => body));
}

function calls(): number {
  return recorded().ofQuery(MARKER, CALLS);
}

/** One of a batch that came twice counts once. */
function spans(): number {
  const own = recorded().spans.filter(({ attributes }) => String(attributes['db.query.text'] ?? '').includes(MARKER));
  return new Set(own.map(({ traceId }) => traceId)).size;
}

/** `lost`: spans, in the kernel, the agent or the export. */
function losses(): { lost: number; text: string } {
  const all = recorded();
  const isOfMetrics = ({ 'pgscope.export.signal': signal }: Record<string, unknown>) => signal === 'metrics';
  const lost = all.total('pgscope.losses', ({ attributes }) => !isOfMetrics(attributes));
  return { lost, text: JSON.stringify(all.losses()) };
}

function row() {
  return api.status('orders')?.targets?.[0];
}

function page(): string {
  const [, port] = /on port (\d+)/.exec(agent.stderr) ?? [];
  return `http://127.0.0.1:${port}`;
}

function spec(interval: string) {
  const { id, podUID } = container;
  const pod = { podNamespace: 'shop', podName: 'db', podUID, container: 'postgres' };
  return {
    nodeName: NODE,
    profile: { name: 'orders', uid: randomUUID(), generation: 1 },
    spans: { minDuration: '0ms', maxPerSecond: 10_000 },
    metrics: { interval },
    targets: [{ ...pod, containerID: `containerd://${id}`, resource: { 'service.name': 'db' } }],
  };
}
