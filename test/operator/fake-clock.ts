/** Time that passes only when a test says so. */
import type { Clock } from '../../kube/clock.js';

export interface FakeClock extends Clock {
  /** Lets `ms` pass; `settle` is awaited before each timer and at the end, so that what a timer began can get on. */
  pass(ms: number, settle: () => Promise<void>): Promise<void>;
}

export function createFakeClock(startMs = 0): FakeClock {
  let nowMs = startMs;
  const timers = new Set<{ atMs: number; callback: () => void }>();
  const next = () => [...timers].sort((a, b) => a.atMs - b.atMs)[0];

  return {
    now: () => nowMs,
    after(ms, callback) {
      const timer = { atMs: nowMs + ms, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async pass(ms, settle) {
      const endMs = nowMs + ms;
      await settle();
      for (let timer = next(); timer !== undefined && timer.atMs <= endMs; timer = next()) {
        nowMs = Math.max(nowMs, timer.atMs);
        timers.delete(timer);
        timer.callback();
        await settle();
      }
      nowMs = endMs;
    },
  };
}
