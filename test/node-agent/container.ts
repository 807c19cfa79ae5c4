/** Cgroups named as runtimes name those of containers, for processes that run on this host. */
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { childrenOf, waitUntil } from '../servers.js';

const MOUNT = '/sys/fs/cgroup';
/** Where cgroup v2 is not alone, one hierarchy of v1: the freezer's touches nothing else. */
const HIERARCHY = existsSync(join(MOUNT, 'cgroup.procs')) ? MOUNT : join(MOUNT, 'freezer');
const PATIENCE_MS = 30_000;

const ROOT = join(HIERARCHY, `pgscope-test-${process.pid}`);

/** How a runtime and a driver call a container's cgroup below the pod's. */
export type Naming = (pod: string, id: string) => string;

export const NAMINGS = {
  containerdCgroupfs: (pod, id) => `kubepods/burstable/pod${pod}/${id}`,
  containerdSystemd: (pod, id) =>
    `kubepods.slice/kubepods-pod${pod.replaceAll('-', '_')}.slice/cri-containerd-${id}.scope`,
  crio: (pod, id) => `kubepods.slice/kubepods-pod${pod.replaceAll('-', '_')}.slice/crio-${id}.scope/container`,
  docker: (pod, id) => `kubepods.slice/kubepods-besteffort-pod${pod.replaceAll('-', '_')}.slice/docker-${id}.scope`,
  nested: (pod, id) => `docker/${'f'.repeat(64)}/kubelet/kubepods/pod${pod}/${id}`,
} satisfies Record<string, Naming>;

export class Container {
  readonly id = randomBytes(32).toString('hex');
  readonly podUID = randomUUID();
  readonly #directory: string;

  constructor(naming: Naming = NAMINGS.containerdCgroupfs) {
    this.#directory = join(ROOT, naming(this.podUID, this.id));
    mkdirSync(this.#directory, { recursive: true });
  }

  /** Moves a process and its children in; those that they start later come after them. */
  put(pid: number): void {
    for (const one of [pid, ...childrenOf(pid).map((child) => child.pid)]) {
      try {
        writeFileSync(join(this.#directory, 'cgroup.procs'), String(one));
      } catch {
        // A child has ended meanwhile.
      }
    }
  }
}

/** For afterAll(): removes all cgroups of this process; what is in them must have ended. */
export async function removeContainers(): Promise<void> {
  const gone = await waitUntil(() => !existsSync(ROOT) || removeTree(ROOT), PATIENCE_MS);
  if (!gone) throw new Error(`${ROOT} cannot be removed: processes are left in it`);
}

function removeTree(directory: string): boolean {
  for (const entry of readdirSync(directory, { withFileTypes: true }))
    if (entry.isDirectory() && !removeTree(join(directory, entry.name))) return false;
  if (readFileSync(join(directory, 'cgroup.procs'), 'utf8') !== '') return false;
  try {
    rmdirSync(directory);
    return true;
  } catch {
    return false;
  }
}
