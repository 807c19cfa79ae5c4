import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createKubeClient, inClusterConnection, KubeError, tokenFromFile } from '../../kube/client.js';
import { makeCertificates } from '../agent/telemetry/export/certificates.js';
import { waitUntil } from '../servers/wait.js';
import { type ApiServer, PODS, startApiServer } from './api-server.js';
import { createFakeClock } from './clocks.js';
import { LIMIT_MS, reflectPods } from './pod-reflector.js';

let folder: string;
let servers: ApiServer[];
let clients: { close(): void }[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pgscope-kube-'));
  servers = [];
  clients = [];
});

afterEach(async () => {
  for (const client of clients) client.close();
  for (const server of servers) {
    expect(await waitUntil(() => server.connections === 0, LIMIT_MS)).toBe(true);
    await server.down();
  }
  rmSync(folder, { recursive: true });
});

async function serve(...options: Parameters<typeof startApiServer>): Promise<ApiServer> {
  const server = await startApiServer(...options);
  servers.push(server);
  return server;
}

function connect(...options: Parameters<typeof createKubeClient>) {
  const client = createKubeClient(...options);
  clients.push(client);
  return client;
}

async function failureOf(promise: Promise<unknown>): Promise<KubeError> {
  const error = await promise.then(
    () => undefined,
    (why: unknown) => why,
  );
  if (error instanceof KubeError) return error;
  throw new Error(`no KubeError but ${String(error)}`);
}

const echo = (request: IncomingMessage, response: ServerResponse, body: string): void => {
  const { method, url, headers } = request;
  response.end(JSON.stringify({ method, url, type: headers['content-type'], body }));
};

test('a patch carries its query, body and content type', async () => {
  const server = await serve();
  server.other = echo;
  const requested: unknown[] = [];
  const client = connect({ server: server.url }, { requested: (request) => requested.push(request) });
  const answer = await client.request({
    method: 'PATCH',
    path: '/api/v1/nodes/n1',
    query: { fieldManager: 'pgscope', force: true, dryRun: undefined },
    body: { a: 'ü' },
    contentType: 'application/merge-patch+json',
  });
  expect(answer).toEqual({
    method: 'PATCH',
    url: '/api/v1/nodes/n1?fieldManager=pgscope&force=true',
    type: 'application/merge-patch+json',
    body: '{"a":"ü"}',
  });
  expect(requested).toEqual([{ verb: 'PATCH', host: server.url.host, code: '200', seconds: expect.any(Number) }]);
});

test('connections are kept', async () => {
  const server = await serve();
  server.other = echo;
  const client = connect({ server: server.url });
  for (let count = 0; count < 5; count += 1) await client.request({ path: '/version' });
  expect(server.connections).toBe(1);
});

test("a kept connection that the server has broken is not the next request's failure", async () => {
  const server = await serve();
  server.other = echo;
  const client = connect({ server: server.url });
  await client.request({ path: '/version' });
  let broken = false;
  server.other = (request, response, body) => {
    if (broken) echo(request, response, body);
    else response.socket?.resetAndDestroy();
    broken = true;
  };
  await expect(client.request({ path: '/version' })).resolves.toMatchObject({ method: 'GET' });
});

describe('errors', () => {
  const status = {
    kind: 'Status',
    reason: 'Conflict',
    message: 'it was changed',
    code: 409,
    details: { retryAfterSeconds: 3 },
  };
  test.each([
    [409, JSON.stringify(status), {}, ['Conflict', 3000, 'GET /x: 409 Conflict: it was changed']],
    [429, 'busy\n', { 'retry-after': '2' }, ['TooManyRequests', 2000, 'GET /x: 429 TooManyRequests: busy']],
    [503, '', {}, ['ServiceUnavailable', undefined, 'GET /x: 503 ServiceUnavailable']],
    [302, '', { location: 'http://elsewhere/' }, ['Unknown', undefined, 'GET /x: 302 Unknown']],
  ])('%d', async (code, body, headers, [reason, retryAfterMs, message]) => {
    const server = await serve();
    server.other = (_, response) => response.writeHead(code, headers).end(body);
    const error = await failureOf(connect({ server: server.url }).request({ path: '/x' }));
    expect(error).toMatchObject({ code, reason, message });
    expect(error.retryAfterMs).toBe(retryAfterMs);
  });

  test('nobody listens', async () => {
    const server = await serve();
    await server.down();
    const error = await failureOf(connect({ server: server.url }).request({ path: '/x' }));
    expect(error).toMatchObject({ code: 0, reason: 'NoAnswer', message: expect.stringContaining('ECONNREFUSED') });
    await server.up();
  });

  test('nothing comes in time', async () => {
    const server = await serve();
    server.other = () => undefined;
    const clock = createFakeClock();
    const failure = failureOf(
      connect({ server: server.url }, undefined, clock).request({ path: '/x', timeoutMs: 5000 }),
    );
    expect(await waitUntil(() => server.requests.length === 1, LIMIT_MS)).toBe(true);
    clock.advance(5000);
    expect(await failure).toMatchObject({ code: 0, reason: 'Timeout', message: 'GET /x: nothing came for 5 s' });
    expect(clock.timers).toBe(0);
  });

  test('the caller gives up', async () => {
    const server = await serve();
    server.other = () => undefined;
    const caller = new AbortController();
    const request = connect({ server: server.url }).request({ path: '/x', signal: caller.signal });
    const why = new Error('no longer needed');
    const failed = expect(request).rejects.toBe(why);
    expect(await waitUntil(() => server.requests.length === 1, LIMIT_MS)).toBe(true);
    caller.abort(why);
    await failed;
  });
});

