import { describe, expect, test } from '@jest/globals';
import { MAX_TARGETS_PER_NODE, select } from '../../../operator/profiles/selection.js';
import { projectPod } from '../../../operator/views.js';
import { node, type PodShape, pod, rawPod } from './objects.js';

const noNodes = () => undefined;
const all = { selector: {} };

test('running containers of running pods, in order', () => {
  const pods = [
    pod('b', { node: 'worker-2' }),
    pod('c', { node: 'worker-1', containers: ['postgres', 'exporter'] }),
    pod('a', { node: 'worker-2' }),
  ];
  const { candidates, exclusions, matchedPods } = select(all, pods, noNodes);
  expect(
    candidates.map(({ nodeName, pod: { metadata }, container }) => `${nodeName} ${metadata.name} ${container.name}`),
  ).toEqual(['worker-1 c exporter', 'worker-1 c postgres', 'worker-2 a postgres', 'worker-2 b postgres']);
  expect(exclusions).toEqual([]);
  expect(matchedPods).toBe(3);
});

describe('a pod is left out', () => {
  const terminating = { metadata: { deletionTimestamp: '2026-03-01T00:00:00Z' } };
  test.each<[string, string, PodShape]>([
    ['NotRunning', 'is being deleted', terminating],
    ['NotRunning', 'is not scheduled to a node', { node: null, phase: 'Pending' }],
    ['NotRunning', 'is Pending', { phase: 'Pending' }],
    ['NotRunning', 'is Succeeded', { phase: 'Succeeded' }],
    ['NotRunning', 'has no running container db', { containers: ['db'], waiting: ['db'] }],
    [
      'UnsupportedNode',
      'has the runtime class gvisor: eBPF of the node cannot see into it',
      { containers: ['db'], spec: { runtimeClassName: 'gvisor' } },
    ],
    [
      'UnsupportedNode',
      'runs on v, a virtual node (virtual-kubelet): no agent can run there',
      { node: 'v', containers: ['db'] },
    ],
    ['ContainerNotFound', 'has no container db; it has postgres, exporter', { containers: ['postgres', 'exporter'] }],
  ])('%s: it %s', (reason, message, shape) => {
    const nodes = (name: string) => (name === 'v' ? node('v', { type: 'virtual-kubelet' }) : node(name));
    const selection = select({ ...all, container: 'db' }, [pod('a', shape)], nodes);
    expect(selection).toEqual({ matchedPods: 1, candidates: [], exclusions: [{ podName: 'a', reason, message }] });
  });

  test('not for one container that waits', () => {
    const { candidates, exclusions } = select(
      all,
      [pod('a', { containers: ['postgres', 'exporter'], waiting: ['exporter'] })],
      noNodes,
    );
    expect(candidates.map(({ container }) => container.name)).toEqual(['postgres']);
    expect(exclusions).toEqual([]);
  });
});

describe('a pod that is being deleted', () => {
  const metadata = { deletionTimestamp: '2026-03-01T00:00:00Z' };
  const left = { candidates: [], exclusions: [{ podName: 'a', reason: 'NotRunning', message: 'is being deleted' }] };

  test('is captured while its containers run', () => {
    const leaving = pod('a', { metadata, containers: ['postgres', 'exporter'], waiting: ['exporter'] });
    const { candidates, exclusions } = select(all, [leaving], (name) => node(name));
    expect(candidates.map(({ container }) => container.name)).toEqual(['postgres']);
    expect(exclusions).toEqual([]);
  });

  test.each<[string, PodShape, ReturnType<typeof node> | undefined]>([
    ['none of them runs', { waiting: ['postgres'] }, node('worker-1')],
    ['its node is away, so nobody says whether they run', {}, node('worker-1', {}, false)],
    ['its node has gone', {}, undefined],
    ['it never came to a node', { node: null, phase: 'Pending' }, undefined],
    ['it could not be captured before', { spec: { runtimeClassName: 'gvisor' } }, node('worker-1')],
    ['it has no container of this name', { containers: ['db'] }, node('worker-1')],
  ])('is left out, as no flaw, where %s', (_, shape, on) => {
    const leaving = pod('a', { metadata, ...shape });
    expect(select({ ...all, container: 'postgres' }, [leaving], () => on)).toMatchObject(left);
  });
});

test('a static pod is left out, since nothing that is guarded tells whose its containers are', () => {
  const mirror = pod('a', { annotations: { 'kubernetes.io/config.mirror': '7a'.repeat(16) } });
  const { candidates, exclusions } = select(all, [mirror], noNodes);
  expect(candidates).toEqual([]);
  expect(exclusions).toEqual([
    { podName: 'a', reason: 'StaticPod', message: expect.stringMatching(/^is a static pod/) },
  ]);
});

test('a container that two pods of a node name is nobody’s, whatever runtime they name with it', () => {
  const status = (containerID: string) => ({
    phase: 'Running',
    containerStatuses: [{ name: 'postgres', containerID, state: { running: {} } }],
  });
  const claiming = (name: string, node: string, containerID: string) =>
    projectPod({ ...rawPod(name, { node }), status: status(containerID) });
  const { candidates, exclusions } = select(
    all,
    [
      claiming('a', 'worker-1', 'containerd://1234'),
      claiming('b', 'worker-1', 'docker://1234'),
      claiming('c', 'worker-1', 'containerd://5678'),
      claiming('d', 'worker-2', 'containerd://1234'),
    ],
    noNodes,
  );
  expect(candidates.map(({ pod: { metadata } }) => metadata.name)).toEqual(['c', 'd']);
  expect(exclusions.map(({ podName, reason }) => `${podName} ${reason}`)).toEqual([
    'a SharedContainer',
    'b SharedContainer',
  ]);
});

test('other runtime classes are fine', () => {
  expect(select(all, [pod('a', { spec: { runtimeClassName: 'nvidia' } })], noNodes).candidates).toHaveLength(1);
});

test('what does not fit a NodeProfile is left out and said', () => {
  const pods = Array.from({ length: MAX_TARGETS_PER_NODE + 2 }, (_, index) =>
    pod(`p-${String(index).padStart(4, '0')}`),
  );
  const { candidates, exclusions } = select(all, pods, noNodes);
  expect(candidates).toHaveLength(MAX_TARGETS_PER_NODE);
  expect(exclusions.map(({ podName, reason }) => `${podName} ${reason}`)).toEqual([
    'p-0256 TooManyContainers',
    'p-0257 TooManyContainers',
  ]);
});
