/** Waits for locks, linked: who waited for somebody who waited himself, and whose statement stood at the beginning of it all. */
import type { Blocker, LockWait } from './lock-waits.js';
import type { Resource } from './otlp.js';

/** Chains on a page, and the waits of one that are shown. */
export const MAX_CHAINS = 8;

/** A wait, with those that waited meanwhile for the one that waits here. */
export interface ChainLink {
  wait: LockWait;
  links: ChainLink[];
}

/** A transaction that blocked others and waited for nobody, and all that came of it. */
export interface Chain {
  server: Resource;
  root: Blocker;
  links: ChainLink[];
  /** The sum of all waits in it. */
  seconds: number;
}

/** A query whose sessions stood at the beginning of chains. */
export interface BlockingQuery {
  server: Resource;
  /** Empty if it is not known. */
  summary: string;
  text: string;
  /** That others were blocked by it, directly or through those that waited for it. */
  seconds: number;
  /** Waits of which it has a part. */
  waits: number;
  longestSeconds: number;
  /** What its sessions were seen to do meanwhile, the longest first: `idle in transaction`. */
  states: string[];
  applications: string[];
}

export interface LockChains {
  /** Most blocked time first. */
  queries: BlockingQuery[];
  chains: Chain[];
  /** Chains that found no room. */
  moreChains: number;
  waits: number;
  seconds: number;
  /** Waits of which nobody knows who was in the way. */
  unexplained: { waits: number; seconds: number };
}

export function lockChains(waits: readonly LockWait[]): LockChains {
  const byProcess = Map.groupBy(
    waits.filter(({ pid }) => pid !== undefined),
    ({ server, pid }) => processKey(server, pid),
  );
  const known = new Map<LockWait, Above>();
  const above = (wait: LockWait) => {
    const found = known.get(wait) ?? waitsAbove(wait, byProcess);
    known.set(wait, found);
    return found;
  };
  const chains = chainsOf(waits, above);
  const nobody = waits.filter(({ blocker }) => blocker === undefined);
  return {
    queries: blockingQueries(waits, above),
    chains: chains.slice(0, MAX_CHAINS),
    moreChains: Math.max(0, chains.length - MAX_CHAINS),
    waits: waits.length,
    seconds: sum(waits.map(lengthOf)),
    unexplained: { waits: nobody.length, seconds: sum(nobody.map(lengthOf)) },
  };
}

export function lengthOf({ fromSeconds, toSeconds }: LockWait): number {
  return toSeconds - fromSeconds;
}

/** The process that a wait was for, and its own waits meanwhile, if it had any. */
interface Above {
  blocker: Blocker | undefined;
  waits: LockWait[];
}

/** Of several blockers the one that itself waited longest meanwhile: through it the chain goes on. */
function waitsAbove(wait: LockWait, byProcess: ReadonlyMap<string, LockWait[]>): Above {
  const found = wait.blockerPids.map((pid) => {
    const own = byProcess.get(processKey(wait.server, pid)) ?? [];
    return { pid, waits: own.filter((each) => each !== wait && overlap(each, wait) > 0) };
  });
  const time = ({ waits }: { waits: LockWait[] }) => sum(waits.map((each) => overlap(each, wait)));
  const [most] = found.toSorted((a, b) => time(b) - time(a));
  if (most === undefined) return { blocker: wait.blocker, waits: [] };
  const [own] = most.waits;
  const isTold = most.pid === wait.blocker?.pid || own === undefined;
  return { blocker: isTold ? wait.blocker : sessionOf(own, most.pid), waits: most.waits };
}

/** One that waits itself, as its own statement tells it. */
function sessionOf({ summary, text, application }: LockWait, pid: number): Blocker {
  return { pid, isQueued: false, state: 'active', application, summary, text, transactionSeconds: undefined };
}

function chainsOf(waits: readonly LockWait[], above: (wait: LockWait) => Above): Chain[] {
  const links = new Map(waits.map((wait) => [wait, { wait, links: [] as ChainLink[] }]));
  const parents = new Map<LockWait, LockWait>();
  const chains = new Map<string, Chain>();
  for (const [wait, link] of links) {
    const { blocker, waits: further } = above(wait);
    const [longest] = further
      .filter((each) => !isBelow(each, wait, parents))
      .sort((a, b) => overlap(b, wait) - overlap(a, wait));
    if (longest !== undefined) {
      parents.set(wait, longest);
      links.get(longest)?.links.push(link);
    } else if (blocker !== undefined) {
      const key = chainKey(wait, blocker);
      const chain = chains.get(key) ?? { server: wait.server, root: blocker, links: [], seconds: 0 };
      chain.links.push(link);
      chains.set(key, chain);
    }
  }
  // Where nobody knows for whom a session waits, the chain begins with it.
  for (const [wait, { links: below }] of links) {
    if (wait.blocker !== undefined || wait.pid === undefined || below.length === 0) continue;
    const root = sessionOf(wait, wait.pid);
    chains.set(chainKey(wait, root), { server: wait.server, root, links: below, seconds: 0 });
  }
  return [...chains.values()]
    .map((chain) => ({ ...chain, seconds: sum(chain.links.map(secondsOf)) }))
    .sort((a, b) => b.seconds - a.seconds);
}

