/** All runs of a node: begun one after the other, as many as are allowed; ended when they are not asked for any more. */

import type { Loss } from '../../telemetry.js';
import type { HeldRun, WantedRun } from './held-run.js';
import type { Obstacle } from './library.js';
import { type Outcome, outcomeOf, runOutcome } from './rows.js';
import { obstacleOf, type Usable } from './usable.js';

export interface RunsOptions {
  usable: Usable;
  /** Most at one time. */
  maxRuns: number;
  /** Throws a ProgramError if it cannot be restricted to its server. */
  hold(wanted: WantedRun, found: Extract<ReturnType<Usable>, { program: unknown }>): HeldRun;
  /** One has ended. */
  onChange(): void;
  /** Monotonic ms. */
  now(): number;
}

export interface Runs {
  /** Ends what is not wanted, begins what is, as far as that can be done now. */
  follow(wanted: readonly WantedRun[]): void;
  /** Hands on what is due. */
  collect(): void;
  /** How far the run of this key got, for the server of this name. */
  outcome(key: string, server: string): Outcome;
  readonly states: Readonly<Record<string, number>>;
  losses(destination: string): Loss[];
  readonly nextAt: number;
  end(): Promise<void>;
}

/** A run that bpftrace did not take is tried again: the node may have been mended. ms. */
const RETRY_MS = 300_000;

export function createRuns({ usable, maxRuns, hold, onChange, now }: RunsOptions): Runs {
  const runs = new Map<string, HeldRun>();
  const ending = new Map<string, Promise<void>>();
  /** Key → why it was not begun by the last step. */
  const obstacles = new Map<string, Obstacle>();
  /** Key → why the run before failed, as long as another one only tries: who looks sees one failure, not many. */
  const failures = new Map<string, HeldRun['run']>();
  /** Destination → sums over runs that are over. */
  const lost = new Map<string, Record<string, number>>();

  const going = () => [...runs.values()].filter(({ overAt }) => overAt === undefined);

  function begin(wanted: WantedRun): Obstacle | undefined {
    const { key, planned } = wanted;
    if (ending.has(key)) return WAITING;
    const found = usable(planned.name, planned.args);
    if (!('program' in found)) return found;
    if (going().length + ending.size >= maxRuns) return tooMany(maxRuns);
    // Compiling takes a processor for a second: one after the other.
    if (going().some(({ run }) => run.state === 'Starting')) return WAITING;
    return obstacleOf('InSameNamespace', () => runs.set(key, hold(wanted, found)));
  }

  function endRun(key: string, held: HeldRun, isRetried = false): void {
    const { destination } = held.wanted.planned;
    runs.delete(key);
    if (isRetried) failures.set(key, held.run);
    else failures.delete(key);
    const ended = held.end().then(() => {
      lost.set(destination, sumOf([lost.get(destination) ?? {}, held.run.losses]));
      ending.delete(key);
      onChange();
    });
    ending.set(key, ended);
  }

  /** Where the program is away or spoilt now, nothing of it goes on. */
  function isCurrent({ wanted, version }: HeldRun, wish: WantedRun | undefined): boolean {
    if (wish === undefined || signatureOf(wish) !== signatureOf(wanted)) return false;
    const found = usable(wish.planned.name, wish.planned.args);
    return 'program' in found && found.version === version;
  }

  function isToBeRetried({ run, overAt }: HeldRun): boolean {
    return run.state === 'Failed' && overAt !== undefined && now() - overAt >= RETRY_MS;
  }

  function review(key: string, held: HeldRun, wish: WantedRun | undefined): void {
    if (!isCurrent(held, wish)) endRun(key, held);
    else if (isToBeRetried(held)) endRun(key, held, true);
    else if (held.run.state !== 'Starting') failures.delete(key);
  }

  return {
    follow(wanted) {
      const wishes = new Map(wanted.map((wish) => [wish.key, wish]));
      for (const [key, held] of [...runs]) review(key, held, wishes.get(key));
      for (const key of failures.keys()) if (!wishes.has(key)) failures.delete(key);
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
    outcome(key, server) {
      const held = runs.get(key);
      const failure = failures.get(key);
      if (failure !== undefined && (held === undefined || held.run.state === 'Starting'))
        return runOutcome(server, failure);
      return held === undefined
        ? outcomeOf(server, obstacles.get(key) ?? WAITING)
        : runOutcome(server, held.run, held.note);
    },
    get states() {
      const states: Record<string, number> = {};
      for (const { run } of runs.values()) states[run.state] = (states[run.state] ?? 0) + 1;
      return states;
    },
    losses(destination) {
      const live = [...runs.values()].filter(({ wanted }) => wanted.planned.destination === destination);
      const sums = sumOf([lost.get(destination) ?? {}, ...live.map(({ run }) => run.losses)]);
      const counts = Object.entries(sums).filter(([, count]) => count > 0);
      return counts.map(([reason, count]) => ({ stage: 'programs', reason, count }));
    },
    get nextAt() {
      return Math.min(...going().map(({ dueAt }) => dueAt));
    },
    async end() {
      for (const [key, held] of [...runs]) endRun(key, held);
      await Promise.all(ending.values());
    },
  };
}

const WAITING: Obstacle = { reason: 'Starting', message: 'it waits for its turn to be started' };

function tooMany(maxRuns: number): Obstacle {
  const message = `${maxRuns} programs run on this node, and no more are allowed; select fewer servers or programs, or let the administrator raise programs.maxPerNode of the chart`;
  return { reason: 'TooManyPrograms', message };
}

/** Of another one it is another run. */
function signatureOf({ server, planned, queryText, resource }: WantedRun): string {
  return JSON.stringify([server.pid, server.startTime, planned, queryText, resource]);
}

function sumOf(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const counts of all) for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}
