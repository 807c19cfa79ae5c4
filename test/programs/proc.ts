/** What the kernel counts for a process, whoever watches. */
import { readFileSync } from 'node:fs';

export interface Io {
  /** Calls of read, pread, readv, preadv; bytes of those and of others. */
  syscr: number;
  syscw: number;
  wchar: number;
  /** From and to devices. */
  readBytes: number;
}

export function ioOf(pid: number): Io {
  const text = readFileSync(`/proc/${pid}/io`, 'utf8');
  const field = (name: string) => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1]);
  return { syscr: field('syscr'), syscw: field('syscw'), wchar: field('wchar'), readBytes: field('read_bytes') };
}

/** ns on a CPU and ns waiting for one. */
export function scheduledOf(pid: number): { onNs: number; queuedNs: number } {
  const [onNs = 0, queuedNs = 0] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ').map(Number);
  return { onNs, queuedNs };
}

export function isAsleep(pid: number): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('S');
}