/** Whether a wait has another one above it: sessions in a deadlock wait for each other. */
function isBelow(wait: LockWait, other: LockWait, parents: ReadonlyMap<LockWait, LockWait>): boolean {
  for (let at: LockWait | undefined = wait; at !== undefined; at = parents.get(at)) if (at === other) return true;
  return false;
}

/** The same transaction of the same process; its begin is known to some microseconds. */
function chainKey({ server, fromSeconds }: LockWait, { pid, transactionSeconds }: Blocker): string {
  const began = transactionSeconds ?? fromSeconds;
  return `${processKey(server, pid)}\n${Math.round(began * 100)}`;
}

function secondsOf({ wait, links }: ChainLink): number {
  return lengthOf(wait) + sum(links.map(secondsOf));
}

/** The time of each wait goes to whoever stood at the beginning of the chain at that time. */
function blockingQueries(waits: readonly LockWait[], above: (wait: LockWait) => Above): BlockingQuery[] {
  const queries = new Map<string, { query: BlockingQuery; states: Map<string, number>; applications: Set<string> }>();

  function blame(wait: LockWait, blocker: Blocker, seconds: number): void {
    const { summary, text, state, application } = blocker;
    const key = [wait.server.key, summary, text].join('\n');
    const nothing = { seconds: 0, waits: 0, longestSeconds: 0, states: [], applications: [] };
    const entry = queries.get(key) ?? {
      query: { server: wait.server, summary, text, ...nothing },
      states: new Map<string, number>(),
      applications: new Set<string>(),
    };
    queries.set(key, entry);
    entry.query.seconds += seconds;
    entry.query.waits++;
    entry.query.longestSeconds = Math.max(entry.query.longestSeconds, seconds);
    if (state !== '') entry.states.set(state, (entry.states.get(state) ?? 0) + seconds);
    if (application !== '') entry.applications.add(application);
  }

  for (const wait of waits) {
    for (const [blocker, seconds] of rootsOf(wait, wait, above, new Set())) blame(wait, blocker, seconds);
  }
  return [...queries.values()]
    .map(({ query, states, applications }) => ({
      ...query,
      states: [...states].sort((a, b) => b[1] - a[1]).map(([state]) => state),
      applications: [...applications],
    }))
    .sort((a, b) => b.seconds - a.seconds);
}

type Stretch = Pick<LockWait, 'fromSeconds' | 'toSeconds'>;

/** Who stood at the beginning during a stretch of a wait, and how long; together the stretch, or nothing if nobody is known. */
function rootsOf(
  wait: LockWait,
  stretch: Stretch,
  above: (wait: LockWait) => Above,
  passed: ReadonlySet<LockWait>,
): Map<Blocker, number> {
  const { blocker, waits } = above(wait);
  const roots = new Map<Blocker, number>();
  const seen = new Set([...passed, wait]);
  let explained = 0;
  for (const further of waits) {
    const common = {
      fromSeconds: Math.max(further.fromSeconds, stretch.fromSeconds),
      toSeconds: Math.min(further.toSeconds, stretch.toSeconds),
    };
    if (seen.has(further) || common.toSeconds <= common.fromSeconds) continue;
    for (const [root, seconds] of rootsOf(further, common, above, seen)) {
      roots.set(root, (roots.get(root) ?? 0) + seconds);
      explained += seconds;
    }
  }
  const rest = stretch.toSeconds - stretch.fromSeconds - explained;
  if (blocker !== undefined && rest > 1e-9) roots.set(blocker, (roots.get(blocker) ?? 0) + rest);
  return roots;
}

function overlap(one: Stretch, other: Stretch): number {
  return Math.max(0, Math.min(one.toSeconds, other.toSeconds) - Math.max(one.fromSeconds, other.fromSeconds));
}

function processKey({ key }: Resource, pid: number | undefined): string {
  return `${key}\n${pid}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
