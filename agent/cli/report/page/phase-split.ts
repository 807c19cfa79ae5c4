/** How the time of a query's statements divides into phases. */
import { PHASES } from '../../../tracer.js';
import { type Html, html } from '../html.js';
import type { Query } from '../queries.js';
import { phaseStyle } from './phase-style.js';
import { type Part, splitBar } from './time-split.js';

/** Of the time of statements; less is not worth a part of its own. */
const LEAST_REST = 0.005;

/** Undefined where phases were not recorded. */
export function phaseSplit({ counters, durationSeconds }: Query): Html | undefined {
  const statements = counters.calls + counters.errors;
  const phases = PHASES.map((phase): Part => {
    const seconds = counters[`${phase}Seconds`];
    return { name: phase, style: phaseStyle(phase), seconds, statements };
  }).filter(({ seconds }) => seconds > 0);
  if (phases.length === 0) return undefined;
  const rest = durationSeconds - phases.reduce((sum, { seconds }) => sum + seconds, 0);
  const untold: Part = { name: 'in no phase', style: 'rest', seconds: rest };
  return html`<div class="phases"><p class="quiet">Phases of its statements</p>${splitBar(
    rest > durationSeconds * LEAST_REST ? [...phases, untold] : phases,
  )}</div>`;
}
