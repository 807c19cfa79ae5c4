/** Whatever ends and comes back is captured again, and every series is right across it. */
import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import type { Series } from '../command/otlp.js';
import {
  apply,
  createNamespace,
  eventually,
  get,
  type KubeObject,
  must,
  patch,
  removeNamespaces,
} from './kubernetes.js';
import { POSTGRES_17, POSTGRES_18, podPath, podReady, postmasterOf, serverPod, sql, statefulSet } from './postgres.js';
import { deleteProfile, EVERYTHING, nodeProfiles, profile, profileStatus, ready } from './profiles.js';
import { type Recorder, startRecorder } from './receivers.js';

jest.setTimeout(600_000);

let namespace: string;
let recorder: Recorder;

beforeAll(async () => {
  recorder = await startRecorder();
});
beforeEach(async () => {
  namespace = await createNamespace('restarts');
});
afterAll(async () => {
  await removeNamespaces();
  await recorder.close();
});

const all = (pod: string) => ({ selector: { matchLabels: { app: pod } }, ...EVERYTHING });
const calls = (marker: string) => recorder.recorded.ofQuery(marker, 'postgresql.query.calls');

async function counted(pod: KubeObject, marker: string, before: number): Promise<void> {
  await sql(pod, `select 1 as ${marker}`, `select 2 as ${marker}`);
  await eventually(`${before + 2} calls of ${marker}, there are ${calls(marker)}`, () => calls(marker) === before + 2);
  expect(recorder.recorded.decreases()).toEqual([]);
}

/** The rows of all targets in the namespace. */
async function rows(): Promise<KubeObject[]> {
  return (await nodeProfiles(namespace)).flatMap(({ status }) => status?.targets ?? []);
}

/** Waits until the container that runs now is the one attached, and gives its row. */
async function attachedAnew(name: string): Promise<KubeObject> {
  let row: KubeObject;
  await eventually(`the new container of ${name} to be attached`, async () => {
    const pod = await get(podPath(namespace, name));
    const id = pod?.status.containerStatuses?.[0]?.containerID;
    const all = await rows();
    [row] = all;
    return all.length === 1 && row.containerID === id && row.state === 'Attached';
  });
  return row;
}

/**
 * Each life of the server counted two calls of the query in a series of its own, which began later than the one before it; but for the
 * last life, every series of every metric has ended. `containers`: how many containers that were.
 */
async function livesAre(marker: string, expected: { lives: number; containers: number }): Promise<void> {
  const here = recorder.recorded.series(({ resource }) => resource['k8s.namespace.name'] === namespace);
  const fingerprints = recorder.recorded.fingerprints(marker);
  const ofQuery = here
    .filter(({ metric }) => metric === 'postgresql.query.calls')
    .filter(({ attributes }) => fingerprints.has(attributes['pgscope.query.fingerprint']))
    .sort((a, b) => Number(BigInt(a.start) - BigInt(b.start)));
  expect(ofQuery.map(({ value, hasEnded }) => [value, hasEnded])).toEqual(
    Array.from({ length: expected.lives }, (_, life) => [2, life < expected.lives - 1]),
  );
  expect(new Set(ofQuery.map(lifeOf)).size).toBe(expected.lives);
  expect(new Set(ofQuery.map(({ resource }) => resource['container.id'])).size).toBe(expected.containers);
  for (const [life, { start }] of ofQuery.entries()) {
    const before = ofQuery[life - 1]?.points.at(-1)?.time ?? 0n;
    expect(BigInt(start)).toBeGreaterThan(before);
  }
  const last = ofQuery.at(-1);
  const open = here.filter(({ hasEnded }) => !hasEnded);
  expect(last).toBeDefined();
  expect(new Set(open.map(lifeOf))).toEqual(new Set(last && [lifeOf(last)]));
}

function lifeOf({ resource }: Pick<Series, 'resource'>): string {
  return `${resource['container.id']} ${resource['process.pid']}`;
}

