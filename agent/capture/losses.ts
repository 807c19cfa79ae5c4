/** Counts of what was lost, since the start of the capture: the tracer counts since its own start, and may be started again. */

export interface Losses {
  /** A tracer has started and counts from zero. */
  tracerStarted(): void;
  /** What the running tracer has counted so far. */
  report(counts: Record<string, number>): void;
  /** One more of the agent's own. */
  add(name: string, count?: number): void;
  /** All that are not zero. */
  readonly totals: Record<string, number>;
}

export function createLosses(): Losses {
  const settled = new Map<string, number>();
  let current: Record<string, number> = {};

  const add = (name: string, count = 1) => {
    settled.set(name, (settled.get(name) ?? 0) + count);
  };
  return {
    add,
    tracerStarted() {
      for (const [name, count] of Object.entries(current)) add(name, count);
      current = {};
    },
    report(counts) {
      current = counts;
    },
    get totals() {
      const names = new Set([...settled.keys(), ...Object.keys(current)]);
      const counts = [...names].map((name) => [name, (settled.get(name) ?? 0) + (current[name] ?? 0)] as const);
      return Object.fromEntries(counts.filter(([, count]) => count > 0));
    },
  };
}
