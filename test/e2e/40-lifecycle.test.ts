/** A profile's life: edited, suspended, expired, deleted, also while operator or agent are away. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { agentOn, agentReadyOn, operatorGone, operatorReady } from './agents.js';
import { keepAgentsAway, scaleOperator } from './installation.js';
import { apply, ask, createNamespace, eventually, type KubeObject, list, removeNamespaces } from './kubernetes.js';
import { podReady, serverPod, sql } from './postgres.js';
import {
  condition,
  deleteProfile,
  deleteProfiles,
  EVERYTHING,
  editProfile,
  nodeProfiles,
  profile,
  profilePath,
  profileStatus,
  ready,
} from './profiles.js';
import { type Recorder, startRecorder } from './receivers.js';

jest.setTimeout(600_000);

let namespace: string;
let recorder: Recorder;
let pod: KubeObject;
let other: KubeObject;

beforeAll(async () => {
  recorder = await startRecorder();
  namespace = await createNamespace('life');
  await apply(serverPod(namespace, 'db', { node: 'node-1' }), serverPod(namespace, 'other', { node: 'node-1' }));
  pod = await podReady(namespace, 'db');
  other = await podReady(namespace, 'other');
});
beforeEach(async () => {
  await scaleOperator(1);
  await keepAgentsAway(false);
});
afterEach(async () => {
  await scaleOperator(1);
  await deleteProfiles(namespace);
});
afterAll(async () => {
  await scaleOperator(1);
  await keepAgentsAway(false);
  await removeNamespaces();
  await recorder.close();
});

const calls = (marker: string) => recorder.recorded.ofQuery(marker, 'postgresql.query.calls');
const spans = (marker: string) =>
  recorder.recorded.spans.filter(({ attributes }) => String(attributes['db.query.text'] ?? '').includes(marker)).length;

async function nothingIsAttached(): Promise<void> {
  await eventually('all to be detached', async () =>
    (await nodeProfiles(namespace)).every(({ status }) =>
      (status?.targets ?? []).every(({ state }: KubeObject) => state !== 'Attached'),
    ),
  );
}

test('edited: selector, spans, level', async () => {
  await apply(profile(namespace, 'edited', { podName: 'db', ...EVERYTHING }));
  await ready(namespace, 'edited');
  await sql(pod, 'select 1 as edit_a');
  await eventually('the first call', () => calls('edit_a') === 1 && spans('edit_a') === 1);

  await editProfile(namespace, 'edited', { spans: { maxPerSecond: 0 } });
  await ready(namespace, 'edited');
  await sql(pod, 'select 1 as edit_a');
  await eventually('the second call', () => calls('edit_a') === 2);
  expect(spans('edit_a')).toBe(1);

  await editProfile(namespace, 'edited', { podName: 'other' });
  await eventually('the other pod to be attached', async () => {
    const [node] = await nodeProfiles(namespace);
    const [target] = node?.spec.targets ?? [];
    const [row] = node?.status?.targets ?? [];
    return target?.podName === 'other' && row?.containerID === target.containerID && row.state === 'Attached';
  });
  await sql(pod, 'select 1 as edit_a');
  await sql(other, 'select 1 as edit_b');
  await eventually("the other pod's call", () => calls('edit_b') === 1);
  expect(calls('edit_a')).toBe(2);

  // What is not allowed is refused in one sentence, and what ran before ends.
  await editProfile(namespace, 'edited', { queryText: 'raw' });
  await condition(namespace, 'edited', 'Accepted', { status: 'False', reason: 'RawTextForbidden', says: /queryText/ });
  await nothingIsAttached();
  await editProfile(namespace, 'edited', { queryText: 'normalized', level: 'phases' });
  await ready(namespace, 'edited');
  expect(recorder.recorded.decreases()).toEqual([]);
  await deleteProfile(namespace, 'edited');
});

test('suspended, and resumed', async () => {
  await apply(profile(namespace, 'paused', { podName: 'db', ...EVERYTHING }));
  await ready(namespace, 'paused');
  await editProfile(namespace, 'paused', { suspend: true });
  await condition(namespace, 'paused', 'Ready', { status: 'False', reason: 'Suspended' });
  await nothingIsAttached();
  await sql(pod, 'select 1 as paused');
  await editProfile(namespace, 'paused', { suspend: false });
  await ready(namespace, 'paused');
  await sql(pod, 'select 2 as paused');
  await eventually('the call after the pause', () => calls('paused') === 1);
  await deleteProfile(namespace, 'paused');
});

test('expired; a longer duration extends it while it runs', async () => {
  await apply(profile(namespace, 'short', { podName: 'db', duration: '1h', ...EVERYTHING }));
  const first = await ready(namespace, 'short');
  expect(Date.parse(first.expiresAt) - Date.parse(first.startedAt)).toBe(3_600_000);
  await editProfile(namespace, 'short', { duration: '2h' });
  await eventually('a later end', async () => {
    const { startedAt, expiresAt } = await profileStatus(namespace, 'short');
    return startedAt === first.startedAt && Date.parse(expiresAt) - Date.parse(startedAt) === 7_200_000;
  });
  await editProfile(namespace, 'short', { duration: '1s' });
  await condition(namespace, 'short', 'Completed', { status: 'True', reason: 'Expired' });
  await condition(namespace, 'short', 'Ready', { status: 'False', reason: 'Completed' });
  await nothingIsAttached();
  // It is over: only a new object begins again.
  await editProfile(namespace, 'short', { duration: '1h' });
  await condition(namespace, 'short', 'Completed', { status: 'True', reason: 'Expired' });
  await deleteProfile(namespace, 'short');
});

test('expired while no operator runs: the agent ends it by its own clock', async () => {
  await apply(profile(namespace, 'alone', { podName: 'db', duration: '20s', ...EVERYTHING }));
  await ready(namespace, 'alone');
  await scaleOperator(0);
  await operatorGone();
  await eventually('the agent to detach', async () => {
    const [row] = (await nodeProfiles(namespace)).flatMap(({ status }) => status?.targets ?? []);
    return row?.state === 'Detached' && row.reason === 'Expired';
  });
  await sql(pod, 'select 1 as too_late');
  await scaleOperator(1);
  await operatorReady();
  await condition(namespace, 'alone', 'Completed', { status: 'True', reason: 'Expired' });
  expect(calls('too_late')).toBe(0);
  await deleteProfile(namespace, 'alone');
});

test('deleted while no operator runs: the garbage collector takes its node profiles, the agent detaches', async () => {
  await apply(profile(namespace, 'orphan', { podName: 'db', ...EVERYTHING }));
  await ready(namespace, 'orphan');
  await scaleOperator(0);
  await operatorGone();
  await deleteProfile(namespace, 'orphan');
  await eventually('its node profile to be gone', async () => (await nodeProfiles(namespace)).length === 0);
  const agent = await agentReadyOn('node-1');
  await eventually('the agent to have detached', async () => (await attachedTargets(agent)) === 0);
  await scaleOperator(1);
  await operatorReady();
  await eventually('the label to be gone', async () => {
    return (await list('/api/v1/nodes', { labelSelector: 'pgscope.dev/agent' })).length === 0;
  });
});

/** As the agent's own page of metrics says. */
async function attachedTargets({ status }: KubeObject): Promise<number | undefined> {
  const text = await (await fetch(`http://${status.podIP}:9464/metrics`)).text();
  const found = /^pgscope_node_targets\{[^}]*state="Attached"[^}]*\} (\d+)/m.exec(text);
  return found === null ? 0 : Number(found[1]);
}

