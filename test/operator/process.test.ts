/** The operator as a process of its own: signals, exit codes, its traces, and what it loads. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { stringify } from 'yaml';
import { CONTROLLER_NAMES } from '../../operator/names.js';
import { spanName } from '../../operator/traces.js';
import { type Receiver, startReceiver } from '../agent/telemetry/export/receiver.js';
import { decode } from '../agent/telemetry/otlp/schema.js';
import { waitUntil } from '../servers/wait.js';
import { type ClusterServer, NODES, PROFILES, startClusterServer } from './manager/cluster-server.js';
import { rawNode, rawProfile } from './profiles/objects.js';

const LIMIT_MS = 60_000;
jest.setTimeout(2 * LIMIT_MS);

const CHECKOUT = resolve(import.meta.dirname, '../..');
const named = (name: string) => rawProfile({ podName: 'nobody' }, { metadata: { name, uid: `uid-${name}` } });

let folder: string;
let server: ClusterServer;
let child: ChildProcess | undefined;
/** What it has written. */
let log: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pgscope-process-'));
  server = await startClusterServer();
  server.put(PROFILES, named('orders'));
});
afterEach(async () => {
  if (child?.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
  await server.close();
  rmSync(folder, { recursive: true });
});

function start(env: Record<string, string> = {}): ChildProcess {
  const kubeconfig = join(folder, 'config');
  const config = {
    'current-context': 'one',
    clusters: [{ name: 'one', cluster: { server: server.api.url.href, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'one', user: { token: 'secret' } }],
    contexts: [{ name: 'one', context: { cluster: 'one', user: 'one' } }],
  };
  writeFileSync(kubeconfig, stringify(config));
  const imports = ['./test/typescript.js', './test/operator/process/loaded-modules.js'].flatMap((file) => [
    '--import',
    file,
  ]);
  const options = ['--namespace', 'pgscope', '--kubeconfig', kubeconfig];
  child = spawn(process.execPath, [...imports, 'operator/main.ts', 'run', ...options], {
    cwd: CHECKOUT,
    env: { PATH: process.env.PATH, LOADED_MODULES: join(folder, 'modules'), PGSCOPE_PORT: '0', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  log = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  return child;
}

async function eventually(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const isOver = () => child?.exitCode !== null;
  await waitUntil(async () => isOver() || (await condition()), LIMIT_MS);
  if (!(await condition())) throw new Error(`${what}: not before the process ended, or in a minute; it says:\n${log}`);
}

function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  return new Promise((resolve) => {
    listener.once('listening', () => {
      const { port } = listener.address() as AddressInfo;
      listener.close(() => resolve(port));
    });
  });
}

const wrote = (write: string) => server.writes.includes(write);
const holder = () => server.lease?.spec?.holderIdentity;
/** Packages of OpenTelemetry that it had loaded at its end. */
function openTelemetry(): string[] {
  const urls = readFileSync(join(folder, 'modules'), 'utf8');
  return [...new Set(urls.match(/(?<=\/node_modules\/)@opentelemetry\/[^/]+/g))];
}

describe('SIGTERM', () => {
  test('while a reconcile is under way lets it finish; then the Lease is given back, and the process ends with 0', async () => {
    const status = server.hold(/^PATCH .*\/orders\/status$/);
    const port = await freePort();
    const readiness = async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).text();
    const operator = start({ PGSCOPE_PORT: String(port) });
    await status.arrived;
    const exited = once(operator, 'exit');
    operator.kill('SIGTERM');
    await eventually('it to stop', async () => (await readiness()).includes('[-] running: is stopping'));
    expect(holder()).not.toBe('');
    status.release();
    expect(await exited).toEqual([0, null]);
    expect([wrote('PATCH orders/status'), status.givenUp, holder()]).toEqual([true, false, '']);
  });

  test('a second time ends it at once, whatever is under way', async () => {
    const status = server.hold(/^PATCH .*\/orders\/status$/);
    const operator = start();
    await status.arrived;
    const exited = once(operator, 'exit');
    // Two that come together are one.
    await waitUntil(() => !operator.kill('SIGTERM'), LIMIT_MS);
    expect(await exited).toEqual([143, null]);
    expect(holder()).not.toBe('');
    status.release();
  });
});

interface Span {
  name: string;
  attributes: { key: string; value: Record<string, unknown> }[];
  status?: { code?: number; message?: string };
}
interface Traces {
  resourceSpans: { resource: Pick<Span, 'attributes'>; scopeSpans: { spans: Span[] }[] }[];
}

const record = (attributes: Span['attributes'] = []) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

describe("the operator's own traces", () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.close());

  /** Resolves when the process has ended in order. */
  async function stop(operator: ChildProcess): Promise<void> {
    const exited = once(operator, 'exit');
    operator.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  }

  function sent() {
    const requests = receiver.received.map(
      ({ body }) => decode('ExportTraceServiceRequest', body) as unknown as Traces,
    );
    const all = requests.flatMap(({ resourceSpans }) => resourceSpans);
    const spans = all.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
    return {
      resources: all.map(({ resource }) => record(resource.attributes)),
      spans: spans.map(({ name, attributes, status }) => ({ name, attributes: record(attributes), status })),
    };
  }

  test('have a span for each reconcile, named and described as docs/operator.md says', async () => {
    server.put(PROFILES, named('broken'));
    server.put(NODES, rawNode('worker-1', { 'pgscope.dev/agent': 'true' }));
    server.put(NODES, rawNode('worker-2', { 'pgscope.dev/agent': 'other' }));
    server.failing = /^PATCH .*\/broken\/status$/;
    const operator = start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    await eventually(
      'all reconciles',
      () => server.failed.length >= 3 && wrote('PATCH orders/status') && wrote('PATCH worker-2'),
    );
    await stop(operator);

    const { resources, spans } = sent();
    expect(receiver.received.every(({ path }) => path === '/v1/traces')).toBe(true);
    expect(new Set(resources.map((resource) => resource['service.name']))).toEqual(new Set(['pgscope-operator']));
    const of = (name: string) => spans.filter(({ attributes }) => attributes['k8s.object.name'] === name);
    const profile = { 'pgscope.controller': 'postgresprofile', 'k8s.namespace.name': 'shop' };
    expect(of('orders')[0]).toMatchObject({
      name: spanName(CONTROLLER_NAMES.profiles),
      attributes: { ...profile, 'k8s.object.name': 'orders', 'pgscope.result': 'success' },
    });
    // Each of its reconciles made one request, which failed.
    expect(of('broken')).toEqual(
      server.failed.map(() => ({
        name: spanName(CONTROLLER_NAMES.profiles),
        attributes: { ...profile, 'k8s.object.name': 'broken', 'pgscope.result': 'error' },
        status: { code: 2, message: expect.stringContaining('the test asks for 500') },
      })),
    );
    expect(of('worker-1')[0]).toMatchObject({
      name: spanName(CONTROLLER_NAMES.nodes),
      attributes: {
        'pgscope.controller': 'node',
        'pgscope.result': 'requeue_after',
        'pgscope.requeue_after_ms': '300000',
      },
    });
    expect(of('worker-1')[0]?.attributes).not.toHaveProperty('k8s.namespace.name');
    expect(of('worker-2')[0]?.attributes).toMatchObject({ 'pgscope.result': 'success' });

    const page = readFileSync(join(CHECKOUT, 'docs/operator.md'), 'utf8');
    const [, chapter = ''] = /^## Traces\n(.*?)^## /ms.exec(page) ?? [];
    const said = new Set(spans.flatMap(({ name, attributes }) => [name, ...Object.keys(attributes)]));
    for (const word of said) expect(chapter).toContain(`\`${word}\``);
    expect(openTelemetry()).toContain('@opentelemetry/sdk-node');
  });

  test('do not cost a module where no endpoint is set', async () => {
    const operator = start({ OTEL_SERVICE_NAME: 'operator', OTEL_EXPORTER_OTLP_ENDPOINT: '' });
    await eventually('its work', () => wrote('PATCH orders/status'));
    await stop(operator);
    // prom-client's, and small.
    expect(openTelemetry()).toEqual(['@opentelemetry/api']);
    expect(receiver.received).toEqual([]);
  });
});
