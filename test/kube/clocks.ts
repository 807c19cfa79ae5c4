/** Clocks for tests: one that stands still until it is moved, and one that runs faster. */
import type { Clock } from '../../kube/clock.js';

export interface FakeClock extends Clock {
  /** Moves the time on and calls what falls due, in order. */
  advance(ms: number): void;
  /** Timers that wait. */
  readonly timers: number;
}

export function createFakeClock(startMs = 1_800_000_000_000): FakeClock {
  const timers = new Set<{ at: number; callback: () => void }>();
  let now = startMs;

  const nextDue = (until: number) => {
    const due = [...timers].filter(({ at }) => at <= until);
    return due.sort((one, other) => one.at - other.at)[0];
  };

  return {
    now: () => now,
    after: (ms, callback) => {
      const timer = { at: now + ms, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance: (ms) => {
      const until = now + ms;
      for (let timer = nextDue(until); timer !== undefined; timer = nextDue(until)) {
        timers.delete(timer);
        now = timer.at;
        timer.callback();
      }
      now = until;
    },
    get timers() {
      return timers.size;
    },
  };
}

/** Time passes `factor` times as fast. */
export function createFastClock(factor: number): Clock {
  const start = performance.now();
  return {
    now: () => 1_800_000_000_000 + (performance.now() - start) * factor,
    after: (ms, callback) => {
      const timer = setTimeout(callback, ms / factor);
      return () => clearTimeout(timer);
    },
  };
}
