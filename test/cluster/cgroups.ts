/** The nodes' cgroups: one folder of the cluster's own below every hierarchy (cgroup v1, or the one of v2); no other is touched. */
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { waitUntil } from '../servers/wait.js';

const REMOVAL_TIMEOUT_MS = 20_000;

/** Makes `path` (such as "/pgscope-1a2b3c/node-1") in every hierarchy; kubelet wants its root to be there. */
export async function createCgroup(path: string): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    await mkdir(join(hierarchy, path), { recursive: true });
    if (hierarchy.endsWith('/cpuset')) await inheritCpus(hierarchy, path);
  }
}

/** Removes it with all below it; processes there have been ended before. */
export async function removeCgroup(path: string): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    // A cgroup stays busy until the last process in it has been buried.
    const gone = await waitUntil(async () => await removeTree(join(hierarchy, path)), REMOVAL_TIMEOUT_MS);
    if (!gone) throw new Error(`${join(hierarchy, path)} cannot be removed: there are processes in it`);
  }
}

/** In cgroup v1 a new cpuset has no CPU and no memory, and takes no process. */
async function inheritCpus(hierarchy: string, path: string): Promise<void> {
  let directory = hierarchy;
  for (const name of path.split('/').filter((part) => part !== '')) {
    directory = join(directory, name);
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      await writeFile(join(directory, file), await readFile(join(dirname(directory), file), 'utf8'));
    }
  }
}

async function removeTree(directory: string): Promise<boolean> {
  try {
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      if (entry.isDirectory() && !(await removeTree(join(directory, entry.name)))) return false;
    }
    await rmdir(directory);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

/** Mount points of all cgroup hierarchies that this process sees. */
export async function hierarchies(): Promise<string[]> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').map((line) => line.split(' '));
  return [
    ...new Set(mounts.filter(([, , type]) => type === 'cgroup' || type === 'cgroup2').map(([, path = '']) => path)),
  ];
}
