/** How long a query's statements were in each phase, as plain values that can be added up. */
import { type Counters, PHASES, type Phase } from '../tracer.js';

/** Nanoseconds; all 0 below level phases. */
export type PhaseTimes = Readonly<Record<Phase, number>>;

export function phasesIn(counters: Counters): PhaseTimes {
  return phaseTimes((phase) => counters[`${phase}Ns`] ?? 0);
}

export function addPhases(left: PhaseTimes, right: PhaseTimes): PhaseTimes {
  return phaseTimes((phase) => left[phase] + right[phase]);
}

export const NO_PHASES: PhaseTimes = phaseTimes(() => 0);

function phaseTimes(ns: (phase: Phase) => number): PhaseTimes {
  return Object.fromEntries(PHASES.map((phase) => [phase, ns(phase)])) as PhaseTimes;
}
