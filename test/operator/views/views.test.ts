import { describe, expect, test } from '@jest/globals';
import { projectAgentPod, projectPod } from '../../../operator/views.js';
import { agent, node, pod, profile, rawPod } from '../profiles/objects.js';

describe('a pod', () => {
  test('keeps what selects it and names its telemetry, and nothing else', () => {
    const view = pod('orders-db-0', {
      annotations: { 'resource.opentelemetry.io/service.name': 'orders', 'kubectl.kubernetes.io/restartedAt': 'now' },
      metadata: {
        managedFields: [{ manager: 'kubelet' }],
        ownerReferences: [
          { kind: 'Backup', name: 'b', uid: '1' },
          { kind: 'StatefulSet', name: 'orders-db', uid: '2', controller: true },
        ],
      },
      spec: { runtimeClassName: 'kata', volumes: [{ name: 'data' }] },
    });
    expect(view).toEqual({
      metadata: {
        name: 'orders-db-0',
        namespace: 'shop',
        uid: 'uid-orders-db-0',
        resourceVersion: expect.any(String),
        labels: { app: 'orders-db' },
      },
      attributes: { 'service.name': 'orders' },
      isStatic: false,
      terminating: false,
      nodeName: 'worker-1',
      phase: 'Running',
      runtimeClassName: 'kata',
      owner: { kind: 'StatefulSet', name: 'orders-db' },
      containers: [
        {
          name: 'postgres',
          image: 'postgres:17.5',
          imageID: expect.stringContaining('@sha256:'),
          containerID: 'containerd://orders-db-0-postgres',
          running: true,
        },
      ],
    });
  });

  test('counts sidecars among its containers, init containers not', () => {
    const initContainers = [
      { name: 'copy', image: 'busybox' },
      { name: 'pooler', image: 'pgbouncer', restartPolicy: 'Always' },
    ];
    const raw = rawPod('a', { spec: { initContainers } });
    const initContainerStatuses = [{ name: 'pooler', containerID: 'cri-o://1', state: { running: {} } }];
    const view = projectPod({ ...raw, status: { ...(raw.status as object), initContainerStatuses } });
    expect(view.containers.map(({ name, containerID }) => `${name} ${containerID}`)).toEqual([
      'postgres containerd://a-postgres',
      'pooler cri-o://1',
    ]);
  });

  test('without a status is pending and runs nothing', () => {
    const { status: _, ...raw } = rawPod('a', { node: null });
    const view = projectPod(raw);
    expect(view).toMatchObject({ phase: 'Pending', containers: [{ name: 'postgres', running: false }] });
    expect(view).not.toHaveProperty('nodeName');
  });
});

describe("an agent's pod", () => {
  const waiting = (reason: string, message: string, last: object = {}) => ({
    phase: 'Pending',
    conditions: [{ type: 'Ready', status: 'False' }],
    containerStatuses: [{ name: 'agent', state: { waiting: { reason, message } }, lastState: last }],
  });

  test.each([
    ['Ready', '', { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }],
    [
      'Unschedulable',
      '0/2 nodes',
      { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/2 nodes' }] },
    ],
    ['ImagePullBackOff', 'no such image', waiting('ImagePullBackOff', 'no such image')],
    [
      'CrashLoopBackOff',
      'back-off; container agent ended last with exit code 137 (OOMKilled)',
      waiting('CrashLoopBackOff', 'back-off', { terminated: { exitCode: 137, reason: 'OOMKilled' } }),
    ],
    ['Evicted', 'disk pressure', { phase: 'Failed', reason: 'Evicted', message: 'disk pressure' }],
    ['Starting', '', { phase: 'Pending' }],
    [
      'NotReady',
      'containers with unready status: [agent]',
      {
        phase: 'Running',
        conditions: [{ type: 'Ready', status: 'False', message: 'containers with unready status: [agent]' }],
        containerStatuses: [{ name: 'agent', state: { running: {} } }],
      },
    ],
  ])('is %s (%s)', (reason, message, status) => {
    expect(agent('worker-1', status)).toMatchObject({
      nodeName: 'worker-1',
      ready: reason === 'Ready',
      reason,
      message,
    });
  });

  test('that is being deleted is not ready, whatever its conditions say', () => {
    const deleted = agent('worker-1', undefined, { deletionTimestamp: '2026-03-01T00:00:00Z' });
    expect(deleted).toMatchObject({ ready: false, terminating: true, reason: 'Terminating' });
  });

  test('that is not scheduled is for the node in its affinity', () => {
    const matchFields = [{ key: 'metadata.name', operator: 'In', values: ['worker-9'] }];
    const terms = { nodeSelectorTerms: [{ matchFields }] };
    const view = projectAgentPod({
      metadata: { name: 'a', namespace: 'pgscope', uid: '1', resourceVersion: '1' },
      spec: { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } } },
    });
    expect(view.nodeName).toBe('worker-9');
  });
});

describe('a node', () => {
  test('keeps its one label', () => {
    expect(node('worker-1', { 'pgscope.dev/agent': 'true', zone: 'a' })).toMatchObject({
      agentLabel: 'true',
      ready: true,
    });
    expect(node('worker-1', {}, false)).not.toHaveProperty('agentLabel');
  });

  test.each([
    [{ type: 'virtual-kubelet' }, 'a virtual node (virtual-kubelet)'],
    [{ 'eks.amazonaws.com/compute-type': 'fargate' }, 'a virtual node (AWS Fargate)'],
    [{ 'kubernetes.io/os': 'windows' }, 'a Windows node'],
  ])('with %j is %s', (labels, what) => {
    expect(node('n', labels as Record<string, string>).unsupported).toBe(what);
  });
});

describe('a profile', () => {
  test('has its defaults, and passes over what a newer version knows', () => {
    const { reading } = profile({ selector: {}, novelty: 1 });
    expect(reading).toMatchObject({ ok: true, spec: { level: 'statements', suspend: false } });
  });

  test('that is wrong is kept with what is wrong', () => {
    expect(profile({}).reading).toMatchObject({ ok: false, errors: [expect.stringContaining('exactly one of')] });
  });
});
