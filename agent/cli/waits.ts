/** What a query or a background process waited for, by wait event, as plain values that can be added up. */
import type { NamedWait } from '../capture.js';

export interface Wait {
  /** `Lock:transactionid`. */
  name: string;
  /** pg_stat_activity.wait_event_type, or `Kernel`. */
  type: string;
  count: number;
  seconds: number;
}

export function waitsOf(named: readonly NamedWait[]): Wait[] {
  return merged(
    named.map(({ type, event, count, waitNs }) => ({ name: `${type}:${event}`, type, count, seconds: waitNs / 1e9 })),
  );
}

/** Sums of both by event, longest first. */
export function addWaits(left: readonly Wait[], right: readonly Wait[]): Wait[] {
  if (left.length === 0 || right.length === 0) return [...left, ...right];
  return merged([...left, ...right]);
}

export function waitSeconds(waits: readonly Wait[]): number {
  return waits.reduce((sum, { seconds }) => sum + seconds, 0);
}

function merged(waits: readonly Wait[]): Wait[] {
  const byName = new Map<string, Wait>();
  for (const wait of waits) {
    const before = byName.get(wait.name);
    const sum =
      before === undefined
        ? wait
        : { ...wait, count: before.count + wait.count, seconds: before.seconds + wait.seconds };
    byName.set(wait.name, sum);
  }
  return [...byName.values()].sort((a, b) => b.seconds - a.seconds);
}
