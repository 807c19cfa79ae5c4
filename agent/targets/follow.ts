/** Which servers a capture wants, and where they are now: restarts and, if all were asked for, new servers are found by polling. */

import { postmasterByDataDirectory, postmasterByPid, TargetError } from './find.js';
import { allPostmasters, type Postmaster } from './postmaster.js';

/** Both empty: every server on the host, also those that start later. */
export interface TargetSelection {
  pids: readonly number[];
  dataDirectories: readonly string[];
}

export interface FollowerOptions {
  /** Servers followed at once, default 64; more are left out and counted. */
  maxTargets?: number;
  /** Monotonic ms; default performance.now. */
  now?: () => number;
}

export interface Follower {
  /** The servers that run now. Throws a TargetError where one that was named is not there. */
  start(): Postmaster[];
  /** This postmaster has ended: from now on polls look for its successor. */
  ended(postmaster: Postmaster): void;
  /** This postmaster cannot be recorded: polls pass it over until its server restarts. */
  passOver(postmaster: Postmaster): void;
  /** Servers that came (back) since. Cheap when nothing is awaited; meant to be called on each drain. */
  poll(): Postmaster[];
  /** Servers seen by the last look that are not followed because there are too many. */
  readonly leftOut: number;
}

/** Scanning /proc of a big host takes time: at most this share of one core goes into it. */
const SCAN_SHARE = 1 / 400;
const MIN_SCAN_INTERVAL_MS = 1000;

export function createFollower(selection: TargetSelection, options: FollowerOptions = {}): Follower {
  const { maxTargets = 64, now = () => performance.now() } = options;
  const everyServer = selection.pids.length === 0 && selection.dataDirectories.length === 0;
  /** Data directories of the servers that are followed. */
  const present = new Set<string>();
  /** Data directories of servers that were named and have ended. */
  const awaited = new Set<string>();
  /** Data directory → PID of a postmaster that cannot be recorded. */
  const passedOver = new Map<string, number>();
  let leftOut = 0;
  let nextScanAt = 0;

  function admit(found: Postmaster[]): Postmaster[] {
    leftOut = 0;
    return found.filter(({ id }) => {
      if (present.has(id)) return false;
      if (present.size >= maxTargets) {
        leftOut += 1;
        return false;
      }
      present.add(id);
      awaited.delete(id);
      passedOver.delete(id);
      return true;
    });
  }

  function scan(): Postmaster[] {
    const startedAt = now();
    const found = allPostmasters(present);
    const running = new Set(found.map(({ id }) => id));
    for (const id of passedOver.keys()) if (!running.has(id)) passedOver.delete(id);
    nextScanAt = now() + Math.max(MIN_SCAN_INTERVAL_MS, (now() - startedAt) / SCAN_SHARE);
    return admit(found.filter(({ id, pid }) => (everyServer || awaited.has(id)) && passedOver.get(id) !== pid));
  }

  function forget(id: string): boolean {
    if (!present.delete(id)) return false;
    if (!everyServer) awaited.add(id);
    return true;
  }

  return {
    start() {
      if (everyServer) return scan();
      const admitted = admit([
        ...selection.pids.map(postmasterByPid),
        ...selection.dataDirectories.map(postmasterByDataDirectory),
      ]);
      if (leftOut > 0)
        throw new TargetError(`${present.size + leftOut} servers were named, at most ${maxTargets} can be recorded`);
      return admitted;
    },
    ended: ({ id }) => {
      forget(id);
    },
    passOver({ id, pid }) {
      if (forget(id)) passedOver.set(id, pid);
    },
    poll: () => ((everyServer || awaited.size > 0) && now() >= nextScanAt ? scan() : []),
    get leftOut() {
      return leftOut;
    },
  };
}
