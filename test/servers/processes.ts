/** What /proc says about processes: identity that survives PID reuse, children, and waiting for an end. */
import { readFileSync } from 'node:fs';
import { waitUntil } from './wait.js';

/** A process, told apart from a later one with the same PID by its start time (clock ticks since boot). */
export interface ProcessIdentity {
  pid: number;
  startTicks: string;
}

/** The process that has this PID now, or undefined if there is none (a zombie is none). */
export function identify(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in parentheses and may hold anything; counting starts behind it (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const startTicks = fields[19];
    return fields[0] === 'Z' || startTicks === undefined ? undefined : { pid, startTicks };
  } catch {
    return undefined;
  }
}

export function isAlive({ pid, startTicks }: ProcessIdentity): boolean {
  return identify(pid)?.startTicks === startTicks;
}

/** Sends a signal unless the process has ended in the meantime. */
export function signal(process_: ProcessIdentity, name: NodeJS.Signals): void {
  if (!isAlive(process_)) return;
  try {
    process.kill(process_.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

export function childrenOf(pid: number): ProcessIdentity[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return children
      .split(' ')
      .filter((child) => child !== '')
      .map((child) => identify(Number(child)))
      .filter((child) => child !== undefined);
  } catch {
    return [];
  }
}

export async function waitForEnd(processes: ProcessIdentity[], timeoutMs: number): Promise<boolean> {
  return await waitUntil(() => !processes.some(isAlive), timeoutMs);
}
