import { beforeEach, describe, expect, test } from '@jest/globals';
import type { PostgresProfileStatus } from '../../../api/postgres-profile.js';
import { KubeError } from '../../../kube/client.js';
import { attachedStatus, READY, rawAgent, rawNode, rawPod, rawProfile } from './objects.js';
import { type RunningOperator, runningOperator } from './running-operator.js';

const GRACE_MS = 300_000;
let operator: RunningOperator;

beforeEach(() => {
  operator = runningOperator({ labelGraceMs: GRACE_MS });
  operator.put('nodes', rawNode('worker-1'), rawNode('worker-2'));
});

const status = (name?: string) => operator.profile(name).status as PostgresProfileStatus;
const ready = (name?: string) => {
  const found = status(name).conditions?.find(({ type }) => type === 'Ready');
  return `${found?.status}/${found?.reason}`;
};
const label = (node: string) =>
  operator.api.objects.get(`/api/v1/nodes/${node}`)?.metadata.labels?.['pgscope.dev/agent'];
const nodesOf = () => operator.nodeProfiles().map(({ spec }) => (spec as { nodeName: string }).nodeName);

/** From apply to Profiling, as it happens in a cluster. */
async function profiling(spec: object = { selector: {} }): Promise<void> {
  operator.put('profiles', rawProfile(spec));
  operator.put('pods', rawPod('a'), rawPod('b', { node: 'worker-2' }));
  await operator.settle();
  operator.put('agents', rawAgent('worker-1'), rawAgent('worker-2'));
  operator.answer(attachedStatus);
  await operator.settle();
  operator.answer(attachedStatus);
  await operator.settle();
}

test('from a profile to nodes with agents, to Profiling', async () => {
  operator.put('profiles', rawProfile({ selector: {} }));
  operator.put('pods', rawPod('a'), rawPod('b', { node: 'worker-2' }));
  await operator.settle();
  expect(nodesOf()).toEqual(['worker-1', 'worker-2']);
  expect([label('worker-1'), label('worker-2')]).toEqual(['true', 'true']);
  expect(ready()).toBe('Unknown/AgentNotReady');
  operator.put('agents', rawAgent('worker-1'), rawAgent('worker-2'));
  await operator.settle();
  expect(ready()).toBe('False/Pending');
  operator.answer(attachedStatus);
  await operator.settle();
  expect(ready()).toBe('True/Profiling');
  expect(operator.events.map(({ type, reason }) => `${type} ${reason}`)).toEqual([
    'Normal AgentNotReady',
    'Normal Profiling',
  ]);
});

test('what nodes have lost stays lost when they leave, and what they lose later is added, also over a restart', async () => {
  await profiling();
  const lost = async (worker1: number, worker2: number) => {
    const counts: Record<string, number> = { 'worker-1': worker1, 'worker-2': worker2 };
    operator.answer((desired) => ({ ...attachedStatus(desired), lostEvents: counts[desired.spec.nodeName] ?? 0 }));
    operator.clock.nowMs += 60_000;
    await operator.settle();
    return status().lostEvents;
  };
  expect(await lost(500, 20)).toBe(520);
  operator.remove('pods', rawPod('a'));
  await operator.settle();
  expect(await lost(0, 20)).toBe(520);
  expect(await lost(0, 50)).toBe(550);
  operator.restart();
  await operator.settle();
  expect(await lost(0, 60)).toBe(560);
  operator.put('pods', rawPod('a'));
  await operator.settle();
  expect(await lost(300, 60)).toBe(860);
});

describe('an agent that is missing', () => {
  const waiting = (reason: string) => ({ containerStatuses: [{ name: 'agent', state: { waiting: { reason } } }] });
  const told = () => operator.events.map(({ type, reason }) => `${type} ${reason}`);

  test.each(['CrashLoopBackOff', 'ErrImagePull', 'ImagePullBackOff', 'CreateContainerConfigError'])(
    'is told as a warning once it cannot come (%s), also if it was told before that there is none yet',
    async (reason) => {
      operator.put('profiles', rawProfile({ selector: {} }));
      operator.put('pods', rawPod('a'));
      await operator.settle();
      operator.put('agents', rawAgent('worker-1', waiting('ContainerCreating')));
      operator.clock.nowMs += 60_000;
      await operator.settle();
      expect(told()).toEqual(['Normal AgentNotReady']);
      operator.put('agents', rawAgent('worker-1', waiting(reason)));
      operator.clock.nowMs += 60_000;
      await operator.settle();
      expect(told()).toEqual(['Normal AgentNotReady', 'Warning AgentNotReady']);
      expect(operator.events.at(-1)?.note).toContain(reason);
      operator.clock.nowMs += 60_000;
      await operator.settle();
      operator.restart();
      await operator.settle();
      expect(told()).toHaveLength(2);
    },
  );

  test('is told as a warning at once where it is lost so', async () => {
    await profiling();
    operator.events.length = 0;
    operator.put('agents', rawAgent('worker-1', waiting('CrashLoopBackOff')));
    await operator.settle();
    expect(told()).toEqual(['Warning AgentNotReady']);
  });
});

