/** What a user sees first: apply a profile, and its pods are profiled, and no others. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Span } from '../command/otlp.js';
import { agentPods, operatorPods } from './agents.js';
import { apply, createNamespace, eventually, type KubeObject, kubectl, list, removeNamespaces } from './kubernetes.js';
import { keepAsking, podReady, serverPod, sql } from './postgres.js';
import { deleteProfile, EVERYTHING, editProfile, nodeProfiles, profile, ready } from './profiles.js';
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
    const looks = async () =>
      (await jaeger.spans('orders-db', { 'k8s.namespace.name': namespace })).filter(({ tags }) =>
        String(tags['db.query.text']).includes('first_look'),
      );
    await eventually('spans in Jaeger', async () => (await looks()).length >= 4);
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
    expect((await looks()).map(({ resource }) => resource['k8s.pod.name']).sort()).toEqual([
      ...['orders-db-0', 'orders-db-0', 'orders-db-1', 'orders-db-1'],
    ]);
    expect(await jaeger.services()).not.toContain('other-db');
  });

  test('counts statements and brings metrics, where an agent is already', async () => {
    const stop = keepAsking(other, 'select 1 as second_look');
    const appliedAt = Date.now();
    await apply(profile(namespace, 'second', { podName: 'other-db', ...EVERYTHING }));
    const looked = () => recorder.recorded.spans.filter(isOf('second_look'));
    await eventually('spans', () => looked().length > 0);
    await eventually('metrics', () => recorder.recorded.metric('pgscope.backends').length > 0);
    await ready(namespace, 'second');
    await stop();
    // Every statement is a span: the one that began first is the first that was counted.
    const firstMs = Math.min(...looked().map(({ startUnixNano }) => Number(startUnixNano / 1_000_000n))) - appliedAt;
    const [metrics] = recorder.recorded.metric('pgscope.backends');
    const metricsMs = Number((metrics?.time ?? 0n) / 1_000_000n) - appliedAt;
    console.log(`apply → first counted statement: ${firstMs} ms; → first metrics: ${metricsMs} ms`);
    await eventually('as many calls as spans', () => {
      const calls = recorder.recorded.ofQuery('second_look', 'postgresql.query.calls');
      return calls > 0 && calls === looked().length;
    });
    expect(recorder.recorded.losses()).toEqual({});
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

  test("is seen in the operator's own traces, a span for each reconcile", async () => {
    const [operator] = await operatorPods();
    await eventually('as many spans as reconciles', async () => {
      const reconciles = await reconcilesOf(operator);
      const spans = await jaeger.spans('pgscope-operator', { 'host.name': operator.metadata.name });
      const of = (controller: string) => spans.filter(({ name }) => name === `reconcile ${controller}`).length;
      return reconciles.size > 0 && [...reconciles].every(([controller, count]) => of(controller) >= count);
    });
    const spans = await jaeger.spans('pgscope-operator', { 'k8s.namespace.name': namespace });
    expect(spans.map(({ tags }) => tags['k8s.object.name'])).toEqual(expect.arrayContaining(['orders', 'second']));
  });

  test('shows what is in kubectl get and explain', async () => {
    const table = await kubectl('get', 'pgp', '--namespace', namespace, '--output', 'wide');
    console.log(table);
    expect(table).toMatch(/NAME +READY +TARGETS +ATTACHED +NODES +LOST +LEVEL +AGE +REASON/);
    expect(table).toMatch(/orders +True +2 +2 +1 +0 +statements +\S+ +Profiling/);
    const explained = await kubectl('explain', 'pgp.spec.spans');
    expect(explained).toContain('A statement that took at least this long becomes a span');
  });

  test('tells of transitions by Events, and of nothing else', async () => {
    await ready(namespace, 'orders');
    expect(await reasons('orders')).toContain('Normal Profiling');
    // More statements than there may be spans: what is lost is told in the status, time and again.
    await editProfile(namespace, 'orders', { spans: { maxPerSecond: 1 } });
    await ready(namespace, 'orders');
    const stop = keepAsking(selected[0], 'select 1 as many_looks');
    const lost = async () => {
      const all = await nodeProfiles(namespace);
      return all.find(({ spec }) => spec.profile.name === 'orders')?.status.lostEvents ?? 0;
    };
    await eventually('losses in the status', async () => (await lost()) > 0);
    const before = await reasons('orders');
    const first = await lost();
    await eventually('more of them', async () => (await lost()) > first);
    await stop();
    const { lostEvents } = await ready(namespace, 'orders');
    expect(lostEvents).toBeGreaterThan(0);
    expect(await reasons('orders')).toEqual(before);
    console.log(await kubectl('describe', 'pgp', '--namespace', namespace, 'orders'));
  });

  test('leaves nothing behind when the profile is deleted', async () => {
    await deleteProfile(namespace, 'orders');
    await eventually('node profiles to be gone', async () => (await nodeProfiles(namespace)).length === 0);
    const labelled = async () => await list('/api/v1/nodes', { labelSelector: 'pgscope.dev/agent' });
    await eventually('the label to be gone', async () => (await labelled()).length === 0);
    await eventually('the agents to be gone', async () => (await agentPods()).length === 0);
  });
});

function isOf(marker: string): (span: Span) => boolean {
  return ({ attributes }) => String(attributes['db.query.text'] ?? '').includes(marker);
}

/** Type and reason of each of the profile's Events, with how often it was told, as `kubectl describe` shows them. */
async function reasons(name: string): Promise<string[]> {
  const { items } = JSON.parse(
    await kubectl(
      ...['get', 'events', '--namespace', namespace, '--output', 'json'],
      ...['--field-selector', `involvedObject.kind=PostgresProfile,involvedObject.name=${name}`],
    ),
  );
  return items.flatMap(({ type, reason, series }: KubeObject) => Array(series?.count ?? 1).fill(`${type} ${reason}`));
}

/** By controller, as the operator's page of metrics says. */
async function reconcilesOf({ status }: KubeObject): Promise<Map<string, number>> {
  const page = await (await fetch(`http://${status.podIP}:8080/metrics`)).text();
  const counts = new Map<string, number>();
  for (const [, controller = '', count] of page.matchAll(
    /^controller_runtime_reconcile_total\{.*controller="(\w+)".*\} (\d+)$/gm,
  ))
    counts.set(controller, (counts.get(controller) ?? 0) + Number(count));
  return counts;
}
