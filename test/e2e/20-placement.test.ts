/** Agents run where targets are and nowhere else; they come and go with the pods. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { agentOn, agentPods, agentReadyOn } from './agents.js';
import { apply, createNamespace, eventually, list, patch, remove, removeNamespaces } from './kubernetes.js';
import { podPath, podReady, serverPod, sql } from './postgres.js';
import { deleteProfile, EVERYTHING, profile, profileStatus, ready } from './profiles.js';
import { type Recorder, startRecorder } from './receivers.js';
import { LABEL_GRACE_S } from './values.js';

jest.setTimeout(600_000);

const LABEL = 'pgscope.dev/agent';
let namespace: string;
let recorder: Recorder;

beforeAll(async () => {
  recorder = await startRecorder();
  namespace = await createNamespace('placement');
});
afterAll(async () => {
  await removeNamespaces();
  await recorder.close();
});

async function labelled(): Promise<string[]> {
  return (await list('/api/v1/nodes', { labelSelector: LABEL })).map(({ metadata }) => metadata.name).sort();
}

test('a pod that moves takes the agent with it, and the label goes after the grace period', async () => {
  await apply(
    serverPod(namespace, 'db', { node: 'node-1' }),
    profile(namespace, 'db', { podName: 'db', ...EVERYTHING }),
  );
  await podReady(namespace, 'db');
  await ready(namespace, 'db');
  expect(await labelled()).toEqual(['node-1']);
  expect(await agentOn('node-2')).toBeUndefined();

  const leftAt = performance.now();
  await remove(podPath(namespace, 'db'), { gracePeriodSeconds: 0 });
  await apply(serverPod(namespace, 'db', { node: 'node-2' }));
  const moved = await podReady(namespace, 'db');
  await eventually('the profile to be ready on node-2', async () => {
    const { nodes, targets } = await profileStatus(namespace, 'db');
    return nodes?.desired === 1 && nodes.ready === 1 && targets.attached === 1 && (await labelled()).includes('node-2');
  });
  await agentReadyOn('node-2');
  await sql(moved, 'select 1 as after_the_move');
  await eventually('the call', () => recorder.recorded.ofQuery('after_the_move', 'postgresql.query.calls') === 1);

  await eventually('the label of node-1 to be gone', async () => !(await labelled()).includes('node-1'));
  expect((performance.now() - leftAt) / 1000).toBeGreaterThanOrEqual(LABEL_GRACE_S);
  await eventually('the agent of node-1 to be gone', async () => (await agentOn('node-1')) === undefined);
  expect(await labelled()).toEqual(['node-2']);
});

test('pods on two nodes have an agent each', async () => {
  await apply(
    serverPod(namespace, 'db-1', { node: 'node-1', labels: { app: 'many' } }),
    serverPod(namespace, 'db-2', { node: 'node-2', labels: { app: 'many' } }),
    profile(namespace, 'many', { selector: { matchLabels: { app: 'many' } }, ...EVERYTHING }),
  );
  await podReady(namespace, 'db-1');
  await podReady(namespace, 'db-2');
  await eventually('both to be attached', async () => (await profileStatus(namespace, 'many')).targets?.attached === 2);
  expect(await ready(namespace, 'many')).toMatchObject({
    targets: { matched: 2, attached: 2 },
    nodes: { desired: 2, ready: 2 },
    lostEvents: 0,
  });
  expect((await agentPods()).map(({ spec }) => spec.nodeName).sort()).toEqual(['node-1', 'node-2']);
  await deleteProfile(namespace, 'many');
  await deleteProfile(namespace, 'db');
  await eventually('all labels to be gone', async () => (await labelled()).length === 0);
});

test('a label that somebody else has set is swept away', async () => {
  await patch('/api/v1/nodes/node-1', { metadata: { labels: { [LABEL]: 'true' } } });
  await patch('/api/v1/nodes/node-2', { metadata: { labels: { [LABEL]: 'wrong' } } });
  await eventually('both labels to be gone', async () => (await labelled()).length === 0);
});
