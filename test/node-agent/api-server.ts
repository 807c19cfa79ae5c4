/**
 * As much of an API server as a node's agent uses: NodeProfiles and TracePrograms listed and watched, the status of NodeProfiles patched. Real
 * HTTP; can be away for a time.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NodeProfileStatus } from '../../api/node-profile.js';

const API_VERSION = 'pgscope.dev/v1alpha1';
const COLLECTIONS: Record<string, string> = {
  [`/apis/${API_VERSION}/nodeprofiles`]: 'NodeProfile',
  [`/apis/${API_VERSION}/traceprograms`]: 'TraceProgram',
};
const STATUS = /^\/apis\/pgscope\.dev\/v1alpha1\/namespaces\/([^/]+)\/nodeprofiles\/([^/]+)\/status$/;

interface Stored {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; uid: string; resourceVersion: string; generation: number };
  spec: Record<string, unknown>;
  status?: NodeProfileStatus;
}

/** What a list or a watch is about. */
interface Asked {
  kind: string;
  /** NodeProfiles of this node alone. */
  node: string | undefined;
}

export class ApiServer {
  /** Each request: method, path and query. */
  readonly requests: string[] = [];
  /** Paths of status writes. */
  readonly writes: string[] = [];
  readonly #objects = new Map<string, Stored>();
  readonly #watches = new Map<ServerResponse, Asked>();
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

  /** Creates the NodeProfile, or gives it another spec. */
  apply(name: string, spec: Record<string, unknown> & { nodeName: string }, namespace = 'shop'): void {
    this.#apply('NodeProfile', { name, namespace }, spec);
  }

  /** The same of a TraceProgram. */
  applyProgram(name: string, spec: object): void {
    this.#apply('TraceProgram', { name }, { ...spec });
  }

  remove(name: string, namespace = 'shop'): void {
    this.#remove(keyOf('NodeProfile', { name, namespace }));
  }

  removeProgram(name: string): void {
    this.#remove(keyOf('TraceProgram', { name }));
  }

  status(name: string, namespace = 'shop'): NodeProfileStatus | undefined {
    return this.#objects.get(keyOf('NodeProfile', { name, namespace }))?.status;
  }

  #apply(kind: string, named: { name: string; namespace?: string }, spec: Stored['spec']): void {
    const before = this.#objects.get(keyOf(kind, named));
    const { uid = randomUUID(), generation = 0 } = before?.metadata ?? {};
    const metadata = { ...named, uid, resourceVersion: this.#next(), generation: generation + 1 };
    const object = { ...before, apiVersion: API_VERSION, kind, metadata, spec };
    this.#store(object, before === undefined ? 'ADDED' : 'MODIFIED');
  }

  #remove(key: string): void {
    const object = this.#objects.get(key);
    if (object === undefined) return;
    this.#objects.delete(key);
    this.#tell('DELETED', { ...object, metadata: { ...object.metadata, resourceVersion: this.#next() } });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', this.url);
    this.requests.push(`${request.method} ${url.pathname}${url.search}`);
    const [, namespace, name] = STATUS.exec(url.pathname) ?? [];
    const kind = COLLECTIONS[url.pathname];
    if (request.method === 'GET' && kind !== undefined) this.#read(kind, url.searchParams, response);
    else if (request.method === 'PATCH' && namespace !== undefined && name !== undefined)
      await this.#patch({ namespace, name }, request, response);
    else json(response, 404, { kind: 'Status', code: 404, reason: 'NotFound' });
  }

  #read(kind: string, query: URLSearchParams, response: ServerResponse): void {
    const node = /^spec\.nodeName=(.+)$/.exec(query.get('fieldSelector') ?? '')?.[1];
    const asked = { kind, node };
    if (query.get('watch') !== 'true') {
      const items = [...this.#objects.values()].filter((object) => isMeant(object, asked));
      const metadata = { resourceVersion: `${this.#version}` };
      json(response, 200, { apiVersion: API_VERSION, kind: `${kind}List`, metadata, items });
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    this.#watches.set(response, asked);
    response.on('close', () => this.#watches.delete(response));
    const from = Number(query.get('resourceVersion'));
    for (const object of this.#objects.values())
      if (Number(object.metadata.resourceVersion) > from) this.#tell('MODIFIED', object);
  }

  async #patch(
    named: { namespace: string; name: string },
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const object = this.#objects.get(keyOf('NodeProfile', named));
    if (object === undefined) {
      json(response, 404, { kind: 'Status', code: 404, reason: 'NotFound' });
      return;
    }
    const { status } = JSON.parse(text) as { status: NodeProfileStatus };
    const changed = { ...object, metadata: { ...object.metadata, resourceVersion: this.#next() }, status };
    this.writes.push(`${named.namespace}/${named.name}`);
    this.#store(changed, 'MODIFIED');
    json(response, 200, changed);
  }

  #store(object: Stored, type: string): void {
    this.#objects.set(keyOf(object.kind, object.metadata), object);
    this.#tell(type, object);
  }

  #tell(type: string, object: Stored): void {
    for (const [response, asked] of this.#watches)
      if (isMeant(object, asked)) response.write(`${JSON.stringify({ type, object })}\n`);
  }

  #next(): string {
    this.#version += 1;
    return String(this.#version);
  }
}

function keyOf(kind: string, { namespace = '', name }: { namespace?: string; name: string }): string {
  return `${kind} ${namespace}/${name}`;
}

function isMeant({ kind, spec }: Stored, asked: Asked): boolean {
  return kind === asked.kind && (kind !== 'NodeProfile' || spec.nodeName === asked.node);
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
