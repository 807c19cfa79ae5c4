/** All runs of a node: begun one after the other, as many as are allowed; ended when they are not asked for any more. */

import type { Loss } from '../../telemetry.js';
import { addedUp } from './added-up.js';
import type { HeldRun, WantedRun } from './held-run.js';
import type { Obstacle } from './library.js';
import { type Outcome, outcomeOf, runOutcome } from './rows.js';
import { orObstacle, type Ready, type Usable } from './usable.js';

export interface RunsOptions {
  usable: Usable;
  /** Most at one time. */
  maxRuns: number;
  /** Throws a ProgramError if it cannot be restricted to its server. */
  hold(wanted: WantedRun, ready: Ready): HeldRun;
  /** One has ended. */
  onChange(): void;
  onLog(line: string): void;
  /** Monotonic ms. */
  now(): number;
}

export interface Runs {
  /** Ends what is not wanted, begins what is, as far as that can be done now. */
  follow(wanted: readonly WantedRun[]): void;
  /** Hands on what is due. */
  collect(): void;
  /** The arguments that the run of this key was begun with last; undefined if there is none, or it failed. */
  words(key: string): readonly string[] | undefined;
  /** How far the run of this key got, for the server of this name. */
  outcome(key: string, server: string): Outcome;
  readonly states: Readonly<Record<string, number>>;
  losses(destination: string): Loss[];
  readonly nextAt: number;
  end(): Promise<void>;
}

/** A run that bpftrace did not take is tried again: the node may have been mended. ms. */
const RETRY_MS = 300_000;

export function createRuns({ usable, maxRuns, hold, onChange, onLog, now }: RunsOptions): Runs {
  const runs = new Map<string, HeldRun>();
  const ending = new Map<string, { held: HeldRun; ended: Promise<void> }>();
  /** Key → why it was not begun by the last step. */
  const obstacles = new Map<string, Obstacle>();
  /** Key → one that failed, as long as another one only tries the same: who looks sees one failure, not many. */
  const failures = new Map<string, HeldRun>();
  /** Key → arguments, also while a run is replaced by the next one. */
  const lastWords = new Map<string, readonly string[]>();
  /** Destination → sums over runs that have ended. */
  const lost = new Map<string, Record<string, number>>();

  const going = () => [...runs.values()].filter(({ overAt }) => overAt === undefined);

  function begin(wanted: WantedRun): Obstacle | undefined {
    const { key, name, args } = wanted;
    if (ending.has(key)) return { reason: 'Starting', message: 'the run before it is being ended' };
    const ready = usable(name, args);
    if (!('program' in ready)) return ready;
    if (going().length + ending.size >= maxRuns) return tooMany(maxRuns);
    // Compiling takes a processor for a second: one after the other.
    const before = going().find(({ run }) => run.state === 'Starting');
    if (before !== undefined) return waitingFor(before);
    const held = orObstacle('ProcessesUnknown', () => hold(wanted, ready));
    if ('reason' in held) return held;
    runs.set(key, held);
    lastWords.set(key, held.words);
    return undefined;
  }

  function endRun(key: string, held: HeldRun): void {
    runs.delete(key);
    const { destination, name } = held.wanted;
    const ended = held
      .end()
      .catch((error: Error) => onLog(`program ${name} could not be ended in order: ${error.message}`))
      .then(() => {
        ending.delete(key);
        lost.set(destination, addedUp([lost.get(destination) ?? {}, held.run.losses]));
        onChange();
      });
    ending.set(key, { held, ended });
  }

  /** Where the program is away or spoilt now, nothing of it goes on. */
  function isCurrent(held: HeldRun, wish: WantedRun | undefined): boolean {
    if (wish === undefined || signatureOf(wish) !== signatureOf(held.wanted)) return false;
    const ready = usable(wish.name, wish.args);
    return 'program' in ready && ready.version === held.version && areEqual(ready.words, held.words);
  }

  function isToBeRetried({ run, overAt }: HeldRun): boolean {
    return run.state === 'Failed' && overAt !== undefined && now() - overAt >= RETRY_MS;
  }

  function review(key: string, held: HeldRun, wish: WantedRun | undefined): void {
    const isKept = isCurrent(held, wish);
    const isRetried = isKept && isToBeRetried(held);
    if (isRetried) failures.set(key, held);
    else if (!isKept || held.run.state !== 'Starting') failures.delete(key);
    if (!isKept || isRetried) endRun(key, held);
  }

  /** What was kept of runs that nobody asks for any more. */
  function forget(wishes: ReadonlyMap<string, WantedRun>): void {
    for (const key of lastWords.keys())
      if (!wishes.has(key) || runs.get(key)?.run.state === 'Failed') lastWords.delete(key);
    for (const [key, held] of failures) if (!isCurrent(held, wishes.get(key))) failures.delete(key);
  }

  return {
    follow(wanted) {
      const wishes = new Map(wanted.map((wish) => [wish.key, wish]));
      for (const [key, held] of [...runs]) review(key, held, wishes.get(key));
      forget(wishes);
      obstacles.clear();
      for (const wish of wanted) {
        const obstacle = runs.has(wish.key) ? undefined : begin(wish);
        if (obstacle !== undefined) obstacles.set(wish.key, obstacle);
      }
    },
    collect() {
      const at = now();
      for (const held of going()) if (held.dueAt <= at) held.collect();
    },
    words: (key) => lastWords.get(key),
    outcome(key, server) {
      const held = runs.get(key);
      const failure = failures.get(key);
      const obstacle = obstacles.get(key) ?? NOT_YET;
      const isComing = held === undefined ? obstacle.reason === 'Starting' : held.run.state === 'Starting';
      if (failure !== undefined && isComing) return runOutcome(server, failure.run);
      return held === undefined ? outcomeOf(server, obstacle) : runOutcome(server, held.run, held.note);
    },
    get states() {
      const states: Record<string, number> = {};
      for (const { run } of runs.values()) states[run.state] = (states[run.state] ?? 0) + 1;
      return states;
    },
    losses(destination) {
      const live = [...runs.values(), ...[...ending.values()].map(({ held }) => held)];
      const own = live.filter(({ wanted }) => wanted.destination === destination).map(({ run }) => run.losses);
      const counts = Object.entries(addedUp([lost.get(destination) ?? {}, ...own])).filter(([, count]) => count > 0);
      return counts.map(([reason, count]) => ({ stage: 'programs', reason, count }));
    },
    get nextAt() {
      return Math.min(...going().map(({ dueAt }) => dueAt));
    },
    async end() {
      for (const [key, held] of [...runs]) endRun(key, held);
      await Promise.all([...ending.values()].map(({ ended }) => ended));
    },
  };
}

const NOT_YET: Obstacle = { reason: 'Starting', message: 'it waits for its turn to be started' };

function waitingFor({ wanted: { name, server } }: HeldRun): Obstacle {
  return {
    reason: 'Starting',
    message: `it waits for its turn: ${name} for ${server.name ?? server.target} is being started`,
  };
}

function tooMany(maxRuns: number): Obstacle {
  const message = `${maxRuns} programs run on this node, and no more are allowed; select fewer servers or programs, or let the administrator raise programs.maxPerNode of the chart`;
  return { reason: 'TooManyPrograms', message };
}

/** Of another one it is another run; arguments and the program itself are compared besides. */
function signatureOf({ server, intervalMs, queryText, resource }: WantedRun): string {
  return JSON.stringify([server.pid, server.startTime, intervalMs, queryText, resource]);
}

function areEqual(one: readonly string[], other: readonly string[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