test('a StatefulSet: its pod deleted, then rolled to another version', async () => {
  await apply(statefulSet(namespace, 'rolled'), profile(namespace, 'rolled', all('rolled')));
  let pod = await podReady(namespace, 'rolled-0');
  await ready(namespace, 'rolled');
  await counted(pod, 'stateful', 0);

  // The set makes another one of this name, so nobody can wait until the name is gone.
  await must('DELETE', podPath(namespace, 'rolled-0'), { body: { preconditions: { uid: pod.metadata.uid } } });
  pod = await podReady(namespace, 'rolled-0', pod.metadata.uid);
  await attachedAnew('rolled-0');
  await counted(pod, 'stateful', 2);
  await livesAre('stateful', { lives: 2, containers: 2 });

  const containers = [{ ...pod.spec.containers[0], image: POSTGRES_17, volumeMounts: undefined }];
  const path = `/apis/apps/v1/namespaces/${namespace}/statefulsets/rolled`;
  await patch(path, { spec: { template: { spec: { containers } } } });
  pod = await podReady(namespace, 'rolled-0', pod.metadata.uid);
  await attachedAnew('rolled-0');
  await counted(pod, 'stateful', 4);
  await livesAre('stateful', { lives: 3, containers: 3 });
  const versions = recorder.recorded
    .metric('pgscope.backends')
    .map(({ resource }) => String(resource['service.version']));
  expect(new Set(versions.map((version) => version.split('.')[0]))).toEqual(new Set(['15', '17']));
  expect((await profileStatus(namespace, 'rolled')).targets).toEqual({ matched: 1, attached: 1 });
});

test('a container that is killed', async () => {
  await apply(serverPod(namespace, 'killed'), profile(namespace, 'killed', all('killed')));
  const pod = await podReady(namespace, 'killed');
  await ready(namespace, 'killed');
  await counted(pod, 'kill', 0);
  process.kill(postmasterOf(pod), 'SIGKILL');
  await eventually('the container to be started again', async () => {
    const now = await get(podPath(namespace, 'killed'));
    return now.status.containerStatuses[0].restartCount === 1;
  });
  await podReady(namespace, 'killed');
  await attachedAnew('killed');
  await counted(pod, 'kill', 2);
  await livesAre('kill', { lives: 2, containers: 2 });
});

test('a server that is restarted inside of its container, behind a shell and su', async () => {
  // Such as patroni does it: process 1 is another program, and stays.
  const command = [
    'sh',
    '-c',
    'while true; do su postgres -s /bin/sh -c "docker-entrypoint.sh postgres"; sleep 0.2; done',
  ];
  await apply(
    serverPod(namespace, 'wrapped', { image: POSTGRES_17, command }),
    profile(namespace, 'wrapped', all('wrapped')),
  );
  const pod = await podReady(namespace, 'wrapped');
  await ready(namespace, 'wrapped');
  await counted(pod, 'wrapped', 0);
  const [before] = await rows();
  const postmaster = postmasterOf(pod);
  process.kill(postmaster, 'SIGINT');
  await eventually('another postmaster', () => postmasterOf(pod) !== postmaster);
  await eventually('it to be attached', async () => {
    const [row] = await rows();
    return row?.state === 'Attached' && row.pid !== before.pid && row.attachedAt > before.attachedAt;
  });
  expect((await get(podPath(namespace, 'wrapped'))).status.containerStatuses[0].restartCount).toBe(0);
  await counted(pod, 'wrapped', 2);
  await livesAre('wrapped', { lives: 2, containers: 1 });
});

test('pods of one name in two namespaces are two targets', async () => {
  const other = await createNamespace('restarts');
  for (const each of [namespace, other]) {
    await apply(serverPod(each, 'twin', { node: 'node-1', image: POSTGRES_18 }), profile(each, 'twin', all('twin')));
  }
  const pods = [await podReady(namespace, 'twin'), await podReady(other, 'twin')] as const;
  await ready(namespace, 'twin');
  await ready(other, 'twin');
  await sql(pods[0], 'select 1 as twins');
  await sql(pods[1], 'select 1 as twins', 'select 1 as twins');
  await eventually('all three calls', () => calls('twins') === 3);
  const fingerprints = recorder.recorded.fingerprints('twins');
  const of = (which: string) =>
    recorder.recorded.total(
      'postgresql.query.calls',
      ({ attributes, resource }) =>
        fingerprints.has(attributes['pgscope.query.fingerprint']) && resource['k8s.namespace.name'] === which,
    );
  expect([of(namespace), of(other)]).toEqual([1, 2]);
  await deleteProfile(other, 'twin');
  await sql(pods[1], 'select 1 as twins');
  await sql(pods[0], 'select 1 as twins');
  await eventually('the call of the one that stays', () => of(namespace) === 2);
  expect(of(other)).toBe(2);
});
