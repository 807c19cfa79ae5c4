/** Whatever ends and comes back is captured again, and every series is right across it. */
import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import {
  apply,
  createNamespace,
  eventually,
  get,
  type KubeObject,
  patch,
  remove,
  removeNamespaces,
} from './kubernetes.js';
import {
  inPod,
  POSTGRES_17,
  POSTGRES_18,
  podPath,
  podReady,
  postmasterOf,
  serverPod,
  sql,
  statefulSet,
} from './postgres.js';
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

/** Waits until the container that runs now is the one attached. */
async function attachedAnew(name: string): Promise<void> {
  await eventually(`the new container of ${name} to be attached`, async () => {
    const pod = await get(podPath(namespace, name));
    const id = pod?.status.containerStatuses?.[0]?.containerID;
    const rows = (await nodeProfiles(namespace)).flatMap(({ status }) => status?.targets ?? []);
    return rows.length === 1 && rows[0].containerID === id && rows[0].state === 'Attached';
  });
}

test('a StatefulSet: its pod deleted, then rolled to another version', async () => {
  await apply(statefulSet(namespace, 'rolled'), profile(namespace, 'rolled', all('rolled')));
  let pod = await podReady(namespace, 'rolled-0');
  await ready(namespace, 'rolled');
  await counted(pod, 'stateful', 0);

  await remove(podPath(namespace, 'rolled-0'), { preconditions: { uid: pod.metadata.uid } }).catch(() => {});
  pod = await podReady(namespace, 'rolled-0', pod.metadata.uid);
  await attachedAnew('rolled-0');
  await counted(pod, 'stateful', 2);

  const containers = [{ ...pod.spec.containers[0], image: POSTGRES_17, volumeMounts: undefined }];
  const path = `/apis/apps/v1/namespaces/${namespace}/statefulsets/rolled`;
  await patch(path, { spec: { template: { spec: { containers } } } });
  pod = await podReady(namespace, 'rolled-0', pod.metadata.uid);
  await attachedAnew('rolled-0');
  await counted(pod, 'stateful', 4);
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
  const before = postmasterOf(pod);
  process.kill(before, 'SIGINT');
  await eventually('another postmaster', () => postmasterOf(pod) !== before);
  await eventually('it to be attached', async () => {
    const [row] = (await nodeProfiles(namespace)).flatMap(({ status }) => status?.targets ?? []);
    return (
      row?.state === 'Attached' &&
      row.attachedAt > '' &&
      (await inPod(pod, ['pg_isready', '--username=postgres'])) !== ''
    );
  });
  await counted(pod, 'wrapped', 2);
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
