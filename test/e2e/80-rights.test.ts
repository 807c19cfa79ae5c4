/** Who may do what, with the tokens that operator, agent and tenants really have; and what an agent makes of what was smuggled past the operator. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { agentReadyOn, operatorGone, operatorReady } from './agents.js';
import { NAMESPACE, scaleOperator } from './installation.js';
import {
  apply,
  ask,
  createNamespace,
  eventually,
  get,
  type KubeObject,
  MERGE_PATCH,
  must,
  removeNamespaces,
} from './kubernetes.js';
import { NODE_JS, podReady, processesOf, serverPod, sql } from './postgres.js';
import { condition, EVERYTHING, nodeProfiles, nodeProfilesPath, profile, profilePath, ready } from './profiles.js';
import { TRACE_PROGRAMS, traceProgram } from './programs.js';
import { type Recorder, startRecorder } from './receivers.js';

jest.setTimeout(600_000);

// Not /var/run: that is a link, which would lead to this machine's /run.
const TOKEN = 'run/secrets/kubernetes.io/serviceaccount/token';
const GROUP = '/apis/pgscope.dev/v1alpha1';

let namespace: string;
let recorder: Recorder;
let pod: KubeObject;
/** Of node-1, and of node-2. */
let own: string;
let others: string;

beforeAll(async () => {
  recorder = await startRecorder();
  namespace = await createNamespace('rights');
  await apply(
    serverPod(namespace, 'db-1', { node: 'node-1', labels: { app: 'db' } }),
    serverPod(namespace, 'db-2', { node: 'node-2', labels: { app: 'db' } }),
    profile(namespace, 'db', { selector: { matchLabels: { app: 'db' } }, ...EVERYTHING }),
  );
  pod = await podReady(namespace, 'db-1');
  await podReady(namespace, 'db-2');
  await ready(namespace, 'db');
  const objects = await nodeProfiles(namespace);
  const of = (node: string) => objects.find(({ spec }) => spec.nodeName === node).metadata.name;
  [own, others] = [of('node-1'), of('node-2')];
});
afterAll(async () => {
  await scaleOperator(1);
  await removeNamespaces();
  await recorder.close();
});

/** As the kubelet has written it into the pod. */
function tokenIn(object: KubeObject): string {
  const [pid] = processesOf(object, NODE_JS);
  return readFileSync(`/proc/${pid}/root/${TOKEN}`, 'utf8');
}

/** A new one for a service account. */
async function tokenOf(where: string, name: string): Promise<string> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  return (await must('POST', `/api/v1/namespaces/${where}/serviceaccounts/${name}/token`, { body })).status.token;
}

/** Each is refused with 403. */
async function forbidden(token: string, requests: [method: string, path: string, body?: KubeObject][]): Promise<void> {
  for (const [method, path, body] of requests) {
    const contentType = method === 'PATCH' ? MERGE_PATCH : 'application/json';
    const { code, message } = await ask(method, path, { token, body, contentType });
    expect([method, path, code, code === 403 ? '' : message]).toEqual([method, path, 403, '']);
  }
}

const nodeProfile = (name: string): string => `${nodeProfilesPath(namespace)}/${name}`;

/** What only administrators may do. */
const WRITES_OF_PROGRAMS: [method: string, path: string, body?: KubeObject][] = [
  ['POST', TRACE_PROGRAMS, traceProgram('smuggled', { source: 'BEGIN { exit(); }' })],
  ['PATCH', `${TRACE_PROGRAMS}/pg-cpudist`, { spec: { scope: 'node' } }],
  ['DELETE', `${TRACE_PROGRAMS}/pg-cpudist`],
];

test("an agent's token reads NodeProfiles and TracePrograms, writes the status of its own node's, and nothing else", async () => {
  const token = tokenIn(await agentReadyOn('node-1'));
  await must('GET', `${GROUP}/nodeprofiles`, { token });
  await must('GET', TRACE_PROGRAMS, { token });
  const status = { status: { lostEvents: 0 } };
  await must('PATCH', `${nodeProfile(own)}/status`, { token, body: status, contentType: MERGE_PATCH });
  await forbidden(token, [
    ['GET', '/api/v1/pods'],
    ['GET', `/api/v1/namespaces/${namespace}/pods/db-1`],
    ['GET', '/api/v1/secrets'],
    ['GET', `/api/v1/namespaces/${NAMESPACE}/secrets`],
    ['GET', '/api/v1/nodes'],
    ['GET', '/api/v1/nodes/node-1'],
    ['GET', `${GROUP}/postgresprofiles`],
    ['PATCH', `${nodeProfile(others)}/status`, status],
    ['PATCH', nodeProfile(own), { spec: { queryText: 'raw' } }],
    ['PATCH', nodeProfile(own), { metadata: { labels: { a: 'b' } } }],
    ['DELETE', nodeProfile(own)],
    ['PATCH', profilePath(namespace, 'db'), { spec: { suspend: true } }],
    ['PATCH', '/api/v1/nodes/node-1', { spec: { unschedulable: true } }],
    ...WRITES_OF_PROGRAMS,
  ]);
});

