/** How long a key waits after its failures: 5 ms, doubled each time, 1000 s at most. */

const FIRST_MS = 5;
const LONGEST_MS = 1_000_000;

export interface KeyBackoff {
  /** Counts a failure and gives the pause after it, ms. */
  next(key: string): number;
  failures(key: string): number;
  forget(key: string): void;
}

export function createKeyBackoff(): KeyBackoff {
  const failures = new Map<string, number>();
  return {
    next: (key) => {
      const before = failures.get(key) ?? 0;
      failures.set(key, before + 1);
      return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(before, 30));
    },
    failures: (key) => failures.get(key) ?? 0,
    forget: (key) => {
      failures.delete(key);
    },
  };
}
