/** A real process that looks like a postmaster in /proc: it works in a directory whose postmaster.pid holds its PID. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface FakeServer {
  directory: string;
  pid: number;
  /** A child of the postmaster, in the same directory, as backends are. */
  childPid: number;
  stop(): Promise<void>;
}

export function createDataDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'pgscope-targets-'));
  writeFileSync(join(directory, 'PG_VERSION'), '18\n');
  return directory;
}

export function removeDataDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}

/** Starts a shell with one child in `directory`; its name is not `postgres`, as in images that rename the binary. */
export async function startFakeServer(directory: string): Promise<FakeServer> {
  const process = spawn('/bin/sh', ['-c', 'sleep 600 & echo $!; wait'], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(process.stdout, 'data')) as [Buffer];
  const childPid = Number(line.toString());
  const pid = process.pid ?? Number.NaN;
  writeFileSync(join(directory, 'postmaster.pid'), `${pid}\n${directory}\n`);
  return { directory, pid, childPid, stop: () => stop(process, childPid) };
}

async function stop(process: ChildProcess, childPid: number): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const exited = once(process, 'exit');
  process.kill('SIGKILL');
  globalThis.process.kill(childPid, 'SIGKILL');
  await exited;
}
