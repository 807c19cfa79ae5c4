/** Which processes are in which container: /proc is listed again and again, but only what is new in it is looked at. */

import { readdirSync, readFileSync } from 'node:fs';
import { containerOf, type Place, placeKey } from './cgroup.js';

export interface ContainerProcesses {
  /** Brings the table up to date. */
  scan(): void;
  /** PIDs of the processes of a pod's container, as of the last scan, the oldest PIDs first. */
  of(container: Place): number[];
  /** Whether a container of this ID has processes in the cgroup of another pod, or of none. */
  isElsewhere(container: Place): boolean;
}

export interface ProcessesOptions {
  /** Where the proc file system is; default /proc. */
  proc?: string;
  /** Monotonic ms; default performance.now. */
  now?: () => number;
}

interface Seen {
  place: Place | undefined;
  firstAt: number;
  lookedAt: number;
}

/** A runtime forks first and moves the process into its container's cgroup then. */
const YOUNG_MS = 10_000;
/** A PID can come to another process between two scans: whoever is known is looked at again so often. */
const KNOWN_MS = 30_000;

export function createContainerProcesses({
  proc = '/proc',
  now = performance.now.bind(performance),
}: ProcessesOptions = {}) {
  let seen = new Map<number, Seen>();
  let members = new Map<string, number[]>();
  /** ID → the keys of all places that have it. */
  let keys = new Map<string, Set<string>>();

  function look(pid: number, at: number, before: Seen | undefined): Seen {
    if (before !== undefined && !isDue(before, pid, at)) return before;
    return { place: readPlace(`${proc}/${pid}/cgroup`), firstAt: before?.firstAt ?? at, lookedAt: at };
  }

  return {
    scan() {
      const at = now();
      const present = new Map<number, Seen>();
      members = new Map();
      keys = new Map();
      for (const pid of pids(proc)) {
        const process = look(pid, at, seen.get(pid));
        present.set(pid, process);
        if (process.place === undefined) continue;
        const key = placeKey(process.place);
        const others = members.get(key);
        if (others !== undefined) others.push(pid);
        else {
          members.set(key, [pid]);
          keys.set(process.place.id, (keys.get(process.place.id) ?? new Set()).add(key));
        }
      }
      seen = present;
    },
    of: (container: Place) => members.get(placeKey(container)) ?? [],
    isElsewhere: (container: Place) => [...(keys.get(container.id) ?? [])].some((key) => key !== placeKey(container)),
  } satisfies ContainerProcesses;
}

/** Known ones are spread over the time by their PIDs, so that no scan looks at all of them. */
function isDue({ firstAt, lookedAt }: Seen, pid: number, at: number): boolean {
  if (lookedAt - firstAt < YOUNG_MS) return true;
  return at - lookedAt >= KNOWN_MS / 2 + ((pid * 7919) % (KNOWN_MS / 2));
}

function pids(proc: string): number[] {
  return readdirSync(proc)
    .map(Number)
    .filter((pid) => pid > 0)
    .sort((a, b) => a - b);
}

function readPlace(path: string): Place | undefined {
  try {
    return containerOf(readFileSync(path, 'utf8'));
  } catch {
    return undefined; // It has ended.
  }
}
