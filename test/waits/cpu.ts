import { readFileSync } from 'node:fs';

const TICK_NS = 1e7;
/** What is counted in whole ticks may have happened in one more. */
const UNTOLD_TICKS = 2;

export interface CpuUse {
  /** On a CPU, as the scheduler counts it: without interrupts, and without what the host of a virtual machine took. */
  readonly used: number;
  /** At most that much, in ns, was taken from all processes by interrupts and by the host: pgscope's CPU time includes it. */
  readonly taken: number;
}

/** Measures a process from now on, until the returned function is called. */
export function measureCpu(pid: number): () => CpuUse {
  const [used, taken] = [usedBy(pid), takenTicks()];
  return () => ({ used: usedBy(pid) - used, taken: (takenTicks() - taken + UNTOLD_TICKS) * TICK_NS });
}

function usedBy(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]);
}

function takenTicks(): number {
  // cpu user nice system idle iowait irq softirq steal …
  const [irq = 0, softirq = 0, steal = 0] = readFileSync('/proc/stat', 'utf8').split(/\s+/).slice(6, 9).map(Number);
  return irq + softirq + steal;
}
