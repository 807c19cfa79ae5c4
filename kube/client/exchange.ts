/** Sends one request over a kept connection and gives the answer's head; its body is still to be read. */
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https, { type RequestOptions } from 'node:https';
import type { Clock } from '../clock.js';
import type { KubeConnection } from './connection.js';
import { KubeError } from './error.js';
import { DEFAULT_TIMEOUT_MS, describe, type KubeRequest, urlOf } from './request.js';

/** Is told of each request that was sent. */
export interface RequestObserver {
  /** `code`: the HTTP status, or `<error>` if there was no answer. `seconds`: until the answer's head. */
  requested(request: { verb: string; host: string; code: string; seconds: number }): void;
}

export interface Exchange {
  /** `afresh`: the token sent last was refused. Rejects with a `KubeError` if there is no answer. */
  send(request: KubeRequest, afresh: boolean): Promise<IncomingMessage>;
  close(): void;
}

/** Requests beyond so many wait for a free connection. Watches have connections of their own. */
const MAX_CONNECTIONS = 16;
/** A peer that is gone without a word is found by TCP itself: after so long of silence the kernel asks ten times, once a second. */
const KEEP_ALIVE_MS = 30_000;

export function createExchange(
  connection: KubeConnection,
  observer: RequestObserver | undefined,
  clock: Clock,
): Exchange {
  const { server } = connection;
  const { request: start, Agent } = server.protocol === 'https:' ? https : http;
  const requests = new Agent({ keepAlive: true, keepAliveMsecs: KEEP_ALIVE_MS, maxSockets: MAX_CONNECTIONS });
  const watches = new Agent({ keepAlive: true, keepAliveMsecs: KEEP_ALIVE_MS, maxFreeSockets: 1 });
  const tls = tlsOptions(connection);

  const attempt = async (request: KubeRequest, afresh: boolean): Promise<IncomingMessage> => {
    const token = await tokenOf(connection, request, afresh);
    request.signal?.throwIfAborted();
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const agent = request.query?.watch === true ? watches : requests;
    const options = { ...tls, agent, method: request.method ?? 'GET', headers: headersOf(request, token, body) };
    const began = clock.now();
    const observe = (code: string): void =>
      observer?.requested({ verb: options.method, host: server.host, code, seconds: (clock.now() - began) / 1000 });
    try {
      const response = await headOf(start(urlOf(server, request), options), { request, body, clock });
      observe(String(response.statusCode));
      return response;
    } catch (error) {
      observe('<error>');
      throw error;
    }
  };

  return {
    send: async (request, afresh) => {
      try {
        return await attempt(request, afresh);
      } catch (error) {
        if (!wasStale(error) || request.method === 'POST') throw error;
        return attempt(request, false);
      }
    },
    close: () => {
      requests.destroy();
      watches.destroy();
    },
  };
}

function tlsOptions({ ca, cert, key, skipTlsVerify }: KubeConnection): RequestOptions {
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(skipTlsVerify && { rejectUnauthorized: false }),
  };
}

async function tokenOf(connection: KubeConnection, request: KubeRequest, afresh: boolean): Promise<string | undefined> {
  try {
    return await connection.token?.(afresh);
  } catch (cause) {
    const why = (cause as Error).message;
    throw new KubeError(`${describe(request)}: not sent: ${why}`, { code: 0, reason: 'NoAnswer', cause });
  }
}

function headersOf(request: KubeRequest, token: string | undefined, body: string | undefined): Record<string, string> {
  return {
    accept: 'application/json',
    'user-agent': 'pgscope',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(body !== undefined && {
      'content-type': request.contentType ?? 'application/json',
      'content-length': String(Buffer.byteLength(body)),
    }),
  };
}

/** Waits for the answer's head. The time limit and the caller's signal hold until the answer has been read to its end. */
function headOf(
  sent: ClientRequest,
  { request, body, clock }: { request: KubeRequest; body: string | undefined; clock: Clock },
): Promise<IncomingMessage> {
  const { signal, timeoutMs = DEFAULT_TIMEOUT_MS } = request;
  let response: IncomingMessage | undefined;
  const settle = (): void => {
    cancel();
    signal?.removeEventListener('abort', abort);
  };
  const end = (why: Error): void => {
    settle();
    (response ?? sent).destroy(why);
  };
  const abort = (): void => end(abortReason(signal));
  const cancel = clock.after(timeoutMs, () => end(timedOut(request, timeoutMs)));
  signal?.addEventListener('abort', abort, { once: true });
  sent.once('close', settle);
  return new Promise((resolve, reject) => {
    sent.on('error', (error) => {
      settle();
      reject(failureOf(request, error, sent.reusedSocket));
    });
    sent.once('response', (head) => {
      response = head;
      // A broken connection is seen by whoever reads the body; if nobody does, it must not end the process.
      head.on('error', settle);
      if (request.query?.watch === true) cancel();
      resolve(head);
    });
    sent.end(body);
  });
}

function abortReason(signal: AbortSignal | undefined): Error {
  return signal?.reason instanceof Error ? signal.reason : new DOMException('aborted by the caller', 'AbortError');
}

export function timedOut(request: KubeRequest, timeoutMs: number): KubeError {
  const message = `${describe(request)}: nothing came for ${timeoutMs / 1000} s`;
  return new KubeError(message, { code: 0, reason: 'Timeout' });
}

const STALE = Symbol('stale');

/** What a failed request or a broken body is to the caller. `reused`: the connection had served before. */
export function failureOf(request: KubeRequest, error: Error & { code?: string }, reused = false): Error {
  if (error instanceof KubeError || request.signal?.aborted) return error;
  const failure = new KubeError(`${describe(request)}: no answer: ${error.message || error.code}`, {
    code: 0,
    reason: 'NoAnswer',
    cause: error,
  });
  return reused && error.code === 'ECONNRESET' ? Object.assign(failure, { [STALE]: true }) : failure;
}

/** A server may close an idle connection in the moment when the next request is sent on it. */
function wasStale(error: unknown): boolean {
  return error instanceof KubeError && STALE in error;
}
