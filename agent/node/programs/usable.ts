/** Whether a program can be run here with these arguments, and if not, why. */

import { argumentWords, assertVersion, ProgramError } from '../../programs.js';
import type { Bpftrace } from './bpftrace.js';
import { type Found, type Library, type Obstacle, oneLine } from './library.js';

export type Usable = (name: string, args: Readonly<Record<string, string>>) => Found;

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
    return (
      obstacleOf('BpftraceTooOld', () => assertVersion(found.program, version)) ??
      obstacleOf('ProgramRefused', () => argumentWords(found.program, args)) ??
      found
    );
  };
}

/** Undefined where `act` throws no ProgramError. */
export function obstacleOf(reason: string, act: () => void): Obstacle | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof ProgramError) return { reason, message: oneLine(error) };
    throw error;
  }
}

const NONE_RUN: Obstacle = {
  reason: 'TooManyPrograms',
  message: 'no programs are run here; the administrator allows them by programs.maxPerNode of the chart',
};
