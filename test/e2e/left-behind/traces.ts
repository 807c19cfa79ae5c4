/** What shows on this machine that a local cluster is, or has been. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hierarchies } from '../../cluster/cgroups.js';
import type { ClusterRecord } from '../../cluster/record.js';
import { isAlive } from '../../servers/processes.js';

/** One sentence each; none: the machine is as if there had been no such cluster. */
export async function tracesOf({ name, directory, machines, daemons, cgroup }: ClusterRecord): Promise<string[]> {
  const own = [...machines.map(({ init }) => init), ...daemons.flatMap(({ process }) => process ?? [])];
  const groups = (await hierarchies()).map((hierarchy) => join(hierarchy, cgroup));
  return [
    ...own.filter(isAlive).map(({ pid }) => `its process ${pid} runs`),
    ...processes('cmdline', name).map((pid) => `process ${pid} has it in its command line`),
    ...processes('cgroup', name).map((pid) => `process ${pid} is in its cgroup`),
    ...processes('mountinfo', name).map((pid) => `process ${pid} sees its mounts`),
    ...[directory, ...groups].filter((path) => existsSync(path)).map((path) => `${path} exists`),
  ];
}

/** PIDs of those whose file in /proc holds the word. */
function processes(file: string, word: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && readOptional(`/proc/${pid}/${file}`).includes(word));
}

function readOptional(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it has ended
  }
}
