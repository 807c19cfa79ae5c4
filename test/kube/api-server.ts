/** A small Kubernetes API server over real sockets, for one kind of objects, that misbehaves as it is told. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { type Clock, systemClock } from '../../kube/clock.js';
import { type Collection, createCollection } from './api-server/collection.js';
import { answerStatus, answerWrongly, type Fault, isRequestFault, type StreamFault } from './api-server/faults.js';
import { createStream, type Stream } from './api-server/stream.js';

export const PODS = '/api/v1/pods';

export interface ServedRequest {
  verb: 'list' | 'watch' | 'other';
  method: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  /** By the server's clock, ms. */
  at: number;
}

export interface ApiServer {
  url: URL;
  pods: Collection;
  /** Is asked about each list and watch in turn; undefined: serve it well. */
  faults: { list: (Fault | undefined)[]; watch: (Fault | undefined)[] };
  requests: ServedRequest[];
  /** What the bearer token must be; undefined: none is needed. */
  token: string | undefined;
  /** Answers what is neither list nor watch. */
  other: (request: IncomingMessage, response: ServerResponse, body: string) => void;
  readonly streams: ReadonlySet<Stream>;
  readonly connections: number;
  /** Sends a bookmark to all watches. */
  bookmark(): void;
  /** Ends all watches in order; `broken`: by RST. */
  endWatches(broken?: boolean): void;
  /** Closes the port and all connections; `url` can be served again by `listen`. */
  down(): Promise<void>;
  up(): Promise<void>;
}

export async function startApiServer(
  options: { clock?: Clock; tls?: { key: string; cert: string } } = {},
): Promise<ApiServer> {
  const { clock = systemClock, tls } = options;
  const streams = new Set<Stream>();
  const sockets = new Set<Socket>();

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://server');
    const verb =
      pathname !== PODS || request.method !== 'GET' ? 'other' : query.get('watch') === 'true' ? 'watch' : 'list';
    api.requests.push({ verb, method: request.method ?? '', query, headers: request.headers, at: clock.now() });
    if (api.token !== undefined && request.headers.authorization !== `Bearer ${api.token}`)
      answerStatus(response, 401, { reason: 'Unauthorized' });
    else if (verb === 'other') api.other(request, response, await textOf(request));
    else misbehave(verb, query, response);
  };

  const misbehave = (verb: 'list' | 'watch', query: URLSearchParams, response: ServerResponse): void => {
    const fault = api.faults[verb].shift();
    if (isRequestFault(fault)) answerWrongly(fault, response);
    else if (verb === 'list') list(query, response);
    else watch(query, response, fault);
  };

  const list = (query: URLSearchParams, response: ServerResponse): void => {
    const page = api.pods.page(
      Number(query.get('limit') ?? Number.POSITIVE_INFINITY),
      query.get('continue') ?? undefined,
    );
    if (page === undefined) {
      answerStatus(response, 410, { reason: 'Expired', message: 'the continue token is too old' });
      return;
    }
    const metadata = { resourceVersion: String(page.version), ...(page.next && { continue: page.next }) };
    response.end(JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata, items: page.objects }));
  };

  const watch = (query: URLSearchParams, response: ServerResponse, fault: StreamFault | undefined): void => {
    const backlog = api.pods.after(Number(query.get('resourceVersion')));
    if (backlog === undefined) {
      answerStatus(response, 410, { reason: 'Expired' });
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const stream = createStream(response, fault);
    streams.add(stream);
    const cancel = clock.after(
      Number(query.get('timeoutSeconds')) * 1000,
      () => fault?.kind !== 'stall' && response.end(),
    );
    response.once('close', () => {
      cancel();
      streams.delete(stream);
    });
    for (const entry of backlog) stream.event(entry);
  };

  const handle = (request: IncomingMessage, response: ServerResponse): void => void serve(request, response);
  const server = tls === undefined ? createServer(handle) : createTlsServer(tls, handle);
  server.keepAliveTimeout = 600_000;
  server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
  });

  const listen = (port: number): Promise<void> => new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;

  const api: ApiServer = {
    url: new URL(`${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`),
    pods: createCollection((entry) => {
      for (const stream of streams) stream.event(entry);
    }),
    faults: { list: [], watch: [] },
    requests: [],
    token: undefined,
    other: (_, response) => answerStatus(response, 404, { reason: 'NotFound' }),
    streams,
    get connections() {
      return sockets.size;
    },
    bookmark: () => {
      for (const stream of streams) stream.bookmark(api.pods.version);
    },
    endWatches: (broken = false) => {
      for (const stream of [...streams]) broken ? stream.reset() : stream.end();
    },
    down: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.resetAndDestroy();
        for (const socket of sockets) socket.destroy();
      }),
    up: () => listen(port),
  };
  return api;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
