/** Active sessions over time, stacked by what they did: on a CPU, waiting for one, or in a wait event of some class. */
import { LOAD_CLASSES, sumLoads } from '../../load.js';
import type { Recording } from '../gather.js';
import { type Html, html } from '../html.js';
import { LOAD_SLOT } from '../queries.js';
import { MEANING, styleOf } from './class-style.js';
import { type PeriodBin, periodBins } from './period.js';
import { type Band, stackedChart } from './stacked.js';
import { workingNote, workingStrips } from './working.js';

/** Undefined where waits were not measured: older versions of pgscope did not. */
export function sessionsSection(recording: Recording): Html | undefined {
  const bins = periodBins(recording);
  if (bins.length === 0 || !hasWaits(recording)) return undefined;
  return html`<section id="sessions"><h2>Active sessions</h2>
<p class="lead">How many processes were at work for statements at one time, on average, and what they were doing. The host’s CPUs limit only what is on a CPU; all above it waits for something.</p>
${stackedChart(recording, { bands: bandsOf(recording, bins), bins, what: 'sessions at work', strips: workingStrips(recording) })}${workingNote(recording)}</section>`;
}

export function hasWaits({ queries }: Pick<Recording, 'queries'>): boolean {
  return queries.some(({ waits }) => waits.length > 0);
}

/** False at level waits, where only time is known. */
export function hasStatements({ queries }: Pick<Recording, 'queries'>): boolean {
  return queries.some(({ durationSeconds, counters }) => durationSeconds > 0 || counters.calls + counters.errors > 0);
}

function bandsOf({ queries }: Recording, bins: readonly PeriodBin[]): Band[] {
  const load = sumLoads(queries.map((query) => query.load));
  return LOAD_CLASSES.flatMap((name, at) => {
    if (load[name] <= 0) return [];
    const values = bins.map(
      ({ bin, seconds }) =>
        queries.reduce((sum, { timeline }) => sum + (timeline.at(bin)?.[LOAD_SLOT + at] ?? 0), 0) / seconds,
    );
    return [{ name, hint: MEANING[name], style: styleOf(name), seconds: load[name], values }];
  });
}
