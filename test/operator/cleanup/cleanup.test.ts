import { beforeEach, describe, expect, test } from '@jest/globals';
import { KubeError } from '../../../kube/client.js';
import { CLEANUP_HOLDER } from '../../../operator/cleanup/lease.js';
import { CleanupError, type CleanupOptions, cleanUp } from '../../../operator/cleanup.js';
import { conflict, type MemoryApi, memoryApi, notFound } from '../apply/memory-api.js';
import { pod, type RawObject, rawNode, rawProfile } from '../profiles/objects.js';
import { assessed } from '../profiles/scene.js';

const LEASE = '/apis/coordination.k8s.io/v1/namespaces/pgscope/leases/pgscope-operator';
const PROFILE = '/apis/pgscope.dev/v1alpha1/namespaces/shop/postgresprofiles/orders';
const AGENT = '/api/v1/namespaces/pgscope/pods/agent-1';
let api: MemoryApi;
let logs: string[];

const bare = (name: string, more: object = {}): RawObject => ({
  metadata: { name, uid: `uid-${name}`, resourceVersion: '1', ...more },
});
const nodeProfilePath = (namespace: string, name: string) =>
  `/apis/pgscope.dev/v1alpha1/namespaces/${namespace}/nodeprofiles/${name}`;
const programPath = (name: string) => `/apis/pgscope.dev/v1alpha1/traceprograms/${name}`;

function options(change: Partial<CleanupOptions> = {}): CleanupOptions {
  return {
    client: api,
    namespace: 'pgscope',
    leaseName: 'pgscope-operator',
    agentSelector: 'app.kubernetes.io/name=pgscope',
    onLog: (line) => logs.push(line),
    signal: new AbortController().signal,
    pollMs: 1,
    standDownMs: 5,
    ...change,
  };
}

beforeEach(() => {
  api = memoryApi();
  logs = [];
  api.objects.set(LEASE, {
    ...bare('pgscope-operator', { namespace: 'pgscope' }),
    spec: { holderIdentity: 'operator-0', leaseTransitions: 4 },
  });
  for (const namespace of ['shop', 'other']) {
    for (const name of ['a', 'b']) api.objects.set(nodeProfilePath(namespace, name), bare(name, { namespace }));
  }
  const { status } = assessed({ pods: [pod('a')] });
  api.objects.set(PROFILE, rawProfile({ selector: {} }, { status }));
  for (const name of ['worker-1', 'worker-2'])
    api.objects.set(`/api/v1/nodes/${name}`, rawNode(name, { 'pgscope.dev/agent': 'true', zone: 'a' }));
  api.objects.set('/api/v1/nodes/worker-3', rawNode('worker-3'));
  const labels = { 'pgscope.dev/shipped-as': 'pg-syscalls' };
  api.objects.set(programPath('pg-syscalls'), bare('pg-syscalls', { labels }));
  api.objects.set(programPath('ours'), bare('ours', { labels }));
  api.objects.set(AGENT, bare('agent-1', { namespace: 'pgscope', labels: { 'app.kubernetes.io/name': 'pgscope' } }));
  // The DaemonSet controller: without the label there is no agent.
  api.onWrite = (path) => {
    if (path === '/api/v1/nodes/worker-2') api.objects.delete(AGENT);
  };
});

const nodeProfiles = () => [...api.objects.keys()].filter((path) => path.includes('/nodeprofiles/'));

test('leaves profiles alone, and nothing of pgscope anywhere', async () => {
  await cleanUp(options());
  expect(nodeProfiles()).toEqual([]);
  for (const name of ['worker-1', 'worker-2']) {
    expect(api.objects.get(`/api/v1/nodes/${name}`)?.metadata.labels).toEqual({ zone: 'a' });
  }
  expect(api.writes).not.toContain('PATCH /api/v1/nodes/worker-3');
  expect(api.objects.get(LEASE)?.spec).toMatchObject({
    holderIdentity: CLEANUP_HOLDER,
    leaseDurationSeconds: 600,
    leaseTransitions: 5,
  });
  expect(logs).toEqual([
    'took the lease from the leading operator',
    'deletes 4 NodeProfiles',
    'takes the label from 2 nodes',
    'deletes 1 TracePrograms',
    'all agents have ended',
    'done; PostgresProfiles and the CustomResourceDefinitions stay',
  ]);
  const { status } = api.objects.get(PROFILE) as {
    status: { conditions: { type: string; status: string; reason: string }[] };
  };
  expect(status).toMatchObject({ targets: { matched: 1, attached: 0 }, nodes: { ready: 0 } });
  expect(status.conditions.map(({ type, status: holds, reason }) => `${type} ${holds} ${reason}`)).toEqual([
    'Ready False Uninstalled',
    'Accepted True Valid',
    'TargetsResolved True Resolved',
    'ProbesAttached False Uninstalled',
    'Exporting False Uninstalled',
    'ProgramsRunning True NoPrograms',
    'Completed False Running',
  ]);
});

