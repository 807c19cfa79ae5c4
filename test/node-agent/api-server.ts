/** As much of an API server as a node's agent uses: NodeProfiles listed, watched, and their status patched. Real HTTP; can be away for a time. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NodeProfileStatus } from '../../api/node-profile.js';

const COLLECTION = '/apis/pgscope.dev/v1alpha1/nodeprofiles';
const STATUS = /^\/apis\/pgscope\.dev\/v1alpha1\/namespaces\/([^/]+)\/nodeprofiles\/([^/]+)\/status$/;
const KIND = { apiVersion: 'pgscope.dev/v1alpha1', kind: 'NodeProfile' };

export interface StoredProfile {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace: string; uid: string; resourceVersion: string; generation: number };
  spec: Record<string, unknown> & { nodeName: string };
  status?: NodeProfileStatus;
}

export class ApiServer {
  /** Each request: method, path and query. */
  readonly requests: string[] = [];
  /** Paths of status writes. */
  readonly writes: string[] = [];
  readonly #objects = new Map<string, StoredProfile>();
  readonly #watches = new Map<ServerResponse, string>();
  #version = 1;
  #server: Server | undefined;
  #port = 0;

  static async start(): Promise<ApiServer> {
    const api = new ApiServer();
    await api.open();
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async open(): Promise<void> {
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
    this.#watches.clear();
  }

  /** Creates the object, or gives it another spec. */
  apply(name: string, spec: StoredProfile['spec'], namespace = 'shop'): void {
    const before = this.#objects.get(`${namespace}/${name}`);
    const { uid = randomUUID(), generation = 0 } = before?.metadata ?? {};
    const metadata = { name, namespace, uid, resourceVersion: this.#next(), generation: generation + 1 };
    this.#store({ ...KIND, ...before, metadata, spec }, before === undefined ? 'ADDED' : 'MODIFIED');
  }

  remove(name: string, namespace = 'shop'): void {
    const key = `${namespace}/${name}`;
    const object = this.#objects.get(key);
    if (object === undefined) return;
    this.#objects.delete(key);
    this.#tell('DELETED', { ...object, metadata: { ...object.metadata, resourceVersion: this.#next() } });
  }

  status(name: string, namespace = 'shop'): NodeProfileStatus | undefined {
    return this.#objects.get(`${namespace}/${name}`)?.status;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', this.url);
    this.requests.push(`${request.method} ${url.pathname}${url.search}`);
    const [, namespace, name] = STATUS.exec(url.pathname) ?? [];
    if (request.method === 'GET' && url.pathname === COLLECTION) this.#read(url.searchParams, response);
    else if (request.method === 'PATCH' && name !== undefined)
      await this.#patch(`${namespace}/${name}`, request, response);
    else json(response, 404, { kind: 'Status', code: 404, reason: 'NotFound' });
  }

  #read(query: URLSearchParams, response: ServerResponse): void {
    const node = /^spec\.nodeName=(.+)$/.exec(query.get('fieldSelector') ?? '')?.[1] ?? '';
    if (query.get('watch') !== 'true') {
      const items = [...this.#objects.values()].filter(({ spec }) => spec.nodeName === node);
      json(response, 200, {
        ...KIND,
        kind: 'NodeProfileList',
        metadata: { resourceVersion: `${this.#version}` },
        items,
      });
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    this.#watches.set(response, node);
    response.on('close', () => this.#watches.delete(response));
    const from = Number(query.get('resourceVersion'));
    for (const object of this.#objects.values())
      if (Number(object.metadata.resourceVersion) > from) this.#tell('MODIFIED', object);
  }

  async #patch(key: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const object = this.#objects.get(key);
    if (object === undefined) {
      json(response, 404, { kind: 'Status', code: 404, reason: 'NotFound' });
      return;
    }
    const { status } = JSON.parse(text) as { status: NodeProfileStatus };
    const changed = { ...object, metadata: { ...object.metadata, resourceVersion: this.#next() }, status };
    this.writes.push(key);
    this.#store(changed, 'MODIFIED');
    json(response, 200, changed);
  }

  #store(object: StoredProfile, type: string): void {
    this.#objects.set(`${object.metadata.namespace}/${object.metadata.name}`, object);
    this.#tell(type, object);
  }

  #tell(type: string, object: StoredProfile): void {
    for (const [response, node] of this.#watches)
      if (object.spec.nodeName === node) response.write(`${JSON.stringify({ type, object })}\n`);
  }

  #next(): string {
    this.#version += 1;
    return String(this.#version);
  }
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
