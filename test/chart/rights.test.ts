/** Who may do what, asked of a real API server into which helm has installed the chart. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Answer, type ApiServer, startApiServer, type User } from './api-server.js';
import {
  AGENT,
  agentOn,
  CLEANUP,
  NAMESPACE,
  nodeProfile,
  nodeProfilePath,
  OPERATOR,
  runHelm,
  serviceAccount,
} from './installation.js';

const MERGE = 'application/merge-patch+json';
const APPLY = 'application/apply-patch+yaml';
/** Has every right in its namespace. */
const TENANT: User = { name: 'alice', groups: ['system:authenticated'] };
/** The administrator lets this one write programs. */
const PROGRAMMER: User = { name: 'bob', groups: ['system:authenticated'] };
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const PROGRAMS = '/apis/pgscope.dev/v1alpha1/traceprograms';

let server: ApiServer;

beforeAll(async () => {
  server = await startApiServer();
  await made('/api/v1/namespaces', { metadata: { name: NAMESPACE } });
  await made('/api/v1/namespaces', { metadata: { name: 'shop' } });
  for (const name of ['n1', 'n2']) await made('/api/v1/nodes', { metadata: { name, labels: { zone: 'a' } } });
  await made(`${RBAC}/namespaces/shop/roles`, {
    metadata: { name: 'all' },
    rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
  });
  await made(`${RBAC}/namespaces/shop/rolebindings`, {
    metadata: { name: 'all' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'all' },
    subjects: [{ kind: 'User', name: TENANT.name, apiGroup: 'rbac.authorization.k8s.io' }],
  });
  await runHelm(
    server,
    'install',
    'pgscope',
    'charts/pgscope',
    '--set',
    'destinations.default.endpoint=http://otel:4318',
    // Its hook needs a kubelet.
    '--no-hooks',
  );
  await policiesWork();
  await made(PROGRAMS, program('shipped'));
  await made(nodeProfilePath('shop'), nodeProfile('db-n1', 'n1'), OPERATOR);
  await made(nodeProfilePath('shop'), nodeProfile('db-n2', 'n2'), OPERATOR);
}, 180_000);

afterAll(() => server?.stop());

const program = (name: string) => ({
  apiVersion: 'pgscope.dev/v1alpha1',
  kind: 'TraceProgram',
  metadata: { name },
  spec: { source: 'tracepoint:sched:sched_switch /PGSCOPE_TARGET/ { @ = count(); }' },
});

async function made(path: string, body: object, as?: User): Promise<void> {
  expect(await server.ask('POST', path, { body, ...(as && { as }) })).toMatchObject({ code: 201 });
}

