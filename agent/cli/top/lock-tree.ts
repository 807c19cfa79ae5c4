/** Who waits for whom, as trees: at the root who blocks and waits for nobody, below each the sessions that wait for it. */
import type { LockBlocker, LockSession, LockWait } from '../../capture.js';

export interface LockNode {
  target: string;
  session: LockSession;
  /** Undefined for one that waits for no lock. */
  wait: LockWait | undefined;
  /** The node above it does not hold the lock, but waits in front. */
  isQueued: boolean;
  /** PIDs of the others that block it. */
  others: number[];
  /** It waits, directly or not, for itself: who stands above it in the circle. */
  deadlockWith: number | undefined;
  /** Who wait for it, the longest wait first. */
  waiters: LockNode[];
  /** How many wait below it, directly or not, and the sum of their waits. */
  below: { sessions: number; seconds: number };
}

/** The trees in which most time is waited first. */
export function lockTrees(waits: readonly LockWait[]): LockNode[] {
  const waiting = new Map(waits.map((wait) => [keyOf(wait.target, wait.pid), wait]));
  const depths = new Map<LockWait, number>();

  const waitOf = (target: string, { pid }: LockSession) => waiting.get(keyOf(target, pid));
  /** How many links there are between a session and the root, along its longest way. */
  function depthOf(wait: LockWait): number {
    const known = depths.get(wait);
    if (known !== undefined) return known;
    depths.set(wait, 0); // A circle ends here.
    const above = wait.blockers.map((blocker) => waitOf(wait.target, blocker)).filter((each) => each !== undefined);
    const depth = 1 + Math.max(0, ...above.map(depthOf));
    depths.set(wait, depth);
    return depth;
  }
  /** Of several blockers the one that itself waits longest in the chain: with it all others are named. */
  function parentOf(wait: LockWait): LockBlocker | undefined {
    const depth = (blocker: LockBlocker) => {
      const above = waitOf(wait.target, blocker);
      return above === undefined ? 0 : depthOf(above);
    };
    return wait.blockers.toSorted((a, b) => depth(b) - depth(a))[0];
  }

  const parents = new Map(waits.map((wait) => [wait, parentOf(wait)]));
  const cut = new Set(
    circleEnds(waits, (wait) => {
      const parent = parents.get(wait);
      return parent === undefined ? undefined : waitOf(wait.target, parent);
    }),
  );

  const roots = new Map<string, LockNode>();
  const nodes = new Map(waits.map((wait) => [wait, nodeOf(wait, parents.get(wait), cut.has(wait))]));
  for (const [wait, node] of nodes) {
    const parent = parents.get(wait);
    const { target } = wait;
    const key = keyOf(target, parent ?? wait);
    if (parent === undefined || cut.has(wait)) {
      roots.set(keyOf(target, wait), node);
      continue;
    }
    const above = waitOf(target, parent);
    const parentNode = (above && nodes.get(above)) ?? roots.get(key) ?? rootOf(target, parent);
    if (above === undefined) roots.set(key, parentNode);
    parentNode.waiters.push(node);
  }
  return [...roots.values()].map(summed).sort((a, b) => b.below.seconds - a.below.seconds);
}

/** The parts of the trees that have to do with certain sessions: what is above them, and all below. */
export function pruned(trees: readonly LockNode[], isMeant: (node: LockNode) => boolean): LockNode[] {
  return trees.flatMap((node) => {
    if (isMeant(node)) return [node];
    const waiters = pruned(node.waiters, isMeant);
    return waiters.length === 0 ? [] : [{ ...node, waiters }];
  });
}

function keyOf(target: string, session: LockSession | number): string {
  return `${target} ${typeof session === 'number' ? session : session.pid}`;
}

function nodeOf(wait: LockWait, parent: LockBlocker | undefined, isCut: boolean): LockNode {
  return {
    target: wait.target,
    session: wait,
    wait,
    isQueued: parent?.isQueued ?? false,
    others: wait.blockers.flatMap(({ pid }) => (pid === parent?.pid ? [] : [pid])),
    deadlockWith: isCut ? parent?.pid : undefined,
    waiters: [],
    below: { sessions: 0, seconds: 0 },
  };
}

function rootOf(target: string, session: LockBlocker): LockNode {
  const nothing = { wait: undefined, isQueued: false, others: [], deadlockWith: undefined };
  return { target, session, ...nothing, waiters: [], below: { sessions: 0, seconds: 0 } };
}

/** Of each circle the one that has waited longest. */
function circleEnds(waits: readonly LockWait[], next: (wait: LockWait) => LockWait | undefined): LockWait[] {
  const seen = new Set<LockWait>();
  return waits.flatMap((start) => {
    const way: LockWait[] = [];
    for (let at: LockWait | undefined = start; at !== undefined && !seen.has(at); at = next(at)) {
      seen.add(at);
      way.push(at);
    }
    const last = way.at(-1);
    const from = last === undefined ? undefined : next(last);
    const circle = from === undefined ? [] : way.slice(way.indexOf(from));
    if (from === undefined || !way.includes(from)) return [];
    return circle.toSorted((a, b) => (b.seconds ?? 0) - (a.seconds ?? 0)).slice(0, 1);
  });
}

function summed(node: LockNode): LockNode {
  const waiters = node.waiters.map(summed).sort((a, b) => (b.wait?.seconds ?? 0) - (a.wait?.seconds ?? 0));
  const sum = (value: (waiter: LockNode) => number) => waiters.reduce((total, waiter) => total + value(waiter), 0);
  return {
    ...node,
    waiters,
    below: {
      sessions: sum(({ below }) => 1 + below.sessions),
      seconds: sum(({ wait, below }) => (wait?.seconds ?? 0) + below.seconds),
    },
  };
}
