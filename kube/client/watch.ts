/** A watch: an answer that does not end, one event a line. */
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../clock.js';
import { badAnswer, isSuccess, readText, statusError } from './body.js';
import { errorOf, type KubeError } from './error.js';
import { failureOf, timedOut } from './exchange.js';
import { createLineCutter } from './lines.js';
import { DEFAULT_TIMEOUT_MS, describe, type KubeRequest } from './request.js';

/** A change as the server tells it. Of a BOOKMARK's object only `metadata.resourceVersion` means something. */
export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  object: unknown;
}

const TYPES: ReadonlySet<unknown> = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']);
/** etcd takes objects up to 1.5 MiB by default. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;

export async function* followWatch(
  request: KubeRequest,
  open: (request: KubeRequest) => Promise<IncomingMessage>,
  clock: Clock,
): AsyncGenerator<WatchEvent, void, undefined> {
  const response = await open(request);
  if (!isSuccess(response)) throw statusError(request, response, await readText(request, response));
  const cutter = createLineCutter(MAX_LINE_BYTES);
  try {
    for await (const chunk of withinSilence(response, request, clock))
      for (const line of cut(request, cutter.push, chunk)) yield decode(request, line);
    if (cutter.pendingBytes > 0) throw badAnswer(request, 'its last line is cut off');
  } catch (error) {
    throw failureOf(request, error as Error);
  } finally {
    response.destroy();
  }
}

/** The limit holds only while data is waited for: a slow reader is no silence. */
async function* withinSilence(response: IncomingMessage, request: KubeRequest, clock: Clock): AsyncGenerator<Buffer> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = request;
  const limit = (): (() => void) => clock.after(timeoutMs, () => response.destroy(timedOut(request, timeoutMs)));
  let cancel = limit();
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      cancel();
      yield chunk;
      cancel = limit();
    }
  } finally {
    cancel();
  }
}

function cut(request: KubeRequest, push: (chunk: Buffer) => string[], chunk: Buffer): string[] {
  try {
    return push(chunk);
  } catch (error) {
    throw badAnswer(request, (error as Error).message);
  }
}

function decode(request: KubeRequest, line: string): WatchEvent {
  const event = parse(request, line);
  if (event.type === 'ERROR') throw statusOf(request, event.object);
  if (!TYPES.has(event.type)) throw badAnswer(request, 'a line holds no event of a known type');
  return event as WatchEvent;
}

function parse(request: KubeRequest, line: string): { type?: unknown; object?: unknown } {
  try {
    return Object(JSON.parse(line));
  } catch (error) {
    throw badAnswer(request, `a line is no JSON: ${(error as Error).message}`);
  }
}

function statusOf(request: KubeRequest, status: unknown): KubeError {
  const code = (status as { code?: unknown } | null | undefined)?.code;
  return errorOf(describe(request), { code: typeof code === 'number' ? code : 500, status });
}
