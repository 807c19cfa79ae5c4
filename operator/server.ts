/** The one HTTP server of the operator: /healthz, /readyz and /metrics. */
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Check } from './manager/health.js';

export interface Pages {
  /** The process lives if none has a problem. */
  health(): Check[];
  ready(): Check[];
  metrics(): Promise<{ body: string; contentType: string }>;
}

export interface OperatorServer {
  readonly port: number;
  /** Ends when no connection is left; those that are open are cut. */
  close(): Promise<void>;
}

/** The port cannot be had; the message says why and what to do. */
export class PortError extends Error {
  override readonly name = 'PortError';
}

/** The port is open to the cluster: whoever talks slowly or a lot must not cost much. */
const MAX_CONNECTIONS = 64;
const REQUEST_LIMIT_MS = 10_000;

/** Rejects with a PortError. */
export async function startServer(port: number, pages: Pages): Promise<OperatorServer> {
  const limits = {
    requestTimeout: REQUEST_LIMIT_MS,
    headersTimeout: REQUEST_LIMIT_MS,
    connectionsCheckingInterval: 1_000,
  };
  const server = createServer({ ...limits, keepAliveTimeout: REQUEST_LIMIT_MS }, answer(pages));
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new PortError(`--port ${port}: ${error.message}; choose a free port`)));
    server.listen(port, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(pages: Pages): RequestListener {
  return async ({ method, url = '/' }, response) => {
    const [pathname] = url.split('?', 1);
    if (method !== 'GET' && method !== 'HEAD') return say(response, 405, 'only GET and HEAD\n');
    if (pathname === '/healthz') return sayChecks(response, pages.health());
    if (pathname === '/readyz') return sayChecks(response, pages.ready());
    if (pathname !== '/metrics') return say(response, 404, 'there are /healthz, /readyz and /metrics\n');
    try {
      const { body, contentType } = await pages.metrics();
      say(response, 200, body, contentType);
    } catch (error) {
      say(response, 500, `the metrics cannot be read: ${(error as Error).message}\n`);
    }
  };
}

/** One line for each check, as the API server's own pages have it. */
function sayChecks(response: ServerResponse, checks: Check[]): void {
  const lines = checks.map(({ name, problem }) =>
    problem === undefined ? `[+] ${name}: ok` : `[-] ${name}: ${problem}`,
  );
  say(response, checks.some(({ problem }) => problem !== undefined) ? 503 : 200, `${lines.join('\n')}\n`);
}

function say(response: ServerResponse, status: number, body: string, contentType = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
