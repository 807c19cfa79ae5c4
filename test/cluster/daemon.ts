/** A long-running program on a machine of the cluster: started with a log file, recorded, stopped by its recorded identity. */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, signal, waitForEnd } from '../servers/processes.js';
import { enter, onlyChildOf } from './machine.js';
import { type ClusterRecord, type DaemonRecord, writeRecord } from './record.js';

const STOP_TIMEOUT_MS = 20_000;

/** Starts it, or again with the same command if it has been stopped; its output is appended to `logs/NAME.log`. */
export async function startDaemon(record: ClusterRecord, daemon: DaemonRecord): Promise<void> {
  const machine = record.machines.find(({ name }) => name === daemon.machine);
  if (machine === undefined) throw new Error(`${daemon.name}: the cluster has no machine ${daemon.machine}`);
  if (!record.daemons.includes(daemon)) record.daemons.push(daemon);
  mkdirSync(join(record.directory, 'logs'), { recursive: true });
  const log = openSync(logOf(record, daemon), 'a');
  const child = spawn('nsenter', [...enter(machine), ...daemon.command], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  child.unref();
  closeSync(log);
  try {
    daemon.process = await onlyChildOf(child.pid ?? 0, `the start of ${daemon.name}`);
  } catch (error) {
    throw new Error(`${(error as Error).message}; its log: ${logOf(record, daemon)}`);
  }
  writeRecord(record);
}

export async function stopDaemon(record: ClusterRecord, daemon: DaemonRecord): Promise<void> {
  const { process } = daemon;
  if (process === undefined) return;
  signal(process, 'SIGTERM');
  if (!(await waitForEnd([process], STOP_TIMEOUT_MS))) signal(process, 'SIGKILL');
  delete daemon.process;
  writeRecord(record);
}

/** The daemon of that name; the error lists those that there are. */
export function daemonOf(record: ClusterRecord, name: string): DaemonRecord {
  const daemon = record.daemons.find((candidate) => candidate.name === name);
  if (daemon === undefined) {
    throw new Error(`the cluster has no daemon ${name}; it has ${record.daemons.map((each) => each.name).join(', ')}`);
  }
  return daemon;
}

export function isRunning({ process }: DaemonRecord): boolean {
  return process !== undefined && isAlive(process);
}

export function logOf(record: ClusterRecord, { name }: DaemonRecord): string {
  return join(record.directory, 'logs', `${name}.log`);
}
