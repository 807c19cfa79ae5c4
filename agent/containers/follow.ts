/** The PostgreSQL servers of containers that are wanted, found by looking again and again: a Follower for agent/capture.ts. */

import type { Follower, Postmaster } from '../targets.js';
import { type Place, placeKey } from './cgroup.js';
import { postmastersAmong } from './postmasters.js';
import { type ContainerProcesses, createContainerProcesses } from './processes.js';

/**
 * A container to look for servers in: its ID as the runtime knows it, without the runtime's name, and the UID of its pod. Both have to hold:
 * the ID comes from the status of a pod, and somebody who may write that can name a container of another namespace's pod there.
 */
export interface WantedContainer extends Place {
  /** What people call it: `namespace/pod/container`. */
  name: string;
  /** Whether it is only to be known what is in it: no server of it is handed out. */
  lookOnly: boolean;
}

/** What was seen of a container when it was last looked at; `foreign`: it is not in the cgroup of this pod. */
export type ContainerSight = 'nothing' | 'foreign' | 'processes' | 'postmaster';

export interface ContainerFollower extends Follower {
  /** Looks in these containers from now on and in no others. */
  want(containers: readonly WantedContainer[]): void;
  /** `container`: its placeKey, which is what its postmasters have as `container`, too. */
  sight(container: string): ContainerSight;
  /** PID of a postmaster that the last look saw there; undefined if it saw none. */
  postmaster(container: string): number | undefined;
  /** When the next poll does something; monotonic ms. */
  readonly nextPollAt: number;
}

export interface ContainerFollowerOptions {
  processes?: ContainerProcesses;
  /** Monotonic ms; default performance.now. */
  now?: () => number;
}

interface Wanted {
  container: WantedContainer;
  sight: ContainerSight;
  pid: number | undefined;
  /** Data directory → the postmaster that was handed out. */
  servers: Map<string, Postmaster>;
  /** Data directory → a postmaster that cannot be captured, and until when it is passed over. */
  passedOver: Map<string, { pid: number; untilMs: number }>;
  /** Since when there is no server; undefined while there is one. */
  waitingSince: number | undefined;
  /** How far it was looked for since it was wanted: not at all, among the processes that were known then, in a scan. */
  searched: 'not' | 'known' | 'scanned';
}

/** Scanning takes at most this share of one core, and happens at most once a second. */
const SCAN_SHARE = 1 / 200;
/** The same while somebody waits for what is wanted newly, however often that happens. */
const NEW_SHARE = 1 / 10;
const SCAN_MS = 1000;
/** After a minute without a server there is likely none (a sidecar), and where there is one a second one is rare. */
const EAGER_MS = 60_000;
const CALM_SCAN_MS = 5000;
/** What was refused may be accepted later: other targets have gone, a limit was raised. */
const PASS_OVER_MS = 60_000;

