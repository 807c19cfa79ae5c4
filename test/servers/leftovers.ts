/**
 * The record of running servers on disk, so that the next run can stop and remove what a crashed one left behind. Servers
 * also end by themselves when the process that started them does (the parent-death signal); their files need this.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identify, isAlive, type ProcessIdentity, signal, waitForEnd } from './processes.js';

/** On a disk, not in memory: storage I/O of servers must be real. */
export const RUN_DIRECTORY = '/var/tmp/pgscope-test';
const STOP_TIMEOUT_MS = 10_000;

export interface ServerRecord {
  /** The test process that started the server. */
  owner: ProcessIdentity;
  postmaster?: ProcessIdentity;
  /** Removed with the server. */
  directory: string;
}

export function self(): ProcessIdentity {
  const identity = identify(process.pid);
  if (identity === undefined) throw new Error('/proc does not show this process: is /proc mounted?');
  return identity;
}

export function writeRecord(name: string, record: ServerRecord): void {
  mkdirSync(RUN_DIRECTORY, { recursive: true, mode: 0o755 });
  writeFileSync(recordPath(name), JSON.stringify(record));
}

export function removeRecord(name: string): void {
  rmSync(recordPath(name), { force: true });
}

/** Stops and removes the servers whose test process has gone. */
export async function removeLeftovers(): Promise<void> {
  mkdirSync(RUN_DIRECTORY, { recursive: true, mode: 0o755 });
  for (const file of readdirSync(RUN_DIRECTORY)) {
    if (!file.endsWith('.json')) continue;
    const record = readRecord(file);
    if (record === undefined || isAlive(record.owner)) continue;
    if (record.postmaster !== undefined) await end(record.postmaster);
    rmSync(record.directory, { recursive: true, force: true });
    rmSync(join(RUN_DIRECTORY, file), { force: true });
  }
}

async function end(postmaster: ProcessIdentity): Promise<void> {
  signal(postmaster, 'SIGQUIT');
  if (!(await waitForEnd([postmaster], STOP_TIMEOUT_MS))) signal(postmaster, 'SIGKILL');
}

function readRecord(file: string): ServerRecord | undefined {
  try {
    return JSON.parse(readFileSync(join(RUN_DIRECTORY, file), 'utf8')) as ServerRecord;
  } catch {
    return undefined; // another run removes it, or is about to write it
  }
}

function recordPath(name: string): string {
  return join(RUN_DIRECTORY, `${name}.json`);
}