test('a program that fails is told as a warning once, and that all is well again; that it starts is told of to nobody', async () => {
  const program = (state: 'Failed' | 'Pending' | 'Running', reason: string) =>
    operator.answer((desired) => ({
      ...attachedStatus(desired),
      programs: [{ name: 'mine', state, reason, message: '', running: 0 }],
    }));
  await profiling({ selector: {}, programs: [{ name: 'mine' }] });
  operator.events.length = 0;
  program('Pending', 'Starting');
  await operator.settle();
  program('Failed', 'ProgramRefused');
  await operator.settle();
  program('Failed', 'ProgramRefused');
  await operator.settle();
  expect([ready(), status().targets]).toEqual(['False/ProgramRefused', { matched: 2, attached: 2 }]);
  program('Running', 'Running');
  await operator.settle();
  expect(operator.events.map(({ type, reason }) => `${type} ${reason}`)).toEqual([
    'Warning ProgramRefused',
    'Normal Profiling',
  ]);
});

test('nothing is written while nothing changes, also by a new process', async () => {
  await profiling({ selector: {}, duration: '10h' });
  const { writes } = operator.api;
  writes.length = 0;
  await operator.settle();
  operator.restart();
  await operator.settle();
  operator.clock.nowMs += 3_600_000;
  await operator.settle();
  expect(writes).toEqual([]);
});

test('only nodes of selected pods take part', async () => {
  operator.put('profiles', rawProfile({ selector: { matchLabels: { app: 'a' } } }));
  operator.put('pods', rawPod('a', { labels: { app: 'a' } }), rawPod('b', { node: 'worker-2', labels: { app: 'b' } }));
  operator.put('pods', rawPod('c', { node: 'worker-2', namespace: 'other', labels: { app: 'a' } }));
  await operator.settle();
  expect(nodesOf()).toEqual(['worker-1']);
  expect(label('worker-2')).toBeUndefined();
});

test('a pod that moves takes its NodeProfile and, after the grace period, the label with it', async () => {
  await profiling();
  operator.remove('pods', rawPod('b'));
  operator.put('pods', rawPod('b', { metadata: { uid: 'second' } }));
  const pauses = await operator.settle();
  expect(nodesOf()).toEqual(['worker-1']);
  expect(label('worker-2')).toBe('true');
  expect(pauses.get('node worker-2')).toBe(GRACE_MS);
  operator.clock.nowMs += GRACE_MS;
  await operator.settle();
  expect([label('worker-1'), label('worker-2')]).toEqual(['true', undefined]);
});

test('a pod of a StatefulSet that is rolled is captured to its end, and its successor from then on', async () => {
  await profiling({ podName: 'b' });
  const targets = () =>
    operator.nodeProfiles().flatMap(({ spec }) => (spec as { targets: { podUID: string }[] }).targets);
  operator.events.length = 0;
  const metadata = { deletionTimestamp: '2026-03-01T12:00:30Z' };
  operator.put('pods', rawPod('b', { node: 'worker-2', metadata }));
  await operator.settle();
  expect(targets().map(({ podUID }) => podUID)).toEqual(['uid-b']);
  expect([ready(), status().targets]).toEqual(['True/Profiling', { matched: 1, attached: 1 }]);
  expect(operator.events).toEqual([]);
  operator.put('pods', rawPod('b', { node: 'worker-2', metadata, waiting: ['postgres'] }));
  await operator.settle();
  expect(targets()).toEqual([]);
  operator.remove('pods', rawPod('b'));
  operator.put('pods', rawPod('b', { metadata: { uid: 'second' } }));
  await operator.settle();
  expect(targets().map(({ podUID }) => podUID)).toEqual(['second']);
  operator.answer(attachedStatus);
  await operator.settle();
  expect([ready(), status().targets]).toEqual(['True/Profiling', { matched: 1, attached: 1 }]);
});

test('a duration ends also while its only pod is being deleted', async () => {
  await profiling({ podName: 'b', duration: '10m' });
  const metadata = { deletionTimestamp: '2026-03-01T12:00:30Z' };
  operator.put('pods', rawPod('b', { node: 'worker-2', metadata }));
  operator.clock.nowMs += 3_600_000;
  await operator.settle();
  expect([ready(), operator.nodeProfiles()]).toEqual(['False/Completed', []]);
});

describe('everything goes', () => {
  test.each<[string, () => void]>([
    ['with the profile', () => operator.remove('profiles', operator.profile())],
    [
      'when it is being deleted',
      () => operator.put('profiles', rawProfile({ selector: {} }, { metadata: { deletionTimestamp: 'now' } })),
    ],
    ['when it is suspended', () => operator.put('profiles', rawProfile({ selector: {}, suspend: true }))],
    ['when it is refused', () => operator.put('profiles', rawProfile({ selector: {}, queryText: 'raw' }))],
    ['when no pod matches any more', () => operator.put('profiles', rawProfile({ podName: 'x' }))],
  ])('%s, also if the operator was down', async (_, change) => {
    for (const restart of [false, true]) {
      await profiling();
      change();
      if (restart) operator.restart();
      await operator.settle();
      expect(operator.nodeProfiles()).toEqual([]);
      operator.put('profiles', rawProfile({ selector: {} }));
      operator.remove('profiles', operator.profile());
      await operator.settle();
    }
  });
});

