/** Which programs are to run for a container, from all profiles that ask for some. */

import { durationMs } from '../../../api/duration.js';
import type { NodeProfileSpec } from '../../../api/node-profile.js';

/** A run of it for each server of the container. */
export interface PlannedProgram {
  destination: string;
  name: string;
  args: Readonly<Record<string, string>>;
  intervalMs: number;
}

type Asked = Pick<NodeProfileSpec, 'destination' | 'programs'>;

/**
 * `known` and what one more profile asks for. A program tells its series to a destination once: of several profiles the shortest interval counts,
 * and the arguments of the first.
 */
export function withPrograms(known: readonly PlannedProgram[], { destination, programs }: Asked): PlannedProgram[] {
  const merged = [...known];
  for (const { name, args, interval } of programs) {
    const intervalMs = durationMs(interval);
    const at = merged.findIndex((one) => one.destination === destination && one.name === name);
    const before = merged[at];
    if (before === undefined) merged.push({ destination, name, args, intervalMs });
    else if (areSame(before.args, args))
      merged[at] = { ...before, intervalMs: Math.min(before.intervalMs, intervalMs) };
  }
  return merged;
}

export function areSame(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
