/** Reads an answer's body whole. */
import type { IncomingMessage } from 'node:http';
import { errorOf, KubeError, retryAfterMs } from './error.js';
import { failureOf } from './exchange.js';
import { describe, type KubeRequest } from './request.js';

/** A page of 500 pods of 100 KB each is 50 MB; V8 cannot hold a string over 512 MB. */
const MAX_BODY_BYTES = 128 * 1024 * 1024;

/** Gives the decoded JSON of a success; undefined if the body is empty. Rejects with a `KubeError` else. */
export async function readJson(request: KubeRequest, response: IncomingMessage): Promise<unknown> {
  const text = await readText(request, response);
  if (!isSuccess(response)) throw statusError(request, response, text);
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badAnswer(request, `its answer is no JSON: ${(cause as Error).message}`);
  }
}

export function isSuccess({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200 && statusCode < 300;
}

/** The error that an answer with another code than a success stands for. */
export function statusError(request: KubeRequest, response: IncomingMessage, text: string): KubeError {
  return errorOf(describe(request), {
    code: response.statusCode ?? 0,
    status: decodeStatus(text),
    retryAfterMs: retryAfterMs(response.headers['retry-after'], Date.now()),
  });
}

function decodeStatus(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export async function readText(request: KubeRequest, response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES)
        throw badAnswer(request, `its answer is longer than ${MAX_BODY_BYTES / 2 ** 20} MiB; ask for smaller pages`);
      chunks.push(chunk);
    }
  } catch (error) {
    throw failureOf(request, error as Error);
  }
  return Buffer.concat(chunks, bytes).toString('utf8');
}

export function badAnswer(request: KubeRequest, what: string): KubeError {
  return new KubeError(`${describe(request)}: ${what}`, { code: 0, reason: 'BadAnswer' });
}