test('deletes the trace programs that came with pgscope, and leaves those that people have written', async () => {
  await cleanUp(options());
  expect(api.objects.has(programPath('pg-syscalls'))).toBe(false);
  expect(api.objects.has(programPath('ours'))).toBe(true);
});

test('does without trace programs where the cluster does not know them', async () => {
  api.failure = ({ path }) => (path === programPath('').slice(0, -1) ? notFound(path) : undefined);
  await cleanUp(options());
  expect(logs).toContain('all agents have ended');
});

test('holds the lease before it deletes, and may be run again', async () => {
  await cleanUp(options());
  expect(api.writes[0]).toBe(`PUT ${LEASE}`);
  api.writes.length = 0;
  await cleanUp(options());
  expect(api.writes.filter((write) => !write.endsWith('/status'))).toEqual([`PUT ${LEASE}`]);
  expect(logs).toContain('holds the lease: no operator leads');
});

test('makes the lease where there is none, and takes one that changes meanwhile', async () => {
  api.objects.delete(LEASE);
  await cleanUp(options());
  expect(api.writes[0]).toBe(`POST ${LEASE.slice(0, LEASE.lastIndexOf('/'))}`);
  let renewals = 3;
  api.failure = ({ method, path }) =>
    method === 'PUT' && path === LEASE && renewals-- > 0 ? conflict(path) : undefined;
  await cleanUp(options());
  expect(api.objects.get(LEASE)?.spec).toMatchObject({ holderIdentity: CLEANUP_HOLDER });
});

test('cleans only the namespaces that are watched', async () => {
  await cleanUp(options({ watchNamespaces: ['shop'] }));
  expect(nodeProfiles()).toEqual(['a', 'b'].map((name) => nodeProfilePath('other', name)));
});

test('deletes also what a leader wrote while it was losing the lease', async () => {
  let late = 2;
  api.onWrite = (path, _before, after) => {
    if (path === '/api/v1/nodes/worker-2') api.objects.delete(AGENT);
    if (path.includes('/nodeprofiles/') && after === undefined && late-- > 0) {
      api.objects.set(nodeProfilePath('shop', `late-${late}`), bare(`late-${late}`, { namespace: 'shop' }));
    }
  };
  await cleanUp(options());
  expect(nodeProfiles()).toEqual([]);
});

test('tries again what failed', async () => {
  let failures = 3;
  api.failure = ({ method }) => {
    const fails = method === 'DELETE' && failures-- > 0;
    return fails ? new KubeError('busy', { code: 429, reason: 'TooManyRequests' }) : undefined;
  };
  await cleanUp(options());
  expect(nodeProfiles()).toEqual([]);
  expect(logs.some((line) => line.startsWith('tries again: '))).toBe(true);
});

describe('says what is left when its time is over', () => {
  test('NodeProfiles that somebody writes again and again', async () => {
    api.onWrite = (path, before, after) => {
      if (path.includes('/nodeprofiles/') && before && after === undefined) api.objects.set(path, before);
    };
    const cleaning = cleanUp(options({ limits: { objectsMs: 20 } }));
    await expect(cleaning).rejects.toThrow(CleanupError);
    await expect(cleaning).rejects.toThrow(/^NodeProfiles are left: .*Does an operator without leader election run\?/);
    expect(api.writes).not.toContain('PATCH /api/v1/nodes/worker-1');
  });

  test('a trace program that cannot be deleted', async () => {
    api.failure = ({ method, path }) =>
      method === 'DELETE' && path.includes('/traceprograms/')
        ? new KubeError('no', { code: 500, reason: 'InternalError' })
        : undefined;
    await expect(cleanUp(options({ limits: { objectsMs: 20 } }))).rejects.toThrow('no');
  });

  test('an agent on a node that is dead, which is no reason to fail', async () => {
    delete api.onWrite;
    await cleanUp(options({ limits: { agentsMs: 20 } }));
    expect(logs).toContain('agents that have not ended in time: agent-1');
  });
});
