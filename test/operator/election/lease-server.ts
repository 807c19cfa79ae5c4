/** An API server that knows one thing, Leases: over HTTP, with resource versions and conflicts as the real one has them. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Lease } from '../../../operator/election/lease.js';

export interface LeaseServer {
  url: URL;
  /** The Lease of this name, in any namespace. */
  lease(name: string): Lease | undefined;
  /** Somebody else writes it, whatever version it has. */
  put(lease: Lease): void;
  /** `away`: connections are cut; `silent`: requests get no answer; `slow`: a write is done and its answer never comes. */
  mood: 'fine' | 'away' | 'silent' | 'slow';
  /** Requests that were read and wait for an answer that does not come. */
  readonly unanswered: number;
  /** Of those, the ones whose client has gone. */
  readonly givenUp: number;
  /** `GET`, `PUT`, … in the order in which they came. */
  requests: string[];
  close(): Promise<void>;
}

export async function startLeaseServer(): Promise<LeaseServer> {
  const leases = new Map<string, Lease>();
  const sockets = new Set<Socket>();
  let version = 100;
  let unanswered = 0;
  let givenUp = 0;

  const store = (lease: Lease): Lease => {
    version += 1;
    const stored = { ...lease, metadata: { ...lease.metadata, resourceVersion: String(version) } };
    leases.set(lease.metadata.name, stored);
    return stored;
  };
  const answer = (method: string, name: string | undefined, sent: Lease | undefined): [number, unknown] => {
    if (method === 'POST' && sent !== undefined) {
      return leases.has(sent.metadata.name) ? failure(409, 'AlreadyExists') : [201, store(sent)];
    }
    const lease = leases.get(name ?? '');
    if (lease === undefined) return failure(404, 'NotFound');
    if (method === 'GET') return [200, lease];
    if (sent?.metadata.resourceVersion !== lease.metadata.resourceVersion) return failure(409, 'Conflict');
    return [200, store(sent as Lease)];
  };
  const leave = (response: ServerResponse): void => {
    unanswered += 1;
    response.once('close', () => {
      unanswered -= 1;
      givenUp += 1;
    });
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url = '' } = request;
    const { mood } = server;
    server.requests.push(method);
    if (mood === 'away') return void request.socket.destroy();
    const body = await text(request);
    if (mood === 'silent') return leave(response);
    const name = /\/namespaces\/[^/]+\/leases\/?([^/?]*)/.exec(url)?.[1];
    const [status, object] = answer(method, name, body === '' ? undefined : (JSON.parse(body) as Lease));
    if (mood === 'slow' && method !== 'GET') return leave(response);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(object));
  };

  const http = createServer((request, response) => {
    void handle(request, response);
  });
  http.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const server: LeaseServer = {
    url: new URL(`http://127.0.0.1:${(http.address() as AddressInfo).port}`),
    lease: (name) => leases.get(name),
    put: store,
    mood: 'fine',
    get unanswered() {
      return unanswered;
    },
    get givenUp() {
      return givenUp;
    },
    requests: [],
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  return server;
}

function failure(code: number, reason: string): [number, unknown] {
  return [code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message: reason }];
}

async function text(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += chunk;
  return body;
}