test("the operator's token cannot create, cordon, taint or otherwise label a node", async () => {
  const token = tokenIn(await operatorReady());
  await forbidden(token, [
    ['POST', '/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-3' } }],
    ['DELETE', '/api/v1/nodes/node-1'],
    ['PATCH', '/api/v1/nodes/node-1', { spec: { unschedulable: true } }],
    ['PATCH', '/api/v1/nodes/node-1', { spec: { taints: [{ key: 'a', effect: 'NoExecute' }] } }],
    ['PATCH', '/api/v1/nodes/node-1', { metadata: { labels: { 'node-role.kubernetes.io/control-plane': '' } } }],
    ['PATCH', '/api/v1/nodes/node-1', { metadata: { labels: { 'pgscope.dev/agent': 'other' } } }],
    ['PATCH', '/api/v1/nodes/node-1', { metadata: { annotations: { a: 'b' } } }],
    ['PATCH', `${nodeProfile(own)}/status`, { status: { lostEvents: 1 } }],
    ['GET', '/api/v1/secrets'],
    ['POST', `/api/v1/namespaces/${namespace}/pods`, serverPod(namespace, 'another')],
    ...WRITES_OF_PROGRAMS,
  ]);
});

test('a tenant with all rights in its namespace writes no NodeProfile and no TraceProgram', async () => {
  const rbac = 'rbac.authorization.k8s.io';
  await apply(
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name: 'tenant' } },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'Role',
      metadata: { namespace, name: 'tenant' },
      rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata: { namespace, name: 'tenant' },
      roleRef: { apiGroup: rbac, kind: 'Role', name: 'tenant' },
      subjects: [{ kind: 'ServiceAccount', namespace, name: 'tenant' }],
    },
  );
  const token = await tokenOf(namespace, 'tenant');
  // It may do what tenants do.
  const edit = (spec: KubeObject) => ({ token, body: { spec }, contentType: MERGE_PATCH });
  await must('PATCH', profilePath(namespace, 'db'), edit({ suspend: false, programs: [{ name: 'pg-syscalls' }] }));
  await condition(namespace, 'db', 'ProgramsRunning', { status: 'True', reason: 'ProgramsRunning' });
  await must('PATCH', profilePath(namespace, 'db'), edit({ programs: [] }));
  const stored = await get(nodeProfile(own));
  await forbidden(token, [
    ['PATCH', nodeProfile(own), { spec: { queryText: 'raw' } }],
    ['PATCH', `${nodeProfile(own)}/status`, { status: { lostEvents: 1 } }],
    ['DELETE', nodeProfile(own)],
    ['POST', nodeProfilesPath(namespace), { ...stored, metadata: { name: 'forged', namespace } }],
    ...WRITES_OF_PROGRAMS,
  ]);
});

describe('what is smuggled past the operator', () => {
  test('is refused by the agent', async () => {
    // One that runs would take away what it has not made.
    await scaleOperator(0);
    await operatorGone();
    const token = await tokenOf(NAMESPACE, 'pgscope-operator');
    const { apiVersion, kind, metadata, spec } = await get(nodeProfile(own));
    const forge = async (name: string, change: KubeObject) => {
      const owner = metadata.ownerReferences;
      const body = {
        apiVersion,
        kind,
        metadata: { name, namespace, ownerReferences: owner },
        spec: { ...spec, ...change },
      };
      await must('POST', nodeProfilesPath(namespace), { token, body });
    };
    await forge('forged-raw', { queryText: 'raw' });
    await forge('forged-destination', { destination: 'elsewhere' });
    const row = async (name: string) => (await get(nodeProfile(name)))?.status?.targets?.[0];
    await eventually('both to be refused', async () => {
      const rows = [await row('forged-raw'), await row('forged-destination')];
      return rows[0]?.reason === 'RawTextForbidden' && rows[1]?.reason === 'UnknownDestination';
    });
    await sql(pod, "select 'canary_of_the_suite' as smuggled");
    await eventually('its call', () => recorder.recorded.ofQuery('smuggled', 'postgresql.query.calls') === 1);
    expect(recorder.received.some(({ body }) => body.includes('canary_of_the_suite'))).toBe(false);
    await scaleOperator(1);
    await eventually('the operator to take them away', async () => (await nodeProfiles(namespace)).length === 2);
  });
});
