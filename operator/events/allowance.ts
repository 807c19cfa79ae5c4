/** How many Events an object may have: some at once, then a few as time passes. */

const AT_ONCE = 20;
const MS_FOR_ANOTHER = 60_000;
/** Objects that are remembered; those that have all they may have need not be. */
const MAX_OBJECTS = 1000;

export interface Allowance {
  /** Whether there may be one more about this object; it counts if so. */
  take(uid: string): boolean;
}

export function createAllowance(clock: { now(): number }): Allowance {
  /** What was left at a time; the object asked about longest ago first. */
  const left = new Map<string, { count: number; atMs: number }>();
  return {
    take(uid) {
      const nowMs = clock.now();
      const before = left.get(uid) ?? { count: AT_ONCE, atMs: nowMs };
      const count = Math.min(AT_ONCE, before.count + Math.max(nowMs - before.atMs, 0) / MS_FOR_ANOTHER);
      left.delete(uid);
      left.set(uid, { count: count >= 1 ? count - 1 : count, atMs: nowMs });
      const [oldest] = left.keys();
      if (left.size > MAX_OBJECTS && oldest !== undefined) left.delete(oldest);
      return count >= 1;
    },
  };
}
