import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readNodeProfileSpec } from '../../../api/node-profile.js';
import { canonical } from '../../../operator/canonical.js';
import { desiredNodeProfiles, nodeLabelValue, nodeProfileName } from '../../../operator/profiles/node-profiles.js';
import { select } from '../../../operator/profiles/selection.js';
import { isStored } from '../../../operator/profiles.js';
import type { Pod } from '../../../operator/views.js';
import { pod, profile, stored } from './objects.js';

const owner = profile({ selector: {}, spans: { sampleRatio: 0.1 } });

function desired(pods: Pod[], expiresAt?: string) {
  if (!owner.reading.ok) throw new Error('the spec is right');
  const { spec } = owner.reading;
  const { candidates } = select(spec, pods, () => undefined);
  return desiredNodeProfiles({ profile: owner, spec, candidates, expiresAt });
}

test('one for each node, with what the agent needs', () => {
  const [first, second, ...more] = desired(
    [pod('a'), pod('b', { node: 'worker-2' }), pod('c')],
    '2026-03-01T12:10:00.000Z',
  );
  expect(more).toEqual([]);
  expect(second?.spec.nodeName).toBe('worker-2');
  expect(first).toMatchObject({
    apiVersion: 'pgscope.dev/v1alpha1',
    kind: 'NodeProfile',
    metadata: {
      name: expect.stringMatching(/^orders-[0-9a-f]{10}$/),
      namespace: 'shop',
      labels: {
        'app.kubernetes.io/managed-by': 'pgscope',
        'pgscope.dev/profile-uid': 'uid-orders',
        'pgscope.dev/node': 'worker-1',
      },
      ownerReferences: [
        { kind: 'PostgresProfile', name: 'orders', uid: 'uid-orders', controller: true, blockOwnerDeletion: false },
      ],
    },
    spec: {
      nodeName: 'worker-1',
      profile: { name: 'orders', uid: 'uid-orders', generation: 1 },
      level: 'statements',
      destination: 'default',
      expiresAt: '2026-03-01T12:10:00.000Z',
      targets: [{ podName: 'a', podUID: 'uid-a', containerID: 'containerd://a-postgres' }, { podName: 'c' }],
    },
  });
});

test('what is built is what the schema takes, as it is', () => {
  for (const { spec } of desired([pod('a'), pod('b')])) expect(readNodeProfileSpec(spec)).toEqual({ ok: true, spec });
});

test('the order of pods does not matter', () => {
  const names = fc.uniqueArray(fc.integer({ min: 0, max: 50 }), { maxLength: 20 });
  fc.assert(
    fc.property(
      names.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
      ([list, shuffled]) => {
        const build = (order: number[]) => desired(order.map((id) => pod(`p-${id}`, { node: `worker-${id % 3}` })));
        expect(canonical(build(shuffled))).toBe(canonical(build(list)));
      },
    ),
  );
});

test('every container that runs is in exactly one of them', () => {
  const shape = fc.record({
    node: fc.constantFrom('w-1', 'w-2', null),
    containers: fc.constantFrom(['a'], ['a', 'b']),
    waiting: fc.constantFrom([], ['a']),
  });
  fc.assert(
    fc.property(fc.array(shape, { maxLength: 12 }), (shapes) => {
      const pods = shapes.map((one, index) => pod(`p-${index}`, one));
      const ids = desired(pods).flatMap(({ spec }) => spec.targets.map(({ containerID }) => containerID));
      const running = pods
        .filter(({ nodeName }) => nodeName)
        .flatMap(({ containers }) => containers.filter(({ running }) => running));
      expect(ids.sort()).toEqual(running.map(({ containerID }) => containerID).sort());
    }),
  );
});

describe('names', () => {
  const label = '[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?';
  const objectName = fc
    .stringMatching(new RegExp(`^${label}(\\.${label}){0,12}$`))
    .filter((name) => name.length <= 253);

  test('are valid, and differ between profiles and nodes', () => {
    fc.assert(
      fc.property(objectName, objectName, objectName, fc.uuid(), (name, nodeName, otherNode, uid) => {
        const own = nodeProfileName({ name, uid }, nodeName);
        expect(own).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);
        expect(own.length).toBeLessThanOrEqual(253);
        expect(nodeProfileName({ name, uid: `${uid}x` }, nodeName)).not.toBe(own);
        if (nodeName !== otherNode) {
          expect(nodeProfileName({ name, uid }, otherNode)).not.toBe(own);
          expect(nodeLabelValue(otherNode)).not.toBe(nodeLabelValue(nodeName));
        }
        expect(nodeLabelValue(nodeName)).toMatch(/^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/);
      }),
    );
  });

  test('cut where a part ends stay valid', () => {
    const name = `${'a'.repeat(199)}.${'b'.repeat(50)}`;
    expect(nodeProfileName({ name, uid: '1' }, 'n')).toMatch(/^a{199}-[0-9a-f]{10}$/);
  });
});

describe('what is stored', () => {
  const [wanted] = desired([pod('a')]);
  if (wanted === undefined) throw new Error('there is a node');

  test('is what is wanted, with labels of others', () => {
    const object = stored(structuredClone(wanted));
    object.metadata.labels.team = 'x';
    expect(isStored(wanted, object)).toBe(true);
  });

  test.each<[string, (object: ReturnType<typeof stored>) => void]>([
    ['another level', ({ spec }) => Object.assign(spec, { level: 'waits' })],
    ['an end', ({ spec }) => Object.assign(spec, { expiresAt: '2026-03-01T12:10:00Z' })],
    ['no targets', ({ spec }) => spec.targets.pop()],
    ['another owner', ({ metadata }) => metadata.ownerUIDs.fill('x')],
    ['a label taken away', ({ metadata }) => delete metadata.labels['pgscope.dev/node']],
  ])('is not what is wanted: %s', (_, change) => {
    const object = stored(structuredClone(wanted));
    change(object);
    expect(isStored(wanted, object)).toBe(false);
  });
});
