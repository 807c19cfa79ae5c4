/** A local OTLP receiver for tests: real HTTP or HTTPS, answers as a test wants. */

import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface Received {
  path: string;
  headers: http.IncomingHttpHeaders;
  /** Uncompressed. */
  body: Buffer;
}

export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
}

export interface Receiver {
  url: string;
  port: number;
  received: Received[];
  /** Resolves when so many requests have come. */
  requests(count: number): Promise<Received[]>;
  close(): Promise<void>;
}

/**
 * `answer` is called for each request, with its number from 1; 'never': the request is left without an answer. `host` is an address
 * of this machine or of its network namespace.
 */
export async function startReceiver(
  answer: (request: Received, number: number) => Answer | 'never' = () => ({}),
  tls?: https.ServerOptions,
  atPort = 0,
  host = '127.0.0.1',
): Promise<Receiver> {
  const received: Received[] = [];
  let waiting: { count: number; resolve: () => void }[] = [];
  const listener: http.RequestListener = async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const raw = Buffer.concat(chunks);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
    const one = { path: request.url ?? '', headers: request.headers, body };
    received.push(one);
    const said = answer(one, received.length);
    if (said !== 'never') response.writeHead(said.status ?? 200, said.headers).end(said.body);
    for (const { count, resolve } of waiting) if (received.length >= count) resolve();
    waiting = waiting.filter(({ count }) => received.length < count);
  };
  const server = tls === undefined ? http.createServer(listener) : https.createServer(tls, listener);
  server.listen(atPort, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${host}:${port}`,
    port,
    received,
    requests: async (count) => {
      if (received.length < count) await new Promise<void>((resolve) => waiting.push({ count, resolve }));
      return received;
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
