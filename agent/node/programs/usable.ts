/** Whether a program can be run here with these arguments, and if not, why. */

import { argumentWords, assertVersion, ProgramError } from '../../programs.js';
import type { Bpftrace } from './bpftrace.js';
import { type Found, type Library, type Obstacle, oneLine } from './library.js';
import type { Args } from './plan.js';

/** `words`: its arguments, defaults and all; of equal ones the runs are equal. */
export type Ready = Extract<Found, { program: unknown }> & { words: string[] };
export type Usable = (name: string, args: Args) => Ready | Obstacle;

export interface UsableOptions {
  library: Library;
  bpftrace: Bpftrace;
  /** 0: none is run. */
  maxRuns: number;
}

export function usableWith({ library, bpftrace, maxRuns }: UsableOptions): Usable {
  return (name, args) => {
    if (maxRuns === 0) return NONE_RUN;
    const found = library.find(name);
    if (!('program' in found)) return found;
    if (bpftrace.found === undefined) return { reason: 'Starting', message: 'bpftrace is being looked for' };
    if (!('version' in bpftrace.found)) return bpftrace.found;
    const { version } = bpftrace.found;
    const tooOld = orObstacle('BpftraceTooOld', () => assertVersion(found.program, version));
    if (tooOld !== undefined) return tooOld;
    const words = orObstacle('ProgramRefused', () => argumentWords(found.program, args));
    return 'reason' in words ? words : { ...found, words };
  };
}

/** What `act` gives, unless it throws a ProgramError. */
export function orObstacle<Result>(reason: string, act: () => Result): Result | Obstacle {
  try {
    return act();
  } catch (error) {
    if (error instanceof ProgramError) return { reason, message: oneLine(error) };
    throw error;
  }
}

const NONE_RUN: Obstacle = {
  reason: 'TooManyPrograms',
  message: 'no programs are run here; the administrator allows them by programs.maxPerNode of the chart',
};
