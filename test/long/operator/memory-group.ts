/** A cgroup with a memory limit: V8 sizes its heap by it, as it does in a pod. */
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '../../servers.js';

const MOUNT = '/sys/fs/cgroup';
const IS_UNIFIED = existsSync(join(MOUNT, 'cgroup.controllers'));
const PATIENCE_MS = 30_000;

export interface MemoryGroup {
  /** Whatever process writes its PID there is in it. */
  readonly processesFile: string;
  /** When all processes have ended. */
  remove(): Promise<void>;
}

export function createMemoryGroup(limitBytes: number): MemoryGroup {
  const directory = join(MOUNT, IS_UNIFIED ? '' : 'memory', `pgscope-long-${process.pid}`);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, IS_UNIFIED ? 'memory.max' : 'memory.limit_in_bytes'), String(limitBytes));
  return {
    processesFile: join(directory, 'cgroup.procs'),
    async remove() {
      if (!(await waitUntil(() => removed(directory), PATIENCE_MS))) throw new Error(`${directory} cannot be removed`);
    },
  };
}

function removed(directory: string): boolean {
  try {
    rmdirSync(directory);
  } catch {
    // The kernel takes a moment to forget processes that have ended.
  }
  return !existsSync(directory);
}
