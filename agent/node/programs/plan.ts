/** Which programs are to run for a container, from all profiles that ask for some. */

import { durationMs } from '../../../api/duration.js';
import type { NodeProfileSpec } from '../../../api/node-profile.js';

export type Args = Readonly<Record<string, string>>;

/** One of them is run, for each server of the container. */
export interface PlannedProgram {
  destination: string;
  name: string;
  /** What profiles ask for, in their order; not empty. */
  variants: readonly Variant[];
}

export interface Variant {
  args: Args;
  intervalMs: number;
}

type Asked = Pick<NodeProfileSpec, 'destination' | 'programs'>;

/** `known` and what one more profile asks for; of the same arguments the shortest interval counts. */
export function withPrograms(known: readonly PlannedProgram[], { destination, programs }: Asked): PlannedProgram[] {
  const merged = [...known];
  for (const { name, args, interval } of programs) {
    const variant = { args, intervalMs: durationMs(interval) };
    const at = merged.findIndex((one) => one.destination === destination && one.name === name);
    const before = merged[at];
    if (before === undefined) merged.push({ destination, name, variants: [variant] });
    else merged[at] = { ...before, variants: withVariant(before.variants, variant) };
  }
  return merged;
}

function withVariant(variants: readonly Variant[], variant: Variant): Variant[] {
  const same = variants.find(({ args }) => areSame(args, variant.args));
  if (same === undefined) return [...variants, variant];
  const shortest = { ...same, intervalMs: Math.min(same.intervalMs, variant.intervalMs) };
  return variants.map((one) => (one === same ? shortest : one));
}

function areSame(one: Args, other: Args): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