describe('tokens', () => {
  test('a rotated token is read afresh once the old one is refused', async () => {
    const path = join(folder, 'token');
    writeFileSync(path, 'old\n');
    const server = await serve();
    server.other = echo;
    server.token = 'old';
    const client = connect({ server: server.url, token: tokenFromFile(path) });
    await client.request({ path: '/version' });
    server.token = 'new';
    writeFileSync(path, 'new\n');
    await expect(client.request({ path: '/version' })).resolves.toMatchObject({ method: 'GET' });
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer old',
      'Bearer old',
      'Bearer new',
    ]);
    server.token = 'other';
    expect(await failureOf(client.request({ path: '/version' }))).toMatchObject({ code: 401, reason: 'Unauthorized' });
    expect(server.requests).toHaveLength(5);
  });

  test('a watch goes on with the new token', async () => {
    const path = join(folder, 'token');
    writeFileSync(path, 'old');
    const server = await serve();
    server.token = 'old';
    server.pods.put('a');
    const pods = reflectPods(server, { connection: { token: tokenFromFile(path) } });
    try {
      expect(await waitUntil(() => server.streams.size === 1, LIMIT_MS)).toBe(true);
      server.token = 'new';
      writeFileSync(path, 'new');
      server.endWatches();
      server.pods.put('b');
      await pods.settle();
      expect(pods.log).toEqual([]);
    } finally {
      await pods.stop();
    }
  });

  test('is read once a minute, and kept while it cannot be read', async () => {
    const clock = createFakeClock();
    const path = join(folder, 'token');
    const token = tokenFromFile(path, clock);
    await expect(token()).rejects.toThrow("the service account's token cannot be read: ENOENT");
    writeFileSync(path, 'one');
    expect(await token()).toBe('one');
    writeFileSync(path, 'two');
    expect(await token()).toBe('one');
    clock.advance(60_000);
    expect(await token()).toBe('two');
    writeFileSync(path, '');
    expect(await token(true)).toBe('two');
  });

  test('a token that cannot be read is a request that was not sent', async () => {
    const server = await serve();
    const client = connect({ server: server.url, token: tokenFromFile(join(folder, 'none')) });
    expect(await failureOf(client.request({ path: '/x' }))).toMatchObject({ code: 0, reason: 'NoAnswer' });
    expect(server.requests).toEqual([]);
  });
});

describe('inside a cluster', () => {
  test('over TLS, with the service account', async () => {
    const { ca, server: pair } = makeCertificates(folder);
    writeFileSync(join(folder, 'ca.crt'), ca.cert);
    writeFileSync(join(folder, 'token'), 'secret');
    const server = await serve({ tls: pair });
    server.token = 'secret';
    server.pods.put('a');
    const env = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: server.url.port };
    const connection = inClusterConnection(env, folder);
    const pods = reflectPods(server, { connection });
    try {
      expect(await waitUntil(() => server.streams.size === 1, LIMIT_MS)).toBe(true);
      server.pods.put('b');
      await pods.settle();
      expect(pods.log).toEqual([]);
    } finally {
      await pods.stop();
    }
    const { ca: _, ...unknownAuthority } = connection;
    const error = await failureOf(connect(unknownAuthority).request({ path: PODS }));
    expect(error).toMatchObject({ code: 0, reason: 'NoAnswer' });
    await connect({ ...unknownAuthority, skipTlsVerify: true }).request({ path: PODS });
  });

  test('an IPv6 address, and what is missing', () => {
    expect(() => inClusterConnection({}, folder)).toThrow('KUBERNETES_SERVICE_HOST is not set');
    const env = { KUBERNETES_SERVICE_HOST: 'fd00::1' };
    expect(() => inClusterConnection(env, folder)).toThrow('set automountServiceAccountToken: true');
    writeFileSync(join(folder, 'ca.crt'), 'PEM');
    expect(inClusterConnection(env, folder).server.href).toBe('https://[fd00::1]/');
  });
});

test('leaving the loop of a watch closes its connection', async () => {
  const server = await serve();
  server.pods.put('a');
  for await (const event of connect({ server: server.url }).watch({ path: PODS, query: { resourceVersion: 1000 } })) {
    expect(event.type).toBe('ADDED');
    break;
  }
  expect(await waitUntil(() => server.connections === 0, LIMIT_MS)).toBe(true);
});
