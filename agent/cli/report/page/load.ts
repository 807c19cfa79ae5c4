/** Database time over time, stacked by the queries that take most of it. */
import { LOAD_CLASSES } from '../../load.js';
import type { Recording } from '../gather.js';
import { type Html, html } from '../html.js';
import { LOAD_SLOT, type Query, SECONDS_SLOT } from '../queries.js';
import { type PeriodBin, periodBins } from './period.js';
import { type Band, stackedChart } from './stacked.js';
import { workingStrips } from './working.js';

/** Queries with a colour of their own; more colours could not be told apart by everybody. */
export const COLORED = 6;

export function loadSection(recording: Recording): Html {
  const bins = periodBins(recording);
  const bands = bandsOf(recording.queries, bins);
  if (bins.length === 0 || bands.every(({ seconds }) => seconds === 0)) {
    return html`<section id="load"><h2>Database time by query</h2><p class="empty">No statement ended in this recording, or it has no metrics.</p></section>`;
  }
  return html`<section id="load"><h2>Database time by query</h2>
<p class="lead">How many statements were at work at one time, on average: seconds of database time in each second.</p>
${stackedChart(recording, { bands, bins, what: 'statements at work', strips: workingStrips(recording) })}</section>`;
}

/** The biggest query at the bottom, where its course is seen best. */
function bandsOf(queries: readonly Query[], bins: readonly PeriodBin[]): Band[] {
  const top = queries
    .slice(0, COLORED)
    .map((query, index) => band({ name: query.summary, style: `c${index + 1}`, queries: [query] }, bins));
  const rest = queries.slice(COLORED);
  if (rest.length === 0) return top;
  const name = rest.length === 1 ? (rest[0]?.summary ?? '') : `${rest.length} other queries`;
  return [...top, band({ name, style: 'c0', queries: rest }, bins)];
}

function band(
  { name, style, queries }: { name: string; style: string; queries: readonly Query[] },
  bins: readonly PeriodBin[],
): Band {
  return {
    name,
    style,
    seconds: queries.reduce((sum, { timeSeconds }) => sum + timeSeconds, 0),
    values: bins.map(({ bin, seconds }) => queries.reduce((sum, query) => sum + timeIn(query, bin), 0) / seconds),
  };
}

/** Seconds in one bin: of its statements, or what was measured where durations are not known. */
function timeIn({ timeline, durationSeconds }: Query, bin: number): number {
  const numbers = timeline.at(bin);
  if (numbers === undefined) return 0;
  if (durationSeconds > 0) return numbers[SECONDS_SLOT] ?? 0;
  return LOAD_CLASSES.reduce((sum, _, at) => sum + (numbers[LOAD_SLOT + at] ?? 0), 0);
}
