/** Which CPU pgbench and its backend share while one client is measured, and which ones are left for everything else. */
import { readFileSync } from 'node:fs';

const allowed = allowedCpus();

/** As taskset takes them. */
export const ALL_CPUS = allowed.join(',');

/** The last one: interrupts come rather to the first. */
export const BENCH_CPU = allowed.at(-1) ?? 0;

/** All the others; if there are none, that one. */
export const OTHER_CPUS = allowed.slice(0, -1).join(',') || ALL_CPUS;

function allowedCpus(): number[] {
  const list = /^Cpus_allowed_list:\t(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}
