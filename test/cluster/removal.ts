/** Ends and removes all of a local cluster that its record names, however far it had come, and nothing else. */
import { rm } from 'node:fs/promises';
import { isAlive, signal, waitForEnd } from '../servers/processes.js';
import { removeCgroup } from './cgroups.js';
import { type ClusterRecord, readRecord, readRecords } from './record.js';

const END_TIMEOUT_MS = 30_000;

/** May be called by several processes, one after the other; what is gone already is no error. */
export async function removeCluster(directory: string): Promise<void> {
  const record = readRecord(directory);
  if (record === undefined) return;
  const inits = record.machines.map(({ init }) => init);
  for (const init of inits) signal(init, 'SIGKILL');
  if (!(await waitForEnd(inits, END_TIMEOUT_MS))) {
    throw new Error(`the machines of ${record.name} do not end: ${inits.map(({ pid }) => pid).join(', ')}`);
  }
  await removeCgroup(record.cgroup);
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
}

/** Removes the clusters whose owner has ended, and gives their names. */
export async function removeLeftovers(): Promise<string[]> {
  const leftovers = readRecords().filter(isLeftover);
  for (const { directory } of leftovers) await removeCluster(directory);
  return leftovers.map(({ name }) => name);
}

function isLeftover({ owner }: ClusterRecord): boolean {
  return !isAlive(owner);
}