test('deleted while the agent is away: nothing is captured when it is back', async () => {
  await apply(profile(namespace, 'missed', { podName: 'db', ...EVERYTHING }));
  await ready(namespace, 'missed');
  await keepAgentsAway(true);
  await eventually('the agent to be gone', async () => (await agentOn('node-1')) === undefined);
  await condition(namespace, 'missed', 'Ready', { status: 'Unknown', reason: 'AgentNotReady' });
  await apply(profile(namespace, 'stays', { podName: 'other', ...EVERYTHING }));
  await deleteProfile(namespace, 'missed');
  await keepAgentsAway(false);
  await ready(namespace, 'stays');
  await sql(pod, 'select 1 as missed');
  await sql(other, 'select 1 as stays');
  await eventually('the call of the one that stays', () => calls('stays') === 1);
  expect(calls('missed')).toBe(0);
  await deleteProfile(namespace, 'stays');
});

test('two profiles on one pod: one stream, the union of what they ask for', async () => {
  await apply(
    profile(namespace, 'quiet', { podName: 'db', ...EVERYTHING, spans: { maxPerSecond: 0 } }),
    profile(namespace, 'chatty', { podName: 'db', ...EVERYTHING }),
  );
  await ready(namespace, 'quiet');
  await ready(namespace, 'chatty');
  await sql(pod, 'select 1 as shared', 'select 2 as shared');
  await eventually('each call once', () => calls('shared') === 2 && spans('shared') === 2);
  await deleteProfile(namespace, 'chatty');
  await eventually('one node profile', async () => (await nodeProfiles(namespace)).length === 1);
  await sql(pod, 'select 3 as shared');
  await eventually('the third call', () => calls('shared') === 3);
  expect(recorder.recorded.decreases()).toEqual([]);
  expect((await ask('GET', profilePath(namespace, 'chatty'))).code).toBe(404);
  await deleteProfile(namespace, 'quiet');
});