test('a profile deleted and created again leaves nothing of the first', async () => {
  await profiling();
  const before = operator.nodeProfiles().map(({ metadata }) => metadata.name);
  operator.put('profiles', rawProfile({ selector: {} }, { metadata: { uid: 'second' } }));
  await operator.settle();
  const after = operator.nodeProfiles().map(({ metadata }) => metadata.name);
  expect(after).toHaveLength(2);
  expect(after.filter((name) => before.includes(name))).toEqual([]);
  expect(status()).toMatchObject({ targets: { matched: 2, attached: 0 } });
  expect(status()).not.toHaveProperty('startedAt');
});

test('a duration ends a profile, and it does not begin again', async () => {
  await profiling({ selector: {}, duration: '45m' });
  expect(ready()).toBe('True/Profiling');
  expect(operator.nodeProfiles()[0]?.spec).toMatchObject({ expiresAt: '2026-03-01T12:15:00.000Z' });
  const pauses = await operator.settle();
  expect(pauses.get('postgresprofile shop/orders')).toBe(900_000);
  operator.clock.nowMs += 900_000;
  operator.restart();
  await operator.settle();
  expect(operator.nodeProfiles()).toEqual([]);
  expect(ready()).toBe('False/Completed');
  const { metadata } = operator.profile();
  operator.put('profiles', {
    ...operator.profile(),
    metadata: { ...metadata, generation: 2, resourceVersion: 'edited' },
    spec: { selector: {}, duration: '100h' },
  });
  await operator.settle();
  expect(operator.nodeProfiles()).toEqual([]);
  expect(operator.events.at(-1)).toMatchObject({ type: 'Normal', reason: 'Completed' });
});

test('two profiles of one pod have a NodeProfile each, and the label stays for the second', async () => {
  await profiling();
  const second = rawProfile({ podName: 'a' }, { metadata: { name: 'second', uid: 'uid-second' } });
  operator.put('profiles', second);
  await operator.settle();
  expect(nodesOf().sort()).toEqual(['worker-1', 'worker-1', 'worker-2']);
  operator.remove('profiles', operator.profile());
  await operator.settle();
  operator.clock.nowMs += GRACE_MS;
  await operator.settle();
  expect(nodesOf()).toEqual(['worker-1']);
  expect([label('worker-1'), label('worker-2')]).toEqual(['true', undefined]);
});

test('an agent that is lost is told at once, in its own words', async () => {
  await profiling();
  const state = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } };
  operator.put('agents', rawAgent('worker-2', { containerStatuses: [{ name: 'agent', state }] }));
  await operator.settle();
  expect(ready()).toBe('Unknown/AgentNotReady');
  expect(status()).toMatchObject({ targets: { matched: 2, attached: 1 }, nodes: { desired: 2, ready: 1 } });
  operator.put('agents', rawAgent('worker-2', READY));
  await operator.settle();
  expect(ready()).toBe('True/Profiling');
});

test('what changes steadily is written every 30 s', async () => {
  await profiling();
  let lostEvents = 100;
  const lose = () => operator.answer((desired) => ({ ...attachedStatus(desired), lostEvents: ++lostEvents * 10 }));
  operator.api.writes.length = 0;
  for (let second = 0; second < 90; second++) {
    operator.clock.nowMs += 1000;
    lose();
    await operator.settle();
  }
  expect(operator.api.writes.length).toBeLessThanOrEqual(3);
  expect(operator.api.writes.length).toBeGreaterThanOrEqual(2);
});

test('one NodeProfile that cannot be written does not hold up the others, and is told', async () => {
  operator.api.failure = ({ method, body }) => {
    const nodeName = (body as { spec?: { nodeName?: string } } | undefined)?.spec?.nodeName;
    const failing = method === 'PATCH' && nodeName === 'worker-1';
    return failing ? new KubeError('no', { code: 500, reason: 'InternalError' }) : undefined;
  };
  operator.put('profiles', rawProfile({ selector: {} }));
  operator.put('pods', rawPod('a'), rawPod('b', { node: 'worker-2' }));
  await expect(operator.settle()).rejects.toThrow('no');
  expect(nodesOf()).toEqual(['worker-2']);
  operator.api.failure = undefined;
  await operator.settle();
  expect(nodesOf().sort()).toEqual(['worker-1', 'worker-2']);
});

test('a status does not go to another profile of the same name', async () => {
  operator.put('profiles', rawProfile({ selector: {} }));
  const path = [...operator.api.objects.keys()].find((key) => key.includes('/postgresprofiles/')) ?? '';
  // The API server has the new one already, the store has not.
  operator.api.objects.set(path, rawProfile({ selector: {} }, { metadata: { uid: 'second' } }));
  await expect(operator.settle()).rejects.toThrow('conflict');
  expect(operator.api.objects.get(path)).not.toHaveProperty('status');
});
