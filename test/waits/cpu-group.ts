/** A cgroup that counts the CPU time of all processes in it. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '../servers.js';

const MOUNT = '/sys/fs/cgroup';
const IS_UNIFIED = existsSync(join(MOUNT, 'cgroup.controllers'));
const PATIENCE_MS = 30_000;

export class CpuGroup {
  readonly #directory = join(MOUNT, IS_UNIFIED ? '' : 'cpuacct', `pgscope-test-${process.pid}`);

  constructor() {
    mkdirSync(this.#directory, { recursive: true });
  }

  /** What these processes fork from then on is in the group, too. */
  take(pids: readonly number[]): void {
    for (const pid of pids) {
      try {
        writeFileSync(join(this.#directory, 'cgroup.procs'), String(pid));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // else it has ended meanwhile
      }
    }
  }

  /** ns, also of processes that have ended. */
  get cpuNs(): number {
    const read = (file: string) => readFileSync(join(this.#directory, file), 'utf8');
    return IS_UNIFIED
      ? Number(/^usage_usec (\d+)$/m.exec(read('cpu.stat'))?.[1]) * 1000
      : Number(read('cpuacct.usage'));
  }

  /** When all processes have ended. */
  async remove(): Promise<void> {
    if (!(await waitUntil(() => this.#isGone(), PATIENCE_MS))) throw new Error(`${this.#directory} cannot be removed`);
  }

  #isGone(): boolean {
    try {
      rmdirSync(this.#directory);
    } catch {
      // The kernel takes a moment to forget processes that have ended.
    }
    return !existsSync(this.#directory);
  }
}
