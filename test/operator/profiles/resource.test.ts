import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { imageVersion, parseImage, repoDigest } from '../../../operator/profiles/image.js';
import { containerResource, MAX_ANNOTATION_LENGTH, MAX_ANNOTATIONS } from '../../../operator/profiles/resource.js';
import { workloadOf } from '../../../operator/profiles/workload.js';
import { type PodShape, pod } from './objects.js';

function resource(shape: PodShape = {}, clusterName?: string) {
  const view = pod('orders-db-0', shape);
  const [container] = view.containers;
  if (container === undefined) throw new Error('the pod has a container');
  return containerResource({ pod: view, container, nodeName: 'worker-1', clusterName });
}

const owned = (kind: string, name: string): PodShape => {
  return { metadata: { ownerReferences: [{ kind, name, uid: '1', controller: true }] } };
};
const annotated = (attributes: Record<string, string>): PodShape => {
  const entries = Object.entries(attributes).map(([name, value]) => [`resource.opentelemetry.io/${name}`, value]);
  return { annotations: Object.fromEntries(entries) };
};

test('the resource of a container of a StatefulSet', () => {
  expect(resource(owned('StatefulSet', 'orders-db'), 'production')).toEqual({
    'service.name': 'orders-db',
    'service.namespace': 'shop',
    'service.version': '17.5',
    'service.instance.id': 'shop.orders-db-0.postgres',
    'k8s.cluster.name': 'production',
    'k8s.namespace.name': 'shop',
    'k8s.node.name': 'worker-1',
    'k8s.pod.name': 'orders-db-0',
    'k8s.pod.uid': 'uid-orders-db-0',
    'k8s.container.name': 'postgres',
    'k8s.statefulset.name': 'orders-db',
    'container.id': 'orders-db-0-postgres',
    'container.runtime.name': 'containerd',
    'container.image.name': 'postgres',
    'container.image.tags': '17.5',
    'container.image.repo_digests': `docker.io/library/postgres@sha256:${'ab'.repeat(32)}`,
    'host.name': 'worker-1',
  });
});

describe('service.name', () => {
  const labels = { 'app.kubernetes.io/instance': 'eu', 'app.kubernetes.io/name': 'pg' };
  test.each([
    ['mine', { ...annotated({ 'service.name': 'mine' }), labels, ...owned('StatefulSet', 'set') }],
    ['eu', { ...annotated({ 'service.name': '' }), labels, ...owned('StatefulSet', 'set') }],
    ['pg', { labels: { 'app.kubernetes.io/name': 'pg' }, ...owned('StatefulSet', 'set') }],
    ['set', { labels: {}, ...owned('StatefulSet', 'set') }],
    ['orders-db-0', { labels: {} }],
    ['orders-db-0', { labels: {}, ...owned('Cluster', 'cnpg') }],
  ])('%s', (name, shape) => {
    expect(resource(shape as PodShape)['service.name']).toBe(name);
  });
});

describe('annotations', () => {
  test('come before what is found', () => {
    const found = resource(
      annotated({
        'service.version': '9',
        'service.instance.id': 'i',
        'service.namespace': 'n',
        'deployment.environment.name': 'test',
      }),
    );
    expect(found).toMatchObject({
      'service.version': '9',
      'service.instance.id': 'i',
      'service.namespace': 'n',
      'deployment.environment.name': 'test',
    });
  });

  test('never say what Kubernetes or pgscope says', () => {
    const attempts = [
      'k8s.pod.name',
      'k8s.cluster.name',
      'container.id',
      'host.id',
      'db.system.name',
      'telemetry.sdk.name',
      'process.pid',
    ];
    const found = resource(annotated(Object.fromEntries(attempts.map((name) => [name, 'forged']))));
    expect(Object.values(found)).not.toContain('forged');
  });

  test('are bounded in number and length, and always the same ones are kept', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^x[a-z.]{1,9}$/), fc.string({ maxLength: 400 }), { maxKeys: 40 }),
        (attributes) => {
          const found = resource(annotated(attributes));
          expect(found).toEqual(resource(annotated(Object.fromEntries(Object.entries(attributes).reverse()))));
          const added = Object.entries(found).filter(([name]) => name.startsWith('x'));
          expect(added.length).toBeLessThanOrEqual(MAX_ANNOTATIONS);
          for (const [name, value] of added) expect(value).toBe(attributes[name]?.slice(0, MAX_ANNOTATION_LENGTH));
          expect(Object.keys(found).length).toBeLessThanOrEqual(64);
          expect(Object.values(found).every((value) => value !== '' && value.length <= 1024)).toBe(true);
        },
      ),
    );
  });
});

describe('the workload', () => {
  const hash = { metadata: { labels: { 'pod-template-hash': '6d4b75cb6d' } } };
  test.each([
    ['ReplicaSet', 'pg-6d4b75cb6d', { deployment: 'pg', replicaset: 'pg-6d4b75cb6d' }],
    ['ReplicaSet', 'pg-own', { replicaset: 'pg-own' }],
    ['DaemonSet', 'pg', { daemonset: 'pg' }],
    ['Job', 'backup-29123456', { cronjob: 'backup', job: 'backup-29123456' }],
    ['Job', 'backup-20250101', { job: 'backup-20250101' }],
    ['Cluster', 'pg', {}],
  ])('of a pod of %s %s', (kind, name, expected) => {
    const { metadata } = pod('p', { labels: hash.metadata.labels });
    expect(workloadOf({ metadata, owner: { kind, name } })).toEqual(expected);
  });
});

describe('an image', () => {
  const digest = 'sha256:0123';
  test.each([
    ['postgres', { name: 'postgres' }, undefined],
    ['postgres:17', { name: 'postgres', tag: '17' }, '17'],
    [`postgres:17@${digest}`, { name: 'postgres', tag: '17', digest }, `17@${digest}`],
    [`r:5000/a/b@${digest}`, { name: 'r:5000/a/b', digest }, digest],
    ['r:5000/a/b', { name: 'r:5000/a/b' }, undefined],
  ])('%s', (reference, expected, version) => {
    expect(parseImage(reference)).toEqual(expected);
    expect(imageVersion(parseImage(reference))).toBe(version);
  });

  test('has a digest of its repository only if it came from one', () => {
    expect(repoDigest(`docker-pullable://postgres@${digest}`)).toBe(`postgres@${digest}`);
    expect(repoDigest(digest)).toBeUndefined();
    expect(repoDigest(undefined)).toBeUndefined();
  });
});
