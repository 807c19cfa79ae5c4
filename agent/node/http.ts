/** The agent's HTTP port: /healthz, /readyz, /metrics. Nothing else, nothing that changes anything. */

import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CONTENT_TYPE } from './metrics-page.js';

/** Why not, as a sentence; undefined: yes. */
export type Check = () => string | undefined;

export interface HttpOptions {
  /** 0: any free one. */
  port: number;
  healthz: Check;
  readyz: Check;
  metrics(): string;
}

export interface HttpPort {
  port: number;
  close(): Promise<void>;
}

/** Rejects if the port is taken. */
export async function openHttp({ port, healthz, readyz, metrics }: HttpOptions): Promise<HttpPort> {
  const pages: Record<string, (response: ServerResponse) => void> = {
    '/healthz': (response) => answer(response, healthz()),
    '/readyz': (response) => answer(response, readyz()),
    '/metrics': (response) => response.writeHead(200, { 'content-type': CONTENT_TYPE }).end(metrics()),
  };
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) => {
    const page = pages[(request.url ?? '').split('?', 1)[0] ?? ''];
    if (page === undefined || (request.method !== 'GET' && request.method !== 'HEAD'))
      response.writeHead(404).end('there are /healthz, /readyz and /metrics\n');
    else page(response);
  });
  server.maxConnections = 32;
  server.listen(port);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function answer(response: ServerResponse, problem: string | undefined): void {
  response.writeHead(problem === undefined ? 200 : 503, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${problem ?? 'ok'}\n`);
}
