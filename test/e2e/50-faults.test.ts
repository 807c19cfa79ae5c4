/** What breaks in a cluster: operator, API server, agent, tracer, node. Captures go on or come back, and the status says how it stands. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { apiServerAnswers } from '../cluster/control-plane.js';
import { daemonOf, startDaemon, stopDaemon } from '../cluster/daemon.js';
import { exist, expectNoneAbandoned, probesOf } from '../command/probes.js';
import { identify, isAlive, signal } from '../servers/processes.js';
import { agentOn, agentReadyOn, leader, operatorPods, operatorReady } from './agents.js';
import { scaleOperator, upgrade } from './installation.js';
import {
  apply,
  createNamespace,
  eventually,
  get,
  type KubeObject,
  record,
  remove,
  removeNamespaces,
} from './kubernetes.js';
import { NODE_JS, podReady, processesOf, serverPod, sql } from './postgres.js';
import { condition, deleteProfile, EVERYTHING, look, nodeProfiles, profile, profileStatus, ready } from './profiles.js';
import { type Recorder, startRecorder } from './receivers.js';

jest.setTimeout(900_000);

let namespace: string;
let recorder: Recorder;
let pod: KubeObject;

beforeAll(async () => {
  recorder = await startRecorder();
  namespace = await createNamespace('faults');
  await apply(
    serverPod(namespace, 'db', { node: 'node-1' }),
    serverPod(namespace, 'far', { node: 'node-2' }),
    profile(namespace, 'db', { podName: 'db', ...EVERYTHING }),
  );
  pod = await podReady(namespace, 'db');
  await podReady(namespace, 'far');
  await ready(namespace, 'db');
});
afterAll(async () => {
  for (const name of ['kube-apiserver', 'kubelet@node-2']) {
    const daemon = daemonOf(record, name);
    if (daemon.process === undefined || !isAlive(daemon.process)) await startDaemon(record, daemon);
  }
  await eventually('the API server to answer', async () => await apiServerAnswers(record));
  await upgrade();
  await scaleOperator(1);
  await removeNamespaces();
  await recorder.close();
});

const calls = (marker: string) => recorder.recorded.ofQuery(marker, 'postgresql.query.calls');

async function counts(marker: string, expected: number): Promise<void> {
  await sql(pod, `select 1 as ${marker}`);
  await eventually(`call ${expected} of ${marker}`, () => calls(marker) === expected);
  expect(recorder.recorded.decreases()).toEqual([]);
}

function kill(pids: number[]): void {
  for (const pid of pids) {
    const process = identify(pid);
    if (process !== undefined) signal(process, 'SIGKILL');
  }
}

test('the operator is killed with work in flight: the next one ends it', async () => {
  const names = Array.from({ length: 8 }, (_, index) => `many-${index}`);
  const [operator] = await operatorPods();
  await apply(...names.map((name) => profile(namespace, name, { podName: 'db', ...EVERYTHING })));
  kill(processesOf(operator, NODE_JS));
  for (const name of names) await ready(namespace, name);
  await counts('operator_killed', 1);
  for (const name of names) await deleteProfile(namespace, name);
  await eventually('one node profile', async () => (await nodeProfiles(namespace)).length === 1);
});

test('of two operators one leads; when it is killed the other takes over', async () => {
  await scaleOperator(2);
  await eventually('two operators', async () => (await operatorPods()).length === 2);
  const first = await leader();
  const pods = await operatorPods();
  const leading = pods.find(({ metadata }) => first.startsWith(metadata.name));
  expect(leading).toBeDefined();
  // Its container comes back at once, but under another identity.
  kill(processesOf(leading, NODE_JS));
  await eventually('another leader', async () => (await leader()) !== first);
  await apply(profile(namespace, 'after', { podName: 'db', ...EVERYTHING }));
  await ready(namespace, 'after');
  await deleteProfile(namespace, 'after');
  await scaleOperator(1);
  await eventually('one operator', async () => (await operatorPods()).length === 1);
});

test('the API server is away for a minute: capture and export go on', async () => {
  await counts('api_away', 1);
  const api = daemonOf(record, 'kube-apiserver');
  await stopDaemon(record, api);
  const end = performance.now() + 60_000;
  for (let expected = 2; performance.now() < end; expected += 1) {
    await counts('api_away', expected);
    await new Promise((resolve) => setTimeout(resolve, 5_000));
  }
  const before = calls('api_away');
  await startDaemon(record, api);
  await eventually('the API server to answer', async () => await apiServerAnswers(record));
  await counts('api_away', before + 1);
  // Operator and agent both still see what is new.
  await operatorReady();
  await apply(profile(namespace, 'news', { podName: 'db', ...EVERYTHING }));
  await ready(namespace, 'news');
  await deleteProfile(namespace, 'news');
});

test('an agent that is killed leaves no probe, and resumes', async () => {
  const agent = await agentReadyOn('node-1');
  await counts('agent_killed', 1);
  const [tracer = 0] = processesOf(agent, 'pgscope-tracer');
  const probes = probesOf(tracer);
  expect(probes.programs.length).toBeGreaterThan(0);
  expect(probes.links.length).toBeGreaterThan(0);
  expect(await exist(probes)).toBe(true);
  kill(processesOf(agent, NODE_JS));
  await eventually('its probes to be gone', async () => !(await exist(probes)));
  await expectNoneAbandoned();
  await eventually('another tracer', () => processesOf(agent, 'pgscope-tracer').some((pid) => pid !== tracer));
  await attachedAgain(agent);
  await counts('agent_killed', 2);
});

async function attachedAgain(agent: KubeObject): Promise<void> {
  await agentReadyOn(agent.spec.nodeName);
  await ready(namespace, 'db');
  await eventually('a tracer with links', () =>
    processesOf(agent, 'pgscope-tracer').some((pid) => probesOf(pid).links.length > 5),
  );
}

test('a tracer that is killed is started again, and the status says so meanwhile', async () => {
  const agent = await agentReadyOn('node-1');
  const [tracer = 0] = processesOf(agent, 'pgscope-tracer');
  const says = /tracer has died and is being started again/;
  await eventually('the status to say so', async () => {
    // The first one comes back within two seconds, each later one takes longer.
    kill(processesOf(agent, 'pgscope-tracer'));
    const rows = (await nodeProfiles(namespace)).flatMap(({ status }) => status?.targets ?? []);
    const ready = (await profileStatus(namespace, 'db')).conditions.find(({ type }: KubeObject) => type === 'Ready');
    return rows.every(({ reason }) => reason === 'TracerRestarting') && says.test(ready.message);
  });
  console.log(await look(namespace, 'db'));
  await eventually('another tracer', () => processesOf(agent, 'pgscope-tracer').some((pid) => pid !== tracer));
  await attachedAgain(agent);
  await counts('tracer_killed', 1);
  const metrics = await (await fetch(`http://${agent.status.podIP}:9464/metrics`)).text();
  expect(metrics).toMatch(/^pgscope_tracer_restarts_total [1-9]/m);
  await ready(namespace, 'db');
});

test('an agent that cannot be scheduled, and one whose image is missing: the status says so', async () => {
  const huge = ['requests', 'limits'].flatMap((kind) => ['--set', `agent.resources.${kind}.memory=900Gi`]);
  await upgrade(...huge, '--wait=false');
  await condition(namespace, 'db', 'Ready', {
    status: 'Unknown',
    reason: 'AgentNotReady',
    says: /Unschedulable.*Insufficient memory/,
  });
  await upgrade('--set', 'agent.image.tag=missing', '--set', 'agent.image.pullPolicy=Never', '--wait=false');
  await condition(namespace, 'db', 'Ready', { status: 'Unknown', reason: 'AgentNotReady', says: /ErrImageNeverPull/ });
  expect((await profileStatus(namespace, 'db')).targets.attached).toBe(0);
  await upgrade('--wait=false');
  await ready(namespace, 'db');
  await counts('agent_is_back', 1);
});

test('a node that is gone', async () => {
  await apply(profile(namespace, 'far', { podName: 'far', ...EVERYTHING }));
  await ready(namespace, 'far');
  const kubelet = daemonOf(record, 'kubelet@node-2');
  await stopDaemon(record, kubelet);
  await condition(namespace, 'far', 'Ready', { status: 'Unknown', reason: 'AgentNotReady', says: /node-2.*not ready/ });
  await remove('/api/v1/nodes/node-2');
  await eventually('its node profile to be gone', async () => {
    return (await nodeProfiles(namespace)).every(({ spec }) => spec.nodeName !== 'node-2');
  });
  await condition(namespace, 'far', 'Ready', { status: 'False', says: /far/ });
  await deleteProfile(namespace, 'far');
  await startDaemon(record, kubelet);
  await eventually('the node to be back', async () => {
    const node = await get('/api/v1/nodes/node-2');
    return (
      node?.status.conditions.some(({ type, status }: KubeObject) => type === 'Ready' && status === 'True') === true
    );
  });
  await eventually('no agent there', async () => (await agentOn('node-2')) === undefined);
});
