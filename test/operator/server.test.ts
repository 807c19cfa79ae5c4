import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Check } from '../../operator/manager/health.js';
import { type OperatorServer, startServer } from '../../operator/server.js';

const good: Check = { name: 'event loop', problem: undefined };
const bad: Check = { name: 'reflector pods', problem: 'nothing happened for 901 s' };

let health: Check[];
let ready: Check[];
let metrics: () => Promise<{ body: string; contentType: string }>;
let server: OperatorServer;

beforeEach(async () => {
  [health, ready] = [[good], [good]];
  metrics = async () => ({ body: 'up 1\n', contentType: 'text/plain; version=0.0.4' });
  server = await startServer(0, { health: () => health, ready: () => ready, metrics: () => metrics() });
});
afterEach(() => server.close());

async function ask(path: string, method = 'GET') {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
  const { status, headers } = response;
  return { status, type: headers.get('content-type'), text: await response.text() };
}

describe('the pages', () => {
  test.each(['/healthz', '/readyz', '/healthz?verbose'])('%s says 200 while nothing is wrong', async (path) => {
    expect(await ask(path)).toEqual({ status: 200, type: 'text/plain; charset=utf-8', text: '[+] event loop: ok\n' });
  });

  test('of health and of readiness are each their own', async () => {
    health = [good, bad];
    expect(await ask('/healthz')).toMatchObject({
      status: 503,
      text: '[+] event loop: ok\n[-] reflector pods: nothing happened for 901 s\n',
    });
    expect((await ask('/readyz')).status).toBe(200);
    [health, ready] = [[good], [bad]];
    expect([(await ask('/healthz')).status, (await ask('/readyz')).status]).toEqual([200, 503]);
  });

  test('of metrics has its own content type, and says so where they cannot be read', async () => {
    expect(await ask('/metrics')).toEqual({ status: 200, type: 'text/plain; version=0.0.4', text: 'up 1\n' });
    metrics = () => Promise.reject(new Error('a gauge is broken'));
    expect(await ask('/metrics')).toMatchObject({
      status: 500,
      text: 'the metrics cannot be read: a gauge is broken\n',
    });
  });

  test('are all there are, and are only read', async () => {
    expect(await ask('/')).toMatchObject({ status: 404, text: 'there are /healthz, /readyz and /metrics\n' });
    expect(await ask('/metrics/x')).toMatchObject({ status: 404 });
    expect(await ask('/healthz', 'POST')).toMatchObject({ status: 405, text: 'only GET and HEAD\n' });
    expect(await ask('/healthz', 'HEAD')).toMatchObject({ status: 200, text: '' });
  });
});

test('a port that is taken is an error that names the option and the remedy', async () => {
  const pages = { health: () => [], ready: () => [], metrics };
  await expect(startServer(server.port, pages)).rejects.toThrow(
    new RegExp(`^--port ${server.port}: listen EADDRINUSE.*; choose a free port$`),
  );
});

test('whoever keeps a connection open does not keep it from closing', async () => {
  const idle = connect(server.port, '127.0.0.1').on('error', () => {});
  await once(idle, 'connect');
  const cut = new Promise((resolve) => idle.once('close', resolve));
  idle.write('GET /healthz HTTP/1.1\r\nHost: x\r\n');
  await server.close();
  await cut;
});