export function createContainerFollower(options: ContainerFollowerOptions = {}): ContainerFollower {
  const { now = () => performance.now(), processes = createContainerProcesses({ now }) } = options;
  const wanted = new Map<string, Wanted>();
  let scannedAt = Number.NEGATIVE_INFINITY;
  let scanCostMs = 0;
  let nextNewLookAt = Number.NEGATIVE_INFINITY;

  const ofServer = (postmaster: Postmaster): Wanted | undefined => wanted.get(postmaster.container ?? '');

  function nextScanAt(): number {
    if (wanted.size === 0) return Number.POSITIVE_INFINITY;
    const waiting = [...wanted.values()].filter(({ waitingSince }) => waitingSince !== undefined);
    if (waiting.some(({ searched }) => searched !== 'scanned'))
      return scannedAt + Math.max(SCAN_MS, scanCostMs / NEW_SHARE);
    const eager = waiting.some(({ waitingSince = 0 }) => now() - waitingSince < EAGER_MS);
    return scannedAt + Math.max(eager ? SCAN_MS : CALM_SCAN_MS, scanCostMs / SCAN_SHARE);
  }

  /** Postmasters in one container that nobody captures. */
  function look(one: Wanted): Postmaster[] {
    const { container, servers } = one;
    const pids = processes.of(container);
    // Of a server that nobody captures all backends would be looked at again and again.
    const isKnown = container.lookOnly && one.pid !== undefined && pids.includes(one.pid);
    const found = isKnown ? [] : postmastersAmong(pids, servers, container);
    if (!isKnown) one.pid = [...servers.values(), ...found][0]?.pid;
    if (pids.length === 0) one.sight = processes.isElsewhere(container) ? 'foreign' : 'nothing';
    else one.sight = one.pid === undefined ? 'processes' : 'postmaster';
    return found;
  }

  /** Those that are not passed over. */
  function handOut({ servers, passedOver }: Wanted, found: readonly Postmaster[], at: number): Postmaster[] {
    const fresh = found.filter(({ id, pid }) => {
      const passed = passedOver.get(id);
      return passed?.pid !== pid || at >= passed.untilMs;
    });
    for (const postmaster of fresh) {
      passedOver.delete(postmaster.id);
      servers.set(postmaster.id, postmaster);
    }
    return fresh;
  }

  function lookInto(one: Wanted, at: number): Postmaster[] {
    const found = look(one);
    const { container, servers, pid } = one;
    const fresh = container.lookOnly ? [] : handOut(one, found, at);
    const isServed = container.lookOnly ? pid !== undefined : servers.size > 0;
    one.waitingSince = isServed ? undefined : (one.waitingSince ?? at);
    if (one.searched === 'not') one.searched = 'known';
    return fresh;
  }

  /** Among the processes that the last scan saw: most of what is wanted newly is older. */
  function lookIntoNew(): Postmaster[] {
    const at = now();
    const found = newOnes().flatMap((one) => lookInto(one, at));
    nextNewLookAt = now() + (now() - at) / NEW_SHARE;
    return found;
  }

  function newOnes(): Wanted[] {
    return [...wanted.values()].filter(({ searched }) => searched === 'not');
  }

  function scan(): Postmaster[] {
    const at = now();
    processes.scan();
    const found = [...wanted.values()].flatMap((one) => lookInto(one, at));
    for (const one of wanted.values()) one.searched = 'scanned';
    scannedAt = now();
    scanCostMs = scannedAt - at;
    return found;
  }

  function forget(postmaster: Postmaster): Wanted | undefined {
    const one = ofServer(postmaster);
    if (one?.servers.get(postmaster.id)?.pid !== postmaster.pid) return undefined;
    one.servers.delete(postmaster.id);
    if (one.servers.size === 0) one.waitingSince = now();
    return one;
  }

  return {
    want(containers) {
      const keys = new Set(containers.map(placeKey));
      for (const key of wanted.keys()) if (!keys.has(key)) wanted.delete(key);
      for (const container of containers) {
        const key = placeKey(container);
        const one = wanted.get(key) ?? newlyWanted(container, now());
        // What was only looked at is to be handed out from now on.
        if (one.container.lookOnly && !container.lookOnly) one.searched = 'not';
        one.container = container;
        wanted.set(key, one);
      }
    },
    sight: (container) => wanted.get(container)?.sight ?? 'nothing',
    postmaster: (container) => wanted.get(container)?.pid,
    start: scan,
    poll() {
      if (now() >= nextScanAt()) return scan();
      return now() >= nextNewLookAt ? lookIntoNew() : [];
    },
    ended: (postmaster) => {
      forget(postmaster);
    },
    passOver(postmaster) {
      forget(postmaster)?.passedOver.set(postmaster.id, { pid: postmaster.pid, untilMs: now() + PASS_OVER_MS });
    },
    get nextPollAt() {
      return newOnes().length > 0 ? Math.min(nextNewLookAt, nextScanAt()) : nextScanAt();
    },
    leftOut: 0,
  };
}

function newlyWanted(container: WantedContainer, at: number): Wanted {
  const [servers, passedOver] = [new Map(), new Map()];
  return { container, sight: 'nothing', pid: undefined, servers, passedOver, waitingSince: at, searched: 'not' };
}
