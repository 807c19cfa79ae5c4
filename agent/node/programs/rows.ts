/** How far the programs of a NodeProfile got: a row for each, over all of its servers. Pure functions. */

import { PROGRAM_STATES, type ProgramRow, type ProgramState } from '../../../api/node-profile.js';
import { twoDigits } from '../../../api/two-digits.js';
import type { RunState } from '../../programs.js';
import { addedUp } from './added-up.js';
import type { Obstacle } from './library.js';

/** Of one run, or of one that is not there. */
export interface Outcome extends Obstacle {
  state: ProgramState;
  /** The server that it is for, as people know it. */
  server: string;
  losses: Readonly<Record<string, number>>;
}

const OF_RUN: Record<RunState, [ProgramState, string]> = {
  Starting: ['Pending', 'Starting'],
  Running: ['Running', 'Running'],
  Restarting: ['Pending', 'ProgramRestarting'],
  Done: ['Done', 'Done'],
  Failed: ['Failed', 'ProgramFailed'],
  Stopped: ['Pending', 'Starting'],
};

export interface RunFacts {
  state: RunState;
  message: string;
  losses: Readonly<Record<string, number>>;
}

/** `note`: what is to be known besides. */
export function runOutcome(server: string, { state: is, message, losses }: RunFacts, note?: string): Outcome {
  const [state, reason] = OF_RUN[is];
  return { state, reason, message: note === undefined ? message : `${message}; ${note}`, server, losses };
}

/** Programs print titles, so lines that are no event are no loss; missing probes are in the run's own message. */
const UNTOLD = new Set(['linesUnknown', 'probesMissing']);

/** Of all servers together; to two digits, so that a steady loss is not a steady stream of writes. */
function lossesNote(outcomes: readonly Outcome[]): string[] {
  const sums = Object.entries(addedUp(outcomes.map(({ losses }) => losses)));
  const told = sums.filter(([name, count]) => count > 0 && !UNTOLD.has(name));
  if (told.length === 0) return [];
  return [`lost so far: ${told.map(([name, count]) => `${name} ${twoDigits(count)}`).join(', ')}`];
}

/** Of what is not begun: not yet is no failure. */
export function outcomeOf(server: string, { reason, message }: Obstacle): Outcome {
  return { state: reason === 'Starting' ? 'Pending' : 'Failed', reason, message, server, losses: {} };
}

const MAX_MESSAGE = 2048;

/** The worst of its outcomes, and whose it is. */
export function programRow(name: string, outcomes: readonly Outcome[]): ProgramRow {
  const [first] = outcomes;
  if (first === undefined)
    return { name, state: 'Pending', reason: 'NoTargets', message: 'it begins when a server is attached', running: 0 };
  const worst = outcomes.reduce((a, b) => (rank(b) < rank(a) ? b : a), first);
  const running = outcomes.filter(({ state }) => state === 'Running').length;
  return {
    name,
    state: worst.state,
    reason: worst.reason,
    message: [messageOf(worst, outcomes), ...lossesNote(outcomes)].join('; ').slice(0, MAX_MESSAGE),
    running,
  };
}

/** The same for each server: it is said once. */
function messageOf(worst: Outcome, outcomes: readonly Outcome[]): string {
  const alike = outcomes.filter(({ reason, message }) => reason === worst.reason && message === worst.message);
  return alike.length === outcomes.length ? worst.message : `${worst.server}: ${worst.message}`;
}

function rank({ state }: Outcome): number {
  return PROGRAM_STATES.indexOf(state);
}
