/** The few facts of a process that /proc tells and that finding servers needs. A process that has ended reads as undefined. */

import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

export interface ProcessStatus {
  parentPid: number;
  /** Its PID in each PID namespace, from ours to its own. */
  namespacePids: number[];
  /** The kernel's name for it; never proof of anything, people rename binaries. */
  name: string;
}

/** PIDs of all processes that this /proc shows. */
export function allPids(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid > 0);
}

export function processStatus(pid: number): ProcessStatus | undefined {
  const text = readProcFile(`/proc/${pid}/status`);
  if (text === undefined) return undefined;
  const field = (name: string) => new RegExp(`^${name}:\\t(.*)$`, 'm').exec(text)?.[1] ?? '';
  return {
    parentPid: Number(field('PPid')),
    namespacePids: field('NSpid').split('\t').map(Number),
    name: field('Name'),
  };
}

/** Field 22 of /proc/PID/stat, clock ticks since boot. The name in field 2 may hold spaces and parentheses. */
export function startTime(pid: number): string | undefined {
  const text = readProcFile(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19];
}

/** Which directory it works in, as `device:inode`: the same for everybody who can reach that directory, in whatever mount namespace. */
export function workingDirectoryId(pid: number): string | undefined {
  return directoryId(`/proc/${pid}/cwd/.`);
}

/** `device:inode` of a path; undefined if it does not exist or may not be seen. */
export function directoryId(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

/** Where a link of /proc/PID points to, as the process sees that path (`cwd`, `exe`). */
export function processLink(pid: number, link: 'cwd' | 'exe'): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/${link}`);
  } catch {
    return undefined;
  }
}

/** A file that the kernel writes; what is below /proc/PID/cwd and /proc/PID/root is other people's and not for this. */
export function readProcFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
