/** What the tracer told of system calls on files, summed up for tests, and what PostgreSQL's own statistics say. */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import type { FileOperation, IoEvent } from '../../agent/tracer/io-event.js';
import { type FileKind, fileKindOf, waitEvent } from '../../agent/waits.js';
import type { Bench } from '../fidelity.js';
import type { Server } from '../servers.js';

export interface FileSums {
  calls: number;
  errors: number;
  bytes: number;
  storageReadBytes: number;
  durationNs: number;
  /** Calls in the histogram. */
  measured: number;
  /** Whose they are. */
  backendTypes: string[];
}

export interface Wanted {
  kind?: FileKind;
  operations?: FileOperation[];
  backendType?: string;
  /** Name of the wait event, in lower case. */
  event?: RegExp;
}

/** Of the target `local`, since the recording began or was reset; what has been drained. */
export function fileSums({ recording, server }: Bench, wanted: Wanted): FileSums {
  const events = recording.io.filter((event) => event.target === 'local' && matches(event, server.major, wanted));
  const add = (value: (event: IoEvent) => number) => events.reduce((sum, event) => sum + value(event), 0);
  return {
    calls: add(({ calls }) => calls),
    errors: add(({ errors = 0 }) => errors),
    bytes: add(({ bytes = 0 }) => bytes),
    storageReadBytes: add(({ storageReadBytes = 0 }) => storageReadBytes),
    durationNs: add(({ durationNs }) => durationNs),
    measured: add(({ durations }) => durations.counts.reduce((sum, count) => sum + count, 0)),
    backendTypes: [...new Set(events.map(({ backendType }) => backendType))].sort(),
  };
}

function matches(event: IoEvent, major: number, { kind, operations, backendType, event: pattern }: Wanted): boolean {
  const name = waitEvent(major, event.event)?.name.toLowerCase() ?? '';
  return (
    (kind === undefined || fileKindOf(major, event.event) === kind) &&
    (operations?.includes(event.operation) ?? true) &&
    (backendType === undefined || event.backendType === backendType) &&
    (pattern?.test(name) ?? true)
  );
}

/** Sums of pg_stat_io (16 and newer): operations as it counts them, and their bytes. */
export interface ServerIo {
  reads: number;
  readBytes: number;
  writes: number;
  writeBytes: number;
  extendBytes: number;
  fsyncs: number;
}

/** `objects`: `relation` with `temp relation`, or `wal` (18). */
export async function serverIo(server: Server, objects: 'relation' | 'wal'): Promise<ServerIo> {
  const bytes = (operation: string) =>
    server.major < 18 ? `${operation}s * op_bytes` : operation === 'extend' ? 'extend_bytes' : `${operation}_bytes`;
  const list = objects === 'wal' ? "'wal'" : "'relation', 'temp relation'";
  const [row] = await server.sql<Record<string, string>>(`
    select sum(reads) as reads, sum(${bytes('read')}) as "readBytes", sum(writes) as writes,
      sum(${bytes('write')}) as "writeBytes", sum(${bytes('extend')}) as "extendBytes", sum(fsyncs) as fsyncs
    from pg_stat_io where object in (${list})`);
  const number = (name: string) => Number(row?.[name] ?? 0);
  return {
    reads: number('reads'),
    readBytes: number('readBytes'),
    writes: number('writes'),
    writeBytes: number('writeBytes'),
    extendBytes: number('extendBytes'),
    fsyncs: number('fsyncs'),
  };
}

/** Waits until what the tracer says equals what PostgreSQL says, which its processes tell later; both as they are at last. */
export async function untilSame<Numbers>(
  { recording }: Bench,
  ours: () => Numbers,
  theirs: () => Promise<Numbers>,
  timeoutMs = 20_000,
): Promise<{ ours: Numbers; theirs: Numbers }> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const theirNumbers = await theirs();
    await recording.drain();
    const both = { ours: ours(), theirs: theirNumbers };
    if (JSON.stringify(both.ours) === JSON.stringify(both.theirs) || performance.now() > deadline) return both;
    await sleep(100);
  }
}

/** Forgets what the page cache holds of a table, which must have been written back; its blocks then come from the disk. */
export async function forgetPages({ server }: Bench, table: string): Promise<void> {
  await server.sql('checkpoint');
  await execa('dd', [`if=${await fileOf(server, table)}`, 'iflag=nocache', 'count=0', 'status=none']);
}

/** Brings a table that fits into one file into the page cache. */
export async function rememberPages({ server }: Bench, table: string): Promise<void> {
  await readFile(await fileOf(server, table));
}

async function fileOf(server: Server, table: string): Promise<string> {
  const [row] = await server.sql<{ path: string }>(`select pg_relation_filepath('${table}') as path`);
  return `${server.dataDirectory}/${row?.path}`;
}
