/** Finding the one server that a person means, by PID or data directory, and saying clearly why it is not there. */

import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs';
import { allPostmasters, type Postmaster, postmasterOf, postmasterPidFile } from './postmaster.js';
import { directoryId, processLink, processStatus } from './proc.js';

/** A server that was asked for is not there; the message says why and what to do. */
export class TargetError extends Error {
  override readonly name = 'TargetError';
}

export function postmasterByPid(pid: number): Postmaster {
  const postmaster = postmasterOf(pid);
  if (postmaster !== undefined) return postmaster;
  const status = processStatus(pid);
  if (status === undefined) throw new TargetError(`there is no process with PID ${pid}`);
  const workingDirectory = processLink(pid, 'cwd');
  if (workingDirectory === undefined) {
    throw new TargetError(
      `PID ${pid} (${status.name}) cannot be looked at: it has just ended, or this process may not; run pgscope as root with CAP_SYS_PTRACE`,
    );
  }
  const server = postmasterOf(status.parentPid);
  if (server !== undefined) {
    throw new TargetError(
      `PID ${pid} is a child process of the PostgreSQL server in ${server.dataDirectory}, not its postmaster; use --pid ${server.pid}`,
    );
  }
  throw new TargetError(
    `PID ${pid} (${status.name}) is not a PostgreSQL server: its working directory ${workingDirectory} has no postmaster.pid with its PID`,
  );
}

export function postmasterByDataDirectory(directory: string): Postmaster {
  const id = readableDirectoryId(directory);
  const writtenPid = postmasterPidFile(directory);
  const likely = writtenPid !== undefined && writtenPid > 0 ? postmasterOf(writtenPid) : undefined;
  if (likely?.id === id) return likely;
  const found = allPostmasters().find((postmaster) => postmaster.id === id);
  if (found !== undefined) return found;
  throw new TargetError(whyNoServer(directory, writtenPid));
}

function readableDirectoryId(directory: string): string {
  const id = directoryId(directory);
  if (id === undefined || !statSync(directory).isDirectory()) throw new TargetError(`${directory} is not a directory`);
  try {
    accessSync(directory, constants.R_OK | constants.X_OK);
  } catch {
    throw new TargetError(`${directory} may not be read; run pgscope as root`);
  }
  return id;
}

function whyNoServer(directory: string, writtenPid: number | undefined): string {
  const path = realpathSync(directory);
  if (!existsSync(`${path}/PG_VERSION`)) {
    return `${path} is not a PostgreSQL data directory (it has no PG_VERSION); ask the server with SHOW data_directory`;
  }
  if (writtenPid === undefined)
    return `no PostgreSQL server runs in ${path} (it has no postmaster.pid); start the server first`;
  if (writtenPid < 0)
    return `in ${path} works a single-user postgres (PID ${-writtenPid}), which is no server; start the server first`;
  return `no PostgreSQL server runs in ${path}: its postmaster.pid names PID ${writtenPid}, which is not a server in this directory (left over from a crash?)`;
}
