/** Pauses that double, with jitter, as client-go's reflector makes them: 0.8 s to 30 s, each up to twice as long by chance. */

const FIRST_MS = 800;
const LONGEST_MS = 30_000;
/** After so long without a failure the next one is the first again. */
const FORGET_MS = 120_000;

export interface Backoff {
  /** The pause before the next attempt, ms. `nowMs`: when the failure was seen. */
  next(nowMs: number): number;
  /** It worked: the next pause is the shortest. */
  reset(): void;
}

/** `random`: 0 to 1. */
export function createBackoff(random: () => number = Math.random): Backoff {
  let failures = 0;
  let lastAt = Number.NEGATIVE_INFINITY;
  return {
    next: (nowMs) => {
      if (nowMs - lastAt > FORGET_MS) failures = 0;
      lastAt = nowMs;
      const step = Math.min(LONGEST_MS, FIRST_MS * 2 ** failures);
      failures = Math.min(failures + 1, 30);
      return Math.min(LONGEST_MS, step * (1 + random()));
    },
    reset: () => {
      failures = 0;
    },
  };
}
