/** What bpftrace tells of a run, handed on, and counted where it cannot be. */

import type { ProgramLoss } from '../../telemetry.js';
import { createEventBudget } from '../bpftrace/budget.js';
import type { ProgramMetrics } from '../metrics.js';
import type { Disclose } from '../output/cells.js';
import type { Output } from '../output/decode.js';
import { eventOf } from '../output/event.js';
import type { RunOptions, RunState } from '../run.js';

/** What is counted here; the rest is counted where it happens. */
type Counted = Exclude<ProgramLoss, 'keysUnreadable' | 'seriesOverflow' | 'mapsFull' | 'programRestarts'>;

export interface Receiver {
  receive(output: Output): void;
  malformed(problem: 'linesMalformed' | 'linesTooLong'): void;
  readonly losses: Readonly<Record<Counted, number>>;
}

const MAX_EVENTS_PER_SECOND = 200;

export function createReceiver(
  options: RunOptions,
  metrics: ProgramMetrics,
  became: (state: RunState, message: string) => void,
  giveUp: (message: string) => void,
): Receiver {
  const { program, onEvent, onLine, onMap } = options;
  const disclose = disclosing(options);
  const budget = createEventBudget(MAX_EVENTS_PER_SECOND, () => performance.now());
  const losses: Record<Counted, number> = {
    eventsLost: 0,
    eventsRateLimited: 0,
    linesTooLong: 0,
    linesMalformed: 0,
    linesUnknown: 0,
    probesMissing: 0,
    helperErrors: 0,
  };

  /** bpftrace says it before it attaches the last ones: those of the executable. */
  function attached(probes: number): void {
    const { attachPoints, eventPoints, isCounted } = program.source;
    const wanted = attachPoints + (program.maps.length > 0 ? 1 : 0);
    losses.probesMissing = isCounted ? Math.max(0, wanted - probes) : 0;
    if (eventPoints > 0 && losses.probesMissing >= eventPoints) {
      giveUp(NOWHERE);
      return;
    }
    const missing = losses.probesMissing === 0 ? '' : `; ${losses.probesMissing} of its probes do not exist here`;
    became('Running', `attached${missing}`);
  }

  function told(output: Output & { type: 'print' | 'printf' }): void {
    if (!budget.take()) {
      losses.eventsRateLimited += 1;
      return;
    }
    const event = eventOf(output, program.events, disclose);
    if (event !== undefined) {
      onEvent(event);
      return;
    }
    if (!program.isBare) losses.linesUnknown += 1;
    onLine(output.type === 'printf' ? output.text.replace(/\n$/, '') : JSON.stringify(output.value));
  }

  return {
    receive(output) {
      if (output.type === 'attached') attached(output.probes);
      else if (output.type === 'print' || output.type === 'printf') told(output);
      else if (output.type === 'lost') losses.eventsLost += output.events;
      else if (output.type === 'helperError') losses.helperErrors += 1;
      else if (output.type === 'map') {
        metrics.update(output.name, output.content);
        onMap(output.name);
      }
    },
    malformed(problem) {
      losses[problem] += 1;
    },
    losses,
  };
}

const NOWHERE = 'none of its probes exists here: functions and tracepoints differ between builds, versions and kernels';

/** A text that fills its place may go on. */
export function disclosing({ describe, queryText, program: { stringLength } }: RunOptions): Disclose {
  return (text) => describe(text, { truncated: Buffer.byteLength(text) >= stringLength - 1, queryText });
}
