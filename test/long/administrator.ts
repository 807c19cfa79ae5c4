/** Asks an API server as its administrator over connections that are kept: tens of thousands of writes need that. */
import { Agent, request } from 'node:https';
import type { ApiServer, User } from '../chart/api-server.js';

const CONNECTIONS = 24;
const PAGE = 500;

export interface AskOptions {
  /** Whom the administrator impersonates. */
  as?: User;
  body?: unknown;
  contentType?: string;
  /** Only what is in the objects' metadata. */
  metadataOnly?: boolean;
}

export class AnswerError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export class Administrator {
  readonly #api: ApiServer;
  #agent = newAgent();

  constructor(api: ApiServer) {
    this.#api = api;
  }

  /** The decoded body, or text where it is no JSON. Rejects with an AnswerError. */
  // biome-ignore lint/suspicious/noExplicitAny: objects of any kind
  async ask(method: string, path: string, options: AskOptions = {}): Promise<any> {
    const { code, text, json } = await this.#send(method, path, options);
    if (code >= 400)
      throw new AnswerError(code, `${method} ${path}: ${code} ${json ? JSON.parse(text).message : text}`);
    return json ? JSON.parse(text) : text;
  }

  /** All objects of a collection. */
  // biome-ignore lint/suspicious/noExplicitAny: objects of any kind
  async list(path: string, options: AskOptions = {}): Promise<any[]> {
    const found = [];
    const more = path.includes('?') ? '&' : '?';
    for (let token = ''; ; ) {
      const page = await this.ask('GET', `${path}${more}limit=${PAGE}${token && `&continue=${token}`}`, options);
      found.push(...(page.items ?? []));
      token = page.metadata.continue ?? '';
      if (token === '') return found;
    }
  }

  /** Closes all connections; the next request opens new ones. */
  close(): void {
    this.#agent.destroy();
    this.#agent = newAgent();
  }

  #send(method: string, path: string, options: AskOptions): Promise<{ code: number; text: string; json: boolean }> {
    const { body, contentType = 'application/json' } = options;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = { ...this.#headers(options), ...(text !== undefined && bodyHeaders(text, contentType)) };
    return new Promise((resolve, reject) => {
      const sent = request(new URL(path, this.#api.url), { method, headers, agent: this.#agent }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const json = response.headers['content-type']?.startsWith('application/json') ?? false;
          const answer = Buffer.concat(parts).toString();
          resolve({ code: response.statusCode ?? 0, text: answer, json });
        });
      });
      sent.on('error', reject);
      sent.end(text);
    });
  }

  #headers({ as, metadataOnly }: AskOptions): Record<string, string | string[]> {
    const extra = Object.entries(as?.extra ?? {}).map(([key, value]) => [
      `Impersonate-Extra-${encodeURIComponent(key)}`,
      value,
    ]);
    return {
      Authorization: `Bearer ${this.#api.token}`,
      ...(metadataOnly && { Accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' }),
      ...(as && { 'Impersonate-User': as.name, ...(as.groups && { 'Impersonate-Group': as.groups }) }),
      ...Object.fromEntries(extra),
    };
  }
}

/** Node itself tells no length of a DELETE's body. */
function bodyHeaders(text: string, contentType: string): Record<string, string | number> {
  return { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(text) };
}

/** The server's certificate is one that it has just made for itself. */
function newAgent(): Agent {
  return new Agent({ keepAlive: true, maxSockets: CONNECTIONS, rejectUnauthorized: false });
}

/** Runs `task` for each entry, as many at a time as there are connections; rejects with the first failure. */
export async function eachOf<T>(entries: Iterable<T>, task: (entry: T) => Promise<unknown>): Promise<void> {
  const queue = entries[Symbol.iterator]();
  const worker = async () => {
    for (let next = queue.next(); !next.done; next = queue.next()) await task(next.value);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
}
