/**
 * Whether the operator makes progress. A process whose event loop, watches or workers are stuck answers HTTP all the same, so each of them
 * is looked at. An API server that is away is no reason to restart: what is tried again and again makes progress.
 */
import type { Clock } from '../../kube/clock.js';

export interface Check {
  /** `reflector pods`. */
  name: string;
  /** What is wrong and for how long; undefined if nothing is. */
  problem: string | undefined;
}

export interface Health {
  /** `name` for people; `progress` counts whatever shows that it lives, `limitMs` is how long it may stay the same. */
  watch(name: string, source: { progress(): string; limitMs: number }): void;
  /** Work that must not take long; `longestMs` is asked at each check. */
  bound(name: string, source: { longestMs(): number; limitMs: number }): () => void;
  checks(): Check[];
  stop(): void;
}

const BEAT_MS = 1_000;
/** The mean lateness of the last beats that is too much; one long pause of the garbage collector is not. */
const LAG_LIMIT_MS = 2_000;
const BEATS = 10;

interface Watched {
  name: string;
  progress(): string;
  limitMs: number;
  last: string;
  sinceMs: number;
}

/** `clock`: monotonic. */
export function createHealth(clock: Clock): Health {
  const watched: Watched[] = [];
  const bounds = new Set<{ name: string; longestMs(): number; limitMs: number }>();
  const lags: number[] = [];
  let beatDueMs = clock.now() + BEAT_MS;
  let cancel = clock.after(BEAT_MS, beat);

  function beat(): void {
    lags.push(Math.max(0, clock.now() - beatDueMs));
    if (lags.length > BEATS) lags.shift();
    for (const one of watched) look(one);
    beatDueMs = clock.now() + BEAT_MS;
    cancel = clock.after(BEAT_MS, beat);
  }

  function look(one: Watched): void {
    const progress = one.progress();
    if (progress === one.last) return;
    one.last = progress;
    one.sinceMs = clock.now();
  }

  const lagProblem = (): string | undefined => {
    const meanMs = lags.reduce((sum, lag) => sum + lag, 0) / BEATS;
    return meanMs > LAG_LIMIT_MS ? `timers are ${Math.round(meanMs)} ms late in the mean of ${BEATS} s` : undefined;
  };

  return {
    watch(name, { progress, limitMs }) {
      watched.push({ name, progress, limitMs, last: progress(), sinceMs: clock.now() });
    },
    bound(name, source) {
      const entry = { name, ...source };
      bounds.add(entry);
      return () => bounds.delete(entry);
    },
    checks() {
      const reflectors = watched.map((one) => {
        look(one);
        const silentMs = clock.now() - one.sinceMs;
        return {
          name: one.name,
          problem: silentMs > one.limitMs ? `nothing happened for ${seconds(silentMs)}` : undefined,
        };
      });
      const workers = [...bounds].map(({ name, longestMs, limitMs }) => {
        const ms = longestMs();
        return { name, problem: ms > limitMs ? `has been at one key for ${seconds(ms)}` : undefined };
      });
      return [{ name: 'event loop', problem: lagProblem() }, ...reflectors, ...workers];
    },
    stop: () => cancel(),
  };
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
