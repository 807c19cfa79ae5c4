/** The hooks' commands against a real API server, with the rights that the chart gives them and a token of their service account. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseAllDocuments, stringify } from 'yaml';
import { createKubeClient } from '../../kube/client.js';
import { installPrograms } from '../../operator/install-programs.js';
import { kubeConnection } from '../../operator/kube-config.js';
import { EXIT_OK, run } from '../../operator/run.js';
import { render } from '../../scripts/chart/helm.js';
import { type ApiServer, startApiServer } from './api-server.js';
import { NAMESPACE, runHelm } from './installation.js';

const CHART = 'charts/pgscope';
const DESTINATION = ['--set', 'destinations.default.endpoint=http://otel:4318'];
const PROGRAMS = '/apis/pgscope.dev/v1alpha1/traceprograms';
const SHIPPED = ['pg-cpudist', 'pg-read-sleep', 'pg-syscalls', 'pg-writesnoop'];
const own = (name: string) => ({ 'app.kubernetes.io/managed-by': 'pgscope', 'pgscope.dev/shipped-as': name });

let server: ApiServer;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pgscope-hooks-'));
  server = await startApiServer();
  await created('/api/v1/namespaces', { metadata: { name: NAMESPACE } });
}, 180_000);

afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true });
});

async function created(path: string, body: object): Promise<void> {
  expect(await server.ask('POST', path, { body })).toMatchObject({ code: 201 });
}

/** What helm creates before it starts the hook's Job. */
async function giveRights(template: string): Promise<void> {
  const text = await render(CHART, ...DESTINATION, '--show-only', `templates/${template}`);
  const places: Record<string, string> = {
    ServiceAccount: `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`,
    ClusterRole: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    ClusterRoleBinding: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
    Role: `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}/roles`,
    RoleBinding: `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}/rolebindings`,
  };
  for (const object of parseAllDocuments(text).map((document) => document.toJS())) {
    const path = places[object.kind];
    if (path !== undefined) await created(path, object);
  }
}

async function kubeconfigOf(account: string): Promise<string> {
  const path = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/${account}/token`;
  const { body } = await server.ask('POST', path, {
    body: { spec: { audiences: ['https://kubernetes.default.svc'] } },
  });
  const file = join(folder, account);
  const config = {
    'current-context': 'one',
    clusters: [{ name: 'one', cluster: { server: server.url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'one', user: { token: body.status.token } }],
    contexts: [{ name: 'one', context: { cluster: 'one', user: 'one' } }],
  };
  await writeFile(file, stringify(config), { mode: 0o600 });
  return file;
}

/** As the Job of a service account does; gives its exit code and what it has logged. */
async function runAs(account: string, command: string): Promise<{ code: number; log: string[] }> {
  let written = '';
  const code = await run([command, '--kubeconfig', await kubeconfigOf(account)], {
    stdout: { write: () => true },
    stderr: { write: (text) => (written += text) },
    env: { POD_NAMESPACE: NAMESPACE },
    signal: new AbortController().signal,
  });
  const lines = written.trimEnd().split('\n');
  return { code, log: lines.map((line) => (JSON.parse(line) as { msg: string }).msg) };
}

interface Program {
  metadata: { name: string; generation: number; labels?: Record<string, string> };
  spec: { source: string };
}

async function programs(): Promise<Program[]> {
  return (await server.ask('GET', PROGRAMS)).body.items;
}

const names = async () => (await programs()).map(({ metadata }) => metadata.name);
const program = (name: string, labels: object = {}) => ({
  ...{ apiVersion: 'pgscope.dev/v1alpha1', kind: 'TraceProgram', metadata: { name, labels } },
  spec: { source: 'tracepoint:sched:sched_switch /PGSCOPE_TARGET/ { @ = count(); }' },
});

describe('install-programs', () => {
  test('says what is missing where the definitions are not installed', async () => {
    await giveRights('programs.yaml');
    const client = createKubeClient(await kubeConnection(await kubeconfigOf('pgscope-programs'), {}));
    const signal = new AbortController().signal;
    await expect(installPrograms({ client, signal, onLog: () => {}, limitMs: 0 })).rejects.toThrow(
      /crds\.install=true/,
    );
    client.close();
  }, 30_000);

  test('waits for the definitions and installs what comes along', async () => {
    const installing = runAs('pgscope-programs', 'install-programs');
    await runHelm(server, 'install', 'pgscope', CHART, ...DESTINATION, '--no-hooks');
    const { code, log } = await installing;
    expect([code, log.at(-1)]).toEqual([EXIT_OK, `has installed 4 TracePrograms: ${SHIPPED.join(', ')}`]);
    expect(await names()).toEqual(SHIPPED);
    for (const { metadata } of await programs()) expect(metadata.labels).toEqual(own(metadata.name));
  }, 90_000);

  test('changes nothing a second time', async () => {
    await runAs('pgscope-programs', 'install-programs');
    expect((await programs()).map(({ metadata }) => metadata.generation)).toEqual([1, 1, 1, 1]);
  }, 30_000);

  test('takes back changes, deletes what comes no more, and leaves alone what people have written', async () => {
    const change = { spec: { source: 'BEGIN { }' } };
    const contentType = 'application/merge-patch+json';
    await server.ask('PATCH', `${PROGRAMS}/pg-cpudist`, { body: change, contentType });
    await created(PROGRAMS, program('pg-removed', own('pg-removed')));
    await created(PROGRAMS, program('ours'));
    await server.ask('DELETE', `${PROGRAMS}/pg-syscalls`);
    await created(PROGRAMS, program('pg-syscalls'));
    const { code, log } = await runAs('pgscope-programs', 'install-programs');
    expect(code).toBe(EXIT_OK);
    expect(log).toContain('has deleted what comes no more: pg-removed');
    expect(log.at(-1)).toMatch(/^leaves pg-syscalls alone/);
    expect(await names()).toEqual(['ours', ...SHIPPED]);
    const [, cpudist, , syscalls] = await programs();
    expect(cpudist?.spec.source).toContain('sched_switch');
    expect(syscalls?.spec.source).toBe(program('').spec.source);
  }, 30_000);
});

test('cleanup deletes what came along, and leaves the others', async () => {
  await giveRights('cleanup.yaml');
  const { code, log } = await runAs('pgscope-cleanup', 'cleanup');
  expect([code, log]).toEqual([EXIT_OK, expect.arrayContaining(['deletes 3 TracePrograms'])]);
  expect(await names()).toEqual(['ours', 'pg-syscalls']);
}, 120_000);
