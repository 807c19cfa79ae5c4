/** Exports to a file: OTLP JSON lines, one request a line, as the OpenTelemetry Collector's file exporter writes and its receiver reads. */

import { type FileHandle, open } from 'node:fs/promises';
import { jsonEncoding } from '../otlp/encoding.js';
import type { Scope } from '../otlp/model.js';
import { TelemetrySettingsError } from '../pairs.js';
import type { Signal } from './account.js';
import { createExporter, type Exporter } from './exporter.js';
import type { Destination } from './lanes.js';
import type { ExportLimits } from './limits.js';
import type { Log } from './notices.js';
import type { Deliver, Outcome } from './outcome.js';

/** Query texts are nobody else's business. */
const MODE = 0o600;

export interface FileOptions {
  limits?: Partial<ExportLimits>;
  /** Which signals there are; default: spans and metrics. */
  signals?: readonly Signal[];
}

/** Opens `path` anew (what it held before is gone). Rejects with a TelemetrySettingsError if it cannot be written. */
export async function openFileExporter(
  path: string,
  scope: Scope,
  log: Log,
  { limits, signals = ['traces', 'metrics'] }: FileOptions = {},
): Promise<Exporter> {
  const file = await openLines(path);
  const destination = (signal: Signal): Destination | undefined =>
    signals.includes(signal)
      ? { encoding: jsonEncoding, deliver: file.deliver, receiver: `OTLP ${signal} to file ${path}` }
      : undefined;
  return createExporter({
    name: 'file',
    scope,
    traces: destination('traces'),
    metrics: destination('metrics'),
    logs: destination('logs'),
    log,
    ...(limits === undefined ? {} : { limits }),
    close: file.close,
  });
}

interface Lines {
  deliver: Deliver;
  close(): Promise<void>;
}

async function openLines(path: string): Promise<Lines> {
  const handle = await open(path, 'w', MODE).catch((error: NodeJS.ErrnoException) => {
    throw new TelemetrySettingsError(`--otlp-file: ${path} cannot be written: ${reasonOf(error)}`);
  });
  const truncatable = (await handle.stat()).isFile();
  let goodBytes = 0;
  let queue: Promise<unknown> = Promise.resolve();

  /** A line that could be written only in part is taken back, so that the file stays readable. */
  const takeBack = async (): Promise<void> => {
    if (truncatable) await handle.truncate(goodBytes);
    else await handle.write('\n');
  };
  const write = async (body: Uint8Array): Promise<Outcome> => {
    const line = Buffer.concat([body, Buffer.from('\n')]);
    try {
      await writeAll(handle, line, truncatable ? goodBytes : null);
      goodBytes += line.length;
      return { kind: 'delivered', rejected: 0, message: '' };
    } catch (error) {
      await takeBack().catch(() => undefined);
      return { kind: 'lost', reason: 'writeFailed', message: reasonOf(error as NodeJS.ErrnoException) };
    }
  };
  return {
    deliver: (body) => {
      const written = queue.then(() => write(body));
      queue = written;
      return written;
    },
    close: async () => {
      await queue;
      await handle.close();
    },
  };
}

/** `position` null: where the file stands (pipes, terminals). */
async function writeAll(handle: FileHandle, bytes: Buffer, position: number | null): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, position === null ? null : position + at);
    at += bytesWritten;
  }
}

const REASONS: Record<string, string> = {
  ENOSPC: 'no space is left on the device',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission is missing',
  EROFS: 'the file system is read-only',
  ENOENT: 'its directory does not exist',
  ENOTDIR: 'a part of the path is no directory',
  EISDIR: 'it is a directory',
};

function reasonOf(error: NodeJS.ErrnoException): string {
  const words = REASONS[error.code ?? ''];
  return words === undefined ? error.message : `${words} (${error.code})`;
}
