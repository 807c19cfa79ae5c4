/** Delivers one OTLP request over HTTP: one POST, its answer read within bounds and judged by the OTLP specification. */

import http from 'node:http';
import https from 'node:https';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Encoding } from '../otlp/encoding.js';
import { readPartialSuccess, readStatusMessage } from '../otlp/partial-success.js';
import type { Signal } from './account.js';
import { retryAfterMs } from './backoff.js';
import type { Renewed } from './changing-files.js';
import { type Log, printable } from './notices.js';
import type { Deliver, Outcome } from './outcome.js';
import { release } from './release.js';
import type { Remedies } from './remedies.js';

const compress = promisify(gzip);
/** Level 1 costs a third of level 6 and makes requests a tenth larger. */
const GZIP_LEVEL = 1;
const MAX_ANSWER_BYTES = 64 * 1024;
/** OTLP/HTTP: these, and nothing else, mean "try again". */
const RETRYABLE = new Set([429, 502, 503, 504]);

/** What a receiver without a place for the signal answers: nothing is there, or not for POST, or it is not implemented. */
const NO_PLACE = new Set([404, 405, 501]);

/** What proves to a receiver who we are, and to us who it is. */
export interface Credentials {
  headers: Record<string, string>;
  tls: TlsFiles;
}

export interface HttpTarget extends Credentials {
  signal: Signal;
  url: URL;
  /** The present ones, where they can change; the same object as long as they have not. */
  renewed?: Renewed<Credentials>;
  /** For the whole exchange, ms. */
  timeoutMs: number;
  gzip: boolean;
  /** What messages advise. */
  remedies: Remedies;
}

/** Contents of PEM files. */
export interface TlsFiles {
  ca?: string;
  cert?: string;
  key?: string;
}

export interface HttpDelivery {
  deliver: Deliver;
  close(): void;
}

export interface HttpDeliveryOptions {
  contentType: Encoding['contentType'];
  /** Of the User-Agent header. */
  userAgent: string;
  log: Log;
}

export function createHttpDelivery(target: HttpTarget, { contentType, userAgent, log }: HttpDeliveryOptions) {
  const secure = target.url.protocol === 'https:';
  const openAgent = ({ tls }: Credentials) =>
    secure
      ? new https.Agent({ keepAlive: true, maxSockets: 1, ...tls })
      : new http.Agent({ keepAlive: true, maxSockets: 1 });
  const settled = {
    'content-type': contentType,
    'user-agent': userAgent,
    ...(target.gzip ? { 'content-encoding': 'gzip' } : {}),
  };
  let credentials = target.renewed?.(false, log) ?? target;
  let agent = openAgent(credentials);
  /** The last attempt failed in a way that other credentials might not. */
  let isDoubtful = false;

  /** Whether there are others than before. A connection stands for the certificates that it was made with. */
  const renew = (): boolean => {
    const present = target.renewed?.(isDoubtful, log) ?? credentials;
    if (present === credentials) return false;
    credentials = present;
    agent.destroy();
    agent = openAgent(credentials);
    return true;
  };
  const send = async (content: Uint8Array, abort: AbortSignal): Promise<Answer> => {
    const request = (secure ? https : http).request(target.url, {
      method: 'POST',
      agent,
      headers: { ...credentials.headers, ...settled, 'content-length': content.length },
    });
    const answer = await exchange(request, content, { timeoutMs: target.timeoutMs, abort });
    isDoubtful = answer.status === 401 || answer.status === 403;
    return answer;
  };
  const deliver: Deliver = async (body, abort) => {
    try {
      const content = target.gzip ? await compressed(body) : body;
      renew();
      const answer = await send(content, abort);
      // What a receiver refuses is lost; it must not be lost for a header that has been replaced a moment ago.
      return judge(isDoubtful && renew() ? await send(content, abort) : answer, target);
    } catch (error) {
      isDoubtful = true;
      return { kind: 'retry', message: describeError(error as NodeJS.ErrnoException) };
    }
  };
  return { deliver, close: () => agent.destroy() } satisfies HttpDelivery;
}

async function compressed(body: Uint8Array): Promise<Uint8Array> {
  try {
    return await compress(body, { level: GZIP_LEVEL });
  } finally {
    release(body);
  }
}

interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
}

interface Patience {
  timeoutMs: number;
  abort: AbortSignal;
}

async function exchange(
  request: http.ClientRequest,
  content: Uint8Array,
  { timeoutMs, abort }: Patience,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const giveUp = (why: string) => (): void => {
    reject(new Error(why));
    request.destroy();
  };
  const onAbort = giveUp('pgscope ended');
  const timer = setTimeout(giveUp(`no answer within ${timeoutMs / 1000} s`), timeoutMs);
  abort.addEventListener('abort', onAbort, { once: true });
  request.on('error', reject);
  request.on('response', (response) => readAnswer(response).then(resolve, reject));
  if (abort.aborted) onAbort();
  else request.end(content);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    abort.removeEventListener('abort', onAbort);
  }
}

/** Reads at most MAX_ANSWER_BYTES; what is longer is cut off. */
async function readAnswer(response: http.IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk.subarray(0, MAX_ANSWER_BYTES - size));
    size += chunk.length;
    if (size >= MAX_ANSWER_BYTES) break;
  }
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
}

/** What an answer means (OTLP specification, "OTLP/HTTP Response"). */
function judge({ status, headers, body }: Answer, target: HttpTarget): Outcome {
  const contentType = headers['content-type'] ?? '';
  if (status >= 200 && status < 300) {
    const { rejected, message } = readPartialSuccess(body, contentType);
    return { kind: 'delivered', rejected, message: printable(message) };
  }
  const said = printable(errorMessage(body, contentType));
  const message =
    `the receiver answered ${status} ${http.STATUS_CODES[status] ?? ''}${said === '' ? '' : ` (${said})`}`.trim();
  if (RETRYABLE.has(status)) {
    const afterMs = retryAfterMs(headers['retry-after'], Date.now());
    return { kind: 'retry', message, ...(afterMs === undefined ? {} : { afterMs }) };
  }
  const refused = { kind: 'lost', reason: 'refused', message: `${message}${advice(status, target)}` } as const;
  return NO_PLACE.has(status) ? { ...refused, lasting: true } : refused;
}

function errorMessage(body: Buffer, contentType: string): string {
  if (contentType.includes('protobuf')) return readStatusMessage(body) ?? '';
  if (!contentType.includes('json')) return contentType.includes('html') ? '' : body.toString();
  try {
    return String((JSON.parse(body.toString()) as { message?: unknown }).message ?? '');
  } catch {
    return '';
  }
}

function advice(status: number, { signal, remedies }: HttpTarget): string {
  if (status >= 300 && status < 400)
    return `; redirects are not followed: give the final address as ${remedies.endpoint}`;
  if (status === 401 || status === 403) return `; check ${remedies.headers} or ${remedies.clientCertificate}`;
  // A base URL of a receiver of traces alone, such as Jaeger, is right for traces and has no place for metrics.
  if (NO_PLACE.has(status)) {
    const path = `check the path of the endpoint, which usually ends in /v1/${signal}`;
    return `; ${path}; if this receiver takes no ${signal}, ${remedies.withoutPlace(signal)}`;
  }
  if (status === 415) return `; try ${remedies.protocol}, http/json or http/protobuf`;
  return '';
}

function describeError(error: NodeJS.ErrnoException): string {
  // A failed connection to a name with several addresses has one error for each, and no message of its own.
  const first = error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException) : error;
  return first.message || first.code || 'the connection failed';
}
