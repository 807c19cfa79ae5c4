/** An upgrade keeps captures going; an uninstallation leaves nothing but the definitions and what users have written. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { expectNoneAbandoned } from '../command/probes.js';
import { agentPods, agentReadyOn, operatorPods } from './agents.js';
import { helm, NAMESPACE, RELEASE, upgrade } from './installation.js';
import {
  apply,
  createNamespace,
  eventually,
  get,
  type KubeObject,
  kubectl,
  list,
  removeNamespaces,
} from './kubernetes.js';
import { NODE_JS, podReady, processesOf, serverPod, sql } from './postgres.js';
import { condition, EVERYTHING, nodeProfiles, profile, profilePath, ready } from './profiles.js';
import { applyProgram, TRACE_PROGRAMS } from './programs.js';
import { type Recorder, startRecorder } from './receivers.js';

jest.setTimeout(900_000);

let namespace: string;
let recorder: Recorder;
let pod: KubeObject;

beforeAll(async () => {
  recorder = await startRecorder();
  namespace = await createNamespace('upgrade');
  await apply(
    serverPod(namespace, 'db', { node: 'node-1' }),
    profile(namespace, 'db', { podName: 'db', ...EVERYTHING }),
  );
  pod = await podReady(namespace, 'db');
  await ready(namespace, 'db');
});
afterAll(async () => {
  await removeNamespaces();
  await recorder.close();
});

const calls = () => recorder.recorded.ofQuery('upgraded', 'postgresql.query.calls');

test('an upgrade of the operator touches no agent', async () => {
  const agent = await agentReadyOn('node-1');
  await sql(pod, 'select 1 as upgraded');
  await eventually('the first call', () => calls() === 1);
  const done = upgrade('--set', 'operator.podAnnotations.upgraded=yes');
  await sql(pod, 'select 1 as upgraded');
  await done;
  await sql(pod, 'select 1 as upgraded');
  await eventually('all calls', () => calls() === 3);
  expect((await agentReadyOn('node-1')).metadata.uid).toBe(agent.metadata.uid);
  await ready(namespace, 'db');
});

test('an upgrade of the agents: each is replaced, and the next one resumes', async () => {
  const agent = await agentReadyOn('node-1');
  await upgrade('--set', 'agent.podAnnotations.upgraded=yes');
  await eventually('another agent', async () => (await agentReadyOn('node-1')).metadata.uid !== agent.metadata.uid);
  await ready(namespace, 'db');
  await eventually('the new agent to have attached', async () => {
    const [row] = (await nodeProfiles(namespace)).flatMap(({ status }) => status?.targets ?? []);
    return row?.state === 'Attached' && Date.parse(row.attachedAt) > Date.parse(agent.metadata.creationTimestamp);
  });
  const before = calls();
  await sql(pod, 'select 1 as upgraded');
  await eventually('the call', () => calls() === before + 1);
  expect(recorder.recorded.decreases()).toEqual([]);
});

test('helm uninstall leaves no label, no NodeProfile, no process, no probe; definitions and what users have written stay', async () => {
  const agents = await agentPods();
  await applyProgram('e2e-own', { source: 'BEGIN { exit(); }' });
  await helm('uninstall', RELEASE, '--wait');
  expect(await list('/api/v1/nodes', { labelSelector: 'pgscope.dev/agent' })).toEqual([]);
  expect(await nodeProfiles(namespace)).toEqual([]);
  await eventually('all pods to be gone', async () => (await agentPods()).length + (await operatorPods()).length === 0);
  expect(agents.flatMap((agent) => [...processesOf(agent, NODE_JS), ...processesOf(agent, 'pgscope-tracer')])).toEqual(
    [],
  );
  await expectNoneAbandoned();
  const left = await kubectl(
    ...['get', 'clusterrole,clusterrolebinding,validatingadmissionpolicy,validatingadmissionpolicybinding'],
    ...['--selector', 'app.kubernetes.io/part-of=pgscope', '--output', 'name'],
  );
  expect(left).toBe('');
  expect(await kubectl('get', 'all,lease,configmap,serviceaccount', '--namespace', NAMESPACE, '--output', 'name')).toBe(
    ['configmap/kube-root-ca.crt', 'serviceaccount/default'].join('\n'),
  );
  expect(await get(profilePath(namespace, 'db'))).toBeDefined();
  expect((await list(TRACE_PROGRAMS)).map(({ metadata }) => metadata.name)).toEqual(['e2e-own']);
  expect(
    await get('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/postgresprofiles.pgscope.dev'),
  ).toBeDefined();
  await condition(namespace, 'db', 'Ready', { status: 'False', reason: 'Uninstalled' });
  console.log(await kubectl('get', 'pgp', '--namespace', namespace, '--output', 'wide'));
});

test('what is left goes as the documentation says', async () => {
  const definitions = ['postgresprofiles', 'nodeprofiles', 'traceprograms'].map((name) => `${name}.pgscope.dev`);
  await kubectl('delete', 'crd', ...definitions);
  await eventually('the definitions to be gone', async () => {
    return (
      (await get('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/postgresprofiles.pgscope.dev')) === undefined
    );
  });
});
