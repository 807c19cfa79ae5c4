/** A file line by line, as a stream: memory stays at one line, however long the file is. */
import { createReadStream } from 'node:fs';
import { CommandError } from '../command.js';

/** A line above this many bytes is no export request of anybody's; a real one has a few hundred KiB. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024;

export interface FileLine {
  /** From 1. */
  number: number;
  text: string;
  /** False for a last line without a line feed: its writer may have been stopped in the middle. */
  complete: boolean;
}

/** Throws a `CommandError` for a file that cannot be read or has a line above the limit. */
export async function* readLines(path: string, maxLineBytes = MAX_LINE_BYTES): AsyncGenerator<FileLine> {
  let number = 0;
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  const take = (): string => {
    const text = Buffer.concat(pending).toString('utf8');
    pending = [];
    pendingBytes = 0;
    number++;
    return text;
  };
  for await (const chunk of chunksOf(path)) {
    let from = 0;
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
      pending.push(chunk.subarray(from, at));
      from = at + 1;
      yield { text: take(), number, complete: true };
    }
    pending.push(chunk.subarray(from));
    pendingBytes += chunk.length - from;
    if (pendingBytes > maxLineBytes) throw tooLong(path, number + 1, maxLineBytes);
  }
  if (pendingBytes > 0) yield { text: take(), number, complete: false };
}

async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of createReadStream(path)) yield chunk;
  } catch (error) {
    throw new CommandError(`cannot read ${path}: ${reasonOf(error)}`);
  }
}

function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'there is no such file; record one with: pgscope record --otlp-file FILE';
  if (code === 'EISDIR') return 'it is a directory; --from takes one file';
  if (code === 'EACCES') return 'permission denied; it may have been written by another user';
  return (error as Error).message;
}

function tooLong(path: string, number: number, maxLineBytes: number): CommandError {
  const limit = `${Math.round(maxLineBytes / 1024 / 1024)} MiB`;
  return new CommandError(
    `line ${number} of ${path} is longer than ${limit}: this is no file of OTLP JSON lines; record one with: pgscope record --otlp-file FILE`,
  );
}
