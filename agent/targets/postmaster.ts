/** What makes a process a postmaster: it works in a data directory whose postmaster.pid holds its own PID. Names prove nothing. */

import { readForeignFile } from './foreign-file.js';
import { allPids, processLink, processStatus, startTime, workingDirectoryId } from './proc.js';

export interface Postmaster {
  /** As this host's /proc shows it. */
  pid: number;
  /** When the process was started, in the kernel's own count: with the PID it tells processes apart. */
  startTime: string;
  /** `device:inode` of the data directory: it outlives restarts, so it is what identifies a server. In a container with `container` in front. */
  id: string;
  /** The data directory's path, as the server itself sees it. */
  dataDirectory: string;
  /** The server's binary, as the server itself sees it. */
  executable: string;
  /** The container that it was looked for in, as agent/containers.ts calls it; undefined on a plain host. */
  container?: string;
  /** What people call it, where the data directory does not tell: `namespace/pod/container`. */
  name?: string;
}

/** Names a server in a sentence: `in /srv/pg`, or by its container. */
export function placeOf({ name, dataDirectory }: Postmaster): string {
  return name === undefined ? `in ${dataDirectory}` : `of ${name}`;
}

/** Whether its PID still means the same process. */
export function isStillThere({ pid, startTime: started }: Postmaster): boolean {
  return startTime(pid) === started;
}

/** The postmaster with this PID, or undefined if the process is none (or has ended, or may not be looked at). */
export function postmasterOf(pid: number): Postmaster | undefined {
  if (readForeignFile(`/proc/${pid}/cwd/PG_VERSION`) === undefined) return undefined;
  const started = startTime(pid);
  const ownPid = processStatus(pid)?.namespacePids.at(-1);
  if (ownPid === undefined || postmasterPidFile(`/proc/${pid}/cwd`) !== ownPid) return undefined;
  const id = workingDirectoryId(pid);
  const dataDirectory = processLink(pid, 'cwd');
  const executable = processLink(pid, 'exe');
  if (id === undefined || dataDirectory === undefined || executable === undefined || started === undefined)
    return undefined;
  return { pid, startTime: started, id, dataDirectory, executable };
}

/**
 * Line 1 of a data directory's postmaster.pid: the postmaster's PID as seen in the server's own PID namespace.
 * Undefined where no server has written one; negative while `postgres --single` works there.
 */
export function postmasterPidFile(dataDirectory: string): number | undefined {
  const pid = Number.parseInt(readForeignFile(`${dataDirectory}/postmaster.pid`)?.split('\n', 1)[0] ?? '', 10);
  return Number.isNaN(pid) ? undefined : pid;
}

/**
 * Every postmaster on the host whose data directory is not in `known`, at most one for each data directory.
 * The backends of a server share its directory, so for most processes of a busy host one stat is all that is needed.
 */
export function allPostmasters(known: ReadonlySet<string> = new Set()): Postmaster[] {
  const found = new Map<string, Postmaster>();
  for (const pid of allPids()) {
    const id = workingDirectoryId(pid);
    if (id === undefined || known.has(id) || found.has(id)) continue;
    const postmaster = postmasterOf(pid);
    if (postmaster !== undefined && !isChildOfPostmaster(pid)) found.set(postmaster.id, postmaster);
  }
  return [...found.values()].sort((a, b) => a.pid - b.pid);
}

/** In a PID namespace of its own, a server's child could bear the number that its parent has elsewhere. */
export function isChildOfPostmaster(pid: number): boolean {
  const parent = processStatus(pid)?.parentPid;
  return parent !== undefined && parent > 0 && postmasterOf(parent) !== undefined;
}
