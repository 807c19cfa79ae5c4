/** What a user sees first: apply a profile, and its pods are profiled, and no others. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { agentPods } from './agents.js';
import { apply, createNamespace, eventually, type KubeObject, kubectl, list, removeNamespaces } from './kubernetes.js';
import { podReady, serverPod, sql } from './postgres.js';
import { deleteProfile, EVERYTHING, nodeProfiles, profile, ready } from './profiles.js';
import { jaeger, promQl, type Recorder, startRecorder } from './receivers.js';

jest.setTimeout(600_000);

let namespace: string;
let recorder: Recorder;
let selected: KubeObject[];
let other: KubeObject;

beforeAll(async () => {
  recorder = await startRecorder();
  namespace = await createNamespace('shop');
  const ofShop = { labels: { app: 'orders-db', 'app.kubernetes.io/name': 'orders-db' }, node: 'node-1' };
  await apply(
    serverPod(namespace, 'orders-db-0', ofShop),
    serverPod(namespace, 'orders-db-1', ofShop),
    serverPod(namespace, 'other-db', { node: 'node-1' }),
  );
  selected = [await podReady(namespace, 'orders-db-0'), await podReady(namespace, 'orders-db-1')];
  other = await podReady(namespace, 'other-db');
});
afterAll(async () => {
  await removeNamespaces();
  await recorder.close();
});

describe('apply', () => {
  test('brings metrics to Prometheus and spans to Jaeger, of the selected pods alone', async () => {
    const appliedAt = performance.now();
    const since = () => `${((performance.now() - appliedAt) / 1000).toFixed(1)} s`;
    await apply(
      profile(namespace, 'orders', {
        selector: { matchLabels: { app: 'orders-db' } },
        spans: { minDuration: '0ms', maxPerSecond: 10_000 },
        metrics: { interval: '1s' },
      }),
    );
    await ready(namespace, 'orders');
    console.log(`apply → Ready, on a node without an agent: ${since()}`);
    for (const pod of [...selected, other]) await sql(pod, 'select 1 as first_look', 'select 1 as first_look');
    await eventually('spans in Jaeger', async () => (await jaeger.spans('orders-db')).length >= 4);
    console.log(`apply → spans in Jaeger: ${since()}`);
    const calls = `postgresql_query_calls_total{k8s_namespace_name="${namespace}",db_query_summary="SELECT"}`;
    await eventually('metrics in Prometheus', async () => (await promQl(calls)).length >= 2);
    console.log(`apply → metrics in Prometheus: ${since()}`);
    await eventually('all calls', async () => (await promQl(`sum(${calls})`))[0]?.value === 4);
    const perPod = await promQl(`sum by (k8s_pod_name) (${calls})`);
    expect(perPod.map(({ labels, value }) => [labels.k8s_pod_name, value]).sort()).toEqual([
      ['orders-db-0', 2],
      ['orders-db-1', 2],
    ]);
    const spans = (await jaeger.spans('orders-db')).filter(
      (span) =>
        span.resource['k8s.namespace.name'] === namespace && String(span.tags['db.query.text']).includes('first_look'),
    );
    expect(spans.map(({ resource }) => resource['k8s.pod.name']).sort()).toEqual([
      ...['orders-db-0', 'orders-db-0', 'orders-db-1', 'orders-db-1'],
    ]);
    expect(await jaeger.services()).not.toContain('other-db');
  });

  test('counts within 2 s where an agent is already, and the first metrics follow a second later', async () => {
    const appliedAt = performance.now();
    await apply(profile(namespace, 'second', { podName: 'other-db', ...EVERYTHING }));
    await ready(namespace, 'second');
    const readyMs = performance.now() - appliedAt;
    await eventually('metrics', () => recorder.recorded.metric('pgscope.backends').length > 0);
    const metricsMs = performance.now() - appliedAt;
    console.log(
      `apply → Ready, on a node with an agent: ${readyMs.toFixed(0)} ms; → first metrics: ${metricsMs.toFixed(0)} ms`,
    );
    await sql(other, 'select 1 as second_look');
    await eventually('the call', () => recorder.recorded.ofQuery('second_look', 'postgresql.query.calls') === 1);
    const [point] = recorder.recorded.metric('postgresql.query.calls');
    expect(point?.resource).toMatchObject({
      'service.name': 'other-db',
      'k8s.cluster.name': 'e2e',
      'k8s.namespace.name': namespace,
      'k8s.pod.name': 'other-db',
      'k8s.pod.uid': other.metadata.uid,
      'k8s.node.name': 'node-1',
      'k8s.container.name': 'postgres',
      'container.id': other.status.containerStatuses[0].containerID.replace('containerd://', ''),
      'db.system.name': 'postgresql',
    });
    await deleteProfile(namespace, 'second');
    await eventually('its node profile to be gone', async () => (await nodeProfiles(namespace)).length === 1);
  });

  test('shows what is in kubectl get and explain', async () => {
    const table = await kubectl('get', 'pgp', '--namespace', namespace, '--output', 'wide');
    console.log(table);
    expect(table).toMatch(/NAME +READY +TARGETS +ATTACHED +NODES +LOST +LEVEL +AGE +REASON/);
    expect(table).toMatch(/orders +True +2 +2 +1 +0 +statements +\S+ +Profiling/);
    const explained = await kubectl('explain', 'pgp.spec.spans');
    expect(explained).toContain('A statement that took at least this long becomes a span');
  });

  test('leaves nothing behind when the profile is deleted', async () => {
    await deleteProfile(namespace, 'orders');
    await eventually('node profiles to be gone', async () => (await nodeProfiles(namespace)).length === 0);
    const labelled = async () => await list('/api/v1/nodes', { labelSelector: 'pgscope.dev/agent' });
    await eventually('the label to be gone', async () => (await labelled()).length === 0);
    await eventually('the agents to be gone', async () => (await agentPods()).length === 0);
  });
});
