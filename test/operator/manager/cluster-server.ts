/**
 * What an operator needs of an API server: test/kube/api-server.ts, whose faults are for the pods, and beside the pods the other kinds, the Lease,
 * and writes. A request can be held back until a test lets it through.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Lease } from '../../../operator/election/lease.js';
import { answerStatus } from '../../kube/api-server/faults.js';
import { type ApiServer, startApiServer } from '../../kube/api-server.js';
import type { RawObject } from '../profiles/objects.js';

export const PROFILES = '/apis/pgscope.dev/v1alpha1/postgresprofiles';
export const NODES = '/api/v1/nodes';
const NODE_PROFILES = '/apis/pgscope.dev/v1alpha1/nodeprofiles';
const AGENTS = '/api/v1/namespaces/pgscope/pods';
const COLLECTIONS: readonly string[] = [PROFILES, NODES, NODE_PROFILES, AGENTS];
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/pgscope/leases';
const ONE = /^(.*?\/)(?:namespaces\/([^/]+)\/)?(postgresprofiles|nodes)\/([^/]+)(\/status)?$/;

export interface Held {
  /** Resolves when the request has come. */
  arrived: Promise<void>;
  /** Whether its client has given it up. */
  readonly givenUp: boolean;
  /** From now on it and all like it are answered. */
  release(): void;
}

export interface ClusterServer {
  api: ApiServer;
  /** Creates or changes an object of PROFILES or NODES. */
  put(collection: string, object: RawObject): void;
  profile(name: string): RawObject | undefined;
  readonly lease: Lease | undefined;
  /** Somebody else writes the Lease. */
  takeLease(holder: string): void;
  /** Answered writes, in order: `PATCH orders/status`, `PUT lease operator-a`. */
  writes: string[];
  /** Requests `METHOD path` that match wait. */
  hold(requests: RegExp): Held;
  /** Requests `METHOD path` that match are answered with 500; undefined: none. */
  failing: RegExp | undefined;
  /** Those that were, in order. */
  failed: string[];
  close(): Promise<void>;
}

interface Holding {
  requests: RegExp;
  arrived: PromiseWithResolvers<void>;
  released: PromiseWithResolvers<void>;
  givenUp: boolean;
}

export async function startClusterServer(): Promise<ClusterServer> {
  const api = await startApiServer();
  const collections = new Map(COLLECTIONS.map((path) => [path, new Map<string, RawObject>()]));
  const watches = new Map(COLLECTIONS.map((path) => [path, new Set<ServerResponse>()]));
  const holdings: Holding[] = [];
  const writes: string[] = [];
  let version = 1000;
  let lease: Lease | undefined;

  const objectsOf = (collection: string) => collections.get(collection) ?? new Map<string, RawObject>();

  const store = (collection: string, object: RawObject): RawObject => {
    version += 1;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    const { name, namespace = '' } = object.metadata;
    const type = objectsOf(collection).has(`${namespace}/${name}`) ? 'MODIFIED' : 'ADDED';
    objectsOf(collection).set(`${namespace}/${name}`, stored);
    for (const watch of watches.get(collection) ?? []) watch.write(`${JSON.stringify({ type, object: stored })}\n`);
    return stored;
  };

  const list = (collection: string, response: ServerResponse): void => {
    const items = [...objectsOf(collection).values()];
    say(response, 200, { metadata: { resourceVersion: String(version) }, items });
  };

  const watch = (collection: string, since: number, response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    for (const object of objectsOf(collection).values()) {
      if (Number(object.metadata.resourceVersion) <= since) continue;
      response.write(`${JSON.stringify({ type: 'MODIFIED', object })}\n`);
    }
    const streams = watches.get(collection);
    streams?.add(response);
    response.once('close', () => streams?.delete(response));
  };

  const patch = (path: string, body: RawObject, response: ServerResponse): void => {
    const [, group, namespace = '', plural, name, status] = ONE.exec(path) ?? [];
    const collection = `${group}${plural}`;
    const before = objectsOf(collection).get(`${namespace}/${name}`);
    if (before === undefined) {
      answerStatus(response, 404, { reason: 'NotFound' });
      return;
    }
    writes.push(`PATCH ${name}${status ?? ''}`);
    const metadata = { ...before.metadata, labels: { ...before.metadata.labels, ...body.metadata.labels } };
    say(response, 200, store(collection, status ? { ...before, status: body.status } : { ...before, metadata }));
  };

  const writeLease = (sent: Lease): Lease => {
    version += 1;
    lease = { ...sent, metadata: { ...sent.metadata, resourceVersion: String(version) } };
    return lease;
  };

  const answerLease = (method: string, sent: Lease | undefined, response: ServerResponse): void => {
    const known = lease;
    if (sent === undefined && known === undefined) answerStatus(response, 404, { reason: 'NotFound' });
    else if (sent === undefined) say(response, 200, known);
    else if (method === 'POST' && known !== undefined) answerStatus(response, 409, { reason: 'AlreadyExists' });
    else if (method === 'PUT' && sent.metadata.resourceVersion !== known?.metadata.resourceVersion)
      answerStatus(response, 409, { reason: 'Conflict' });
    else {
      writes.push(`${method} lease ${sent.spec?.holderIdentity ?? ''}`.trim());
      say(response, 200, writeLease(sent));
    }
  };

  const waitForRelease = async (request: string, response: ServerResponse): Promise<void> => {
    const holding = holdings.find(({ requests }) => requests.test(request));
    if (holding === undefined) return;
    response.once('close', () => {
      holding.givenUp ||= !response.writableEnded;
    });
    holding.arrived.resolve();
    await holding.released.promise;
  };

  const answer = async ({ method = '', url = '' }: IncomingMessage, response: ServerResponse, body: string) => {
    const { pathname, searchParams } = new URL(url, 'http://server');
    await waitForRelease(`${method} ${pathname}`, response);
    const sent = body === '' ? undefined : JSON.parse(body);
    if (server.failing?.test(`${method} ${pathname}`)) {
      server.failed.push(`${method} ${pathname}`);
      answerStatus(response, 500);
    } else if (pathname.startsWith(LEASES)) answerLease(method, sent, response);
    else if (method === 'PATCH') patch(pathname, sent, response);
    else if (method === 'POST') say(response, 201, {});
    else if (!COLLECTIONS.includes(pathname)) answerStatus(response, 404, { reason: 'NotFound' });
    else if (searchParams.get('watch') !== 'true') list(pathname, response);
    else watch(pathname, Number(searchParams.get('resourceVersion')), response);
  };
  api.other = (request, response, body) => void answer(request, response, body);

  const server: ClusterServer = {
    api,
    put: store,
    profile: (name) => objectsOf(PROFILES).get(`shop/${name}`),
    get lease() {
      return lease;
    },
    takeLease(holder) {
      if (lease === undefined) throw new Error('there is no Lease yet');
      writeLease({ ...lease, spec: { ...lease.spec, holderIdentity: holder, leaseDurationSeconds: 3600 } });
    },
    writes,
    hold(requests) {
      const holding = {
        requests,
        arrived: Promise.withResolvers<void>(),
        released: Promise.withResolvers<void>(),
        givenUp: false,
      };
      holdings.push(holding);
      return {
        arrived: holding.arrived.promise,
        get givenUp() {
          return holding.givenUp;
        },
        release() {
          holdings.splice(holdings.indexOf(holding), 1);
          holding.released.resolve();
        },
      };
    },
    failing: undefined,
    failed: [],
    close: () => api.down(),
  };
  return server;
}

function say(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