/** The API server begins to serve kinds and to enforce policies a moment after they are created. */
async function policiesWork(): Promise<void> {
  const endMs = Date.now() + 60_000;
  const refused = async () => {
    const asked = [
      server.ask('POST', `${nodeProfilePath('shop')}?dryRun=All`, { body: nodeProfile('x', 'n1'), as: TENANT }),
      server.ask('PATCH', '/api/v1/nodes/n1?dryRun=All', {
        ...{ body: { metadata: { labels: { x: 'y' } } }, contentType: MERGE, as: OPERATOR },
      }),
    ];
    return (await Promise.all(asked)).every(({ message }) => message.includes('ValidatingAdmissionPolicy'));
  };
  while (!(await refused())) {
    if (Date.now() > endMs) throw new Error('the policies refuse nothing');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function patch(path: string, body: object, as: User): Promise<Answer> {
  return server.ask('PATCH', path, { body, contentType: MERGE, as });
}

function patchStatus(name: string, as: User): Promise<Answer> {
  return patch(`${nodeProfilePath('shop', name)}/status`, { status: { lostEvents: 1 } }, as);
}

const forbidden = (message: string | RegExp) => ({ code: 403, message: expect.stringMatching(message) });
const notByRole = forbidden(/cannot .* resource|cannot .* at the cluster scope/);

describe('a tenant with every right in its namespace', () => {
  const refusal = forbidden("only pgscope's operator writes NodeProfiles");

  test('writes profiles', async () => {
    const body = {
      apiVersion: 'pgscope.dev/v1alpha1',
      kind: 'PostgresProfile',
      metadata: { name: 'mine' },
      spec: { selector: { podName: 'db-0' } },
    };
    const path = '/apis/pgscope.dev/v1alpha1/namespaces/shop/postgresprofiles';
    expect(await server.ask('POST', path, { body, as: TENANT })).toMatchObject({ code: 201 });
  });

  test('names programs in its profiles, but writes and reads none', async () => {
    const path = '/apis/pgscope.dev/v1alpha1/namespaces/shop/postgresprofiles';
    const spec = { podName: 'db-0', programs: [{ name: 'shipped' }] };
    const profile = { apiVersion: 'pgscope.dev/v1alpha1', kind: 'PostgresProfile', metadata: { name: 'traced' }, spec };
    const strict = `${path}?fieldValidation=Strict`;
    expect(await server.ask('POST', strict, { body: profile, as: TENANT })).toMatchObject({ code: 201, message: '' });
    const body = program('smuggled');
    expect(await server.ask('POST', PROGRAMS, { body, as: TENANT })).toMatchObject(notByRole);
    const applied = await server.ask('PATCH', `${PROGRAMS}/smuggled?fieldManager=alice`, {
      ...{ body, contentType: APPLY, as: TENANT },
    });
    expect(applied).toMatchObject(notByRole);
    expect(await patch(`${PROGRAMS}/shipped`, { spec: { scope: 'node' } }, TENANT)).toMatchObject(notByRole);
    expect(await server.ask('DELETE', `${PROGRAMS}/shipped`, { as: TENANT })).toMatchObject(notByRole);
    expect(await server.ask('GET', PROGRAMS, { as: TENANT })).toMatchObject(notByRole);
  });

  test('writes no node profile', async () => {
    const body = nodeProfile('smuggled', 'n1');
    const path = nodeProfilePath('shop', 'db-n1');
    expect(await server.ask('POST', nodeProfilePath('shop'), { body, as: TENANT })).toMatchObject(refusal);
    expect(
      await server.ask('PATCH', `${nodeProfilePath('shop', 'smuggled')}?fieldManager=alice`, {
        ...{ body, contentType: APPLY, as: TENANT },
      }),
    ).toMatchObject(refusal);
    expect(await patch(path, { spec: { queryText: 'raw' } }, TENANT)).toMatchObject(refusal);
    expect(await patch(path, { metadata: { labels: { a: 'b' } } }, TENANT)).toMatchObject(refusal);
    expect(await server.ask('DELETE', path, { as: TENANT })).toMatchObject(refusal);
    expect(await server.ask('DELETE', nodeProfilePath('shop'), { as: TENANT })).toMatchObject(refusal);
  });

  test('writes no status of one, whatever it claims to be', async () => {
    const pretender = { ...TENANT, extra: { 'authentication.kubernetes.io/node-name': 'n1' } };
    for (const user of [TENANT, pretender]) {
      expect(await patchStatus('db-n1', user)).toMatchObject(forbidden("only pgscope's agents write"));
    }
  });
});

describe('who has the roles over programs', () => {
  const bind = (role: string) =>
    made(`${RBAC}/clusterrolebindings`, {
      metadata: { name: `bob-${role}` },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: [{ kind: 'User', name: PROGRAMMER.name, apiGroup: 'rbac.authorization.k8s.io' }],
    });

  test('reads them by one, and writes them by the other', async () => {
    await bind('pgscope-programs-view');
    expect(await eventually('GET', PROGRAMS)).toMatchObject({ code: 200 });
    expect(await server.ask('POST', PROGRAMS, { body: program('mine'), as: PROGRAMMER })).toMatchObject(notByRole);
    await bind('pgscope-programs-edit');
    expect(await eventually('POST', PROGRAMS, program('mine'))).toMatchObject({ code: 201 });
    expect(await server.ask('DELETE', `${PROGRAMS}/mine`, { as: PROGRAMMER })).toMatchObject({ code: 200 });
  });

  /** The API server takes a moment to see a binding. */
  async function eventually(method: string, path: string, body?: object): Promise<Answer> {
    const endMs = Date.now() + 10_000;
    for (;;) {
      const answer = await server.ask(method, path, { as: PROGRAMMER, body });
      if (answer.code !== 403 || Date.now() > endMs) return answer;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
});

describe('an agent', () => {
  test('reads node profiles, and writes the status of those of its node', async () => {
    const path = '/apis/pgscope.dev/v1alpha1/nodeprofiles?fieldSelector=spec.nodeName=n1';
    const { body } = await server.ask('GET', path, { as: agentOn('n1') });
    expect(body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)).toEqual(['db-n1']);
    expect(await patchStatus('db-n1', agentOn('n1'))).toMatchObject({ code: 200, body: { status: { lostEvents: 1 } } });
  });

  test('reads programs, and writes none', async () => {
    const as = agentOn('n1');
    expect(await server.ask('GET', PROGRAMS, { as })).toMatchObject({ code: 200 });
    expect(await server.ask('POST', PROGRAMS, { body: program('smuggled'), as })).toMatchObject(notByRole);
    expect(await patch(`${PROGRAMS}/shipped`, { spec: { scope: 'node' } }, as)).toMatchObject(notByRole);
    expect(await server.ask('DELETE', `${PROGRAMS}/shipped`, { as })).toMatchObject(notByRole);
  });

  test("writes no other node's, and none with a token that is bound to no pod", async () => {
    expect(await patchStatus('db-n2', agentOn('n1'))).toMatchObject(
      forbidden('this NodeProfile is about node n2, the token was issued for node n1'),
    );
    expect(await patchStatus('db-n1', AGENT)).toMatchObject(forbidden('the token was issued for no node'));
  });

  test('changes no spec, neither directly nor with a status', async () => {
    const path = nodeProfilePath('shop', 'db-n1');
    expect(await patch(path, { spec: { queryText: 'raw' } }, agentOn('n1'))).toMatchObject(notByRole);
    const both = { spec: { nodeName: 'n2' }, metadata: { labels: { a: 'b' } }, status: { lostEvents: 2 } };
    const { body } = await patch(`${path}/status`, both, agentOn('n1'));
    expect(body).toMatchObject({ spec: { nodeName: 'n1' }, status: { lostEvents: 2 } });
    expect(body.metadata.labels).toBeUndefined();
  });

  test.each([
    '/api/v1/pods',
    '/api/v1/secrets',
    `/api/v1/namespaces/${NAMESPACE}/secrets`,
    '/api/v1/nodes/n1',
    '/api/v1/configmaps',
    '/apis/pgscope.dev/v1alpha1/postgresprofiles',
  ])('does not read %s', async (path) => {
    expect(await server.ask('GET', path, { as: agentOn('n1') })).toMatchObject(notByRole);
  });
});

describe('the operator', () => {
  const node = '/api/v1/nodes/n1';
  const onlyLabel = forbidden(/pgscope (changes nothing of a node but|sets no label of a node but)/);

  test('applies and deletes node profiles, but does not write their status', async () => {
    const path = `${nodeProfilePath('shop', 'applied')}?fieldManager=pgscope-operator&force=true`;
    const body = nodeProfile('applied', 'n2');
    expect(await server.ask('PATCH', path, { body, contentType: APPLY, as: OPERATOR })).toMatchObject({ code: 201 });
    expect(await patchStatus('applied', OPERATOR)).toMatchObject(notByRole);
    expect(await server.ask('DELETE', nodeProfilePath('shop', 'applied'), { as: OPERATOR })).toMatchObject({
      code: 200,
    });
  });

  test('sets and takes away its label of a node', async () => {
    const set = await patch(node, { metadata: { labels: { 'pgscope.dev/agent': 'true' } } }, OPERATOR);
    expect(set.body.metadata.labels).toMatchObject({ 'pgscope.dev/agent': 'true', zone: 'a' });
    const taken = await patch(node, { metadata: { labels: { 'pgscope.dev/agent': null } } }, OPERATOR);
    expect(taken.body.metadata.labels).toEqual(expect.not.objectContaining({ 'pgscope.dev/agent': 'true' }));
  });

  test.each([
    ['another label', { metadata: { labels: { 'pgscope.dev/agent': 'true', rack: '7' } } }],
    ["another label's value", { metadata: { labels: { zone: 'b' } } }],
    ["another label's end", { metadata: { labels: { zone: null } } }],
    ['another value', { metadata: { labels: { 'pgscope.dev/agent': 'false' } } }],
    ['an annotation', { metadata: { annotations: { a: 'b' } } }],
    ['a finalizer', { metadata: { finalizers: ['example.com/a'] } }],
    ['cordoning', { spec: { unschedulable: true } }],
    ['a taint', { spec: { taints: [{ key: 'a', effect: 'NoExecute' }] } }],
  ])('changes nothing else of a node: %s', async (_, body) => {
    expect(await patch(node, body, OPERATOR)).toMatchObject(onlyLabel);
  });

  test('neither creates nor deletes nodes, nor writes their status', async () => {
    const body = { metadata: { name: 'n3' } };
    expect(await server.ask('POST', '/api/v1/nodes', { body, as: OPERATOR })).toMatchObject(notByRole);
    expect(await server.ask('DELETE', node, { as: OPERATOR })).toMatchObject(notByRole);
    expect(await patch(`${node}/status`, { status: { phase: 'x' } }, OPERATOR)).toMatchObject(notByRole);
    const absent = '/api/v1/nodes/n3?fieldManager=pgscope-operator';
    const applied = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'n3', labels: { 'pgscope.dev/agent': 'true' } },
    };
    expect(await server.ask('PATCH', absent, { body: applied, contentType: APPLY, as: OPERATOR })).toMatchObject({
      code: 403,
    });
  });

  test('reads no secret, no profile is written by it, and it makes no second lease', async () => {
    expect(await server.ask('GET', `/api/v1/namespaces/${NAMESPACE}/secrets`, { as: OPERATOR })).toMatchObject(
      notByRole,
    );
    const profile = '/apis/pgscope.dev/v1alpha1/namespaces/shop/postgresprofiles/mine';
    expect(await patch(profile, { spec: { suspend: true } }, OPERATOR)).toMatchObject(notByRole);
    const leases = `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases`;
    expect(await patch(`${leases}/pgscope-operator`, { spec: { holderIdentity: 'me' } }, OPERATOR)).toMatchObject({
      code: 200,
    });
    expect(
      await server.ask('POST', leases, { body: { metadata: { name: 'pgscope-operator-2' } }, as: OPERATOR }),
    ).toMatchObject(notByRole);
  });
});

describe('controllers of Kubernetes', () => {
  const kubeSystem = (name: string) => ({
    name: `system:serviceaccount:kube-system:${name}`,
    groups: ['system:masters'],
  });
  const collector = kubeSystem('generic-garbage-collector');

  test('the garbage collector takes away references, changes no spec, and deletes', async () => {
    await made(nodeProfilePath('shop'), nodeProfile('orphan', 'n1'), OPERATOR);
    const path = nodeProfilePath('shop', 'orphan');
    expect(await patch(path, { metadata: { ownerReferences: null } }, collector)).toMatchObject({ code: 200 });
    expect(await patch(path, { spec: { queryText: 'raw' } }, collector)).toMatchObject({ code: 403 });
    expect(await server.ask('DELETE', path, { as: collector })).toMatchObject({ code: 200 });
  });

  test.each([
    kubeSystem('namespace-controller'),
    { name: 'system:kube-controller-manager', groups: ['system:masters'] },
  ])('$name deletes', async (as) => {
    await made(nodeProfilePath('shop'), nodeProfile('doomed', 'n1'), OPERATOR);
    expect(await server.ask('DELETE', nodeProfilePath('shop', 'doomed'), { as })).toMatchObject({ code: 200 });
  });

  test('others do not, also with every right', async () => {
    const path = nodeProfilePath('shop', 'db-n1');
    expect(await server.ask('DELETE', path, { as: kubeSystem('replicaset-controller') })).toMatchObject({ code: 403 });
    expect(await server.ask('DELETE', path, { as: serviceAccount('pgscope-agent', 'shop') })).toMatchObject({
      code: 403,
    });
  });
});

describe('helm', () => {
  const lease = `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/pgscope-operator`;

  test('leaves the lease alone in an upgrade', async () => {
    await patch(lease, { spec: { holderIdentity: 'a-leader' } }, OPERATOR);
    const change = ['--reuse-values', '--set', 'commonLabels.team=db', '--no-hooks'];
    await runHelm(server, 'upgrade', 'pgscope', 'charts/pgscope', ...change);
    const { body } = await server.ask('GET', lease);
    expect(body).toMatchObject({ metadata: { labels: { team: 'db' } }, spec: { holderIdentity: 'a-leader' } });
  }, 60_000);

  test('removes everything but definitions, profiles and programs', async () => {
    // Its hook needs a kubelet, so the rights that the hook has for that time do not exist here.
    await runHelm(server, 'uninstall', 'pgscope', '--no-hooks');
    expect(await server.ask('GET', lease)).toMatchObject({ code: 404 });
    const kept = ['nodeprofiles', 'postgresprofiles', 'traceprograms'].map(
      (plural) => `/apis/pgscope.dev/v1alpha1/${plural}`,
    );
    for (const path of kept) expect((await server.ask('GET', path)).body.items.length).toBeGreaterThan(0);
    const policies = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies';
    expect((await server.ask('GET', policies)).body.items).toEqual([]);
    expect(await server.ask('GET', nodeProfilePath('shop'), { as: CLEANUP })).toMatchObject(notByRole);
  }, 60_000);
});
