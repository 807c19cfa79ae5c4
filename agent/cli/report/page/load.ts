/** Database time over time, stacked by the queries that take most of it. */
import { formatShare } from '../../quantities.js';
import type { Recording } from '../gather.js';
import { type Html, html } from '../html.js';
import { type Query, SECONDS_SLOT } from '../queries.js';
import { chart, HEIGHT, round, WIDTH } from './chart.js';
import { type PeriodBin, periodBins } from './period.js';
import { linearTicks, timeTicks } from './ticks.js';

/** Queries with a colour of their own; more colours could not be told apart by everybody. */
export const COLORED = 6;

interface Band {
  name: string;
  /** 1 to `COLORED`; 0 is everything else. */
  color: number;
  seconds: number;
  queries: Query[];
}

export function loadSection(recording: Recording): Html {
  const bins = periodBins(recording);
  const bands = bandsOf(recording.queries);
  const total = sum(bands.map(({ seconds }) => seconds));
  if (bins.length === 0 || total === 0) {
    return html`<section id="load"><h2>Database time</h2><p class="empty">No statement ended in this recording, or it has no metrics.</p></section>`;
  }
  return html`<section id="load"><h2>Database time</h2>
<p class="lead">How many statements were at work at one time, on average: seconds of database time in each second.</p>
<div class="with-legend">${drawn(recording, bins, bands)}
<ol class="legend">${bands.map(
    ({ name, color, seconds }) =>
      html`<li><i class="swatch c${color}"></i><span class="name" title="${name}">${name}</span><span class="number">${formatShare(seconds / total)}</span></li>`,
  )}</ol></div></section>`;
}

function bandsOf(queries: readonly Query[]): Band[] {
  const top = queries.slice(0, COLORED).map((query, index) => ({
    name: query.summary,
    color: index + 1,
    seconds: query.durationSeconds,
    queries: [query],
  }));
  const rest = queries.slice(COLORED);
  if (rest.length === 0) return top;
  const name = rest.length === 1 ? (rest[0]?.summary ?? '') : `${rest.length} other queries`;
  return [...top, { name, color: 0, seconds: sum(rest.map(({ durationSeconds }) => durationSeconds)), queries: rest }];
}

function drawn({ fromSeconds, toSeconds }: Recording, bins: PeriodBin[], bands: Band[]): Html {
  const loads = bands.map(({ queries }) => bins.map((bin) => loadIn(queries, bin)));
  const peak = Math.max(...bins.map((_, at) => sum(loads.map((load) => load[at] ?? 0))));
  const { top, ticks } = linearTicks(peak);
  const lower = bins.map(() => 0);
  const paths = bands.map(({ name, color }, index) => {
    const upper = lower.map((value, at) => value + (loads[index]?.[at] ?? 0));
    const path = stepArea(bins, lower, upper, top);
    lower.splice(0, lower.length, ...upper);
    return html`<path class="band c${color}" d="${path}"><title>${name}</title></path>`;
  });
  return chart({
    label: `Average number of statements at work, up to ${peak.toFixed(2)}`,
    drawing: html`${paths}`,
    x: timeTicks(fromSeconds, toSeconds),
    y: ticks,
    yTitle: 'statements at work',
  });
}

function loadIn(queries: readonly Query[], { bin, seconds }: PeriodBin): number {
  return sum(queries.map(({ timeline }) => timeline.at(bin)?.[SECONDS_SLOT] ?? 0)) / seconds;
}

/** The area between two staircases: along the upper one to the right, back along the lower one. */
function stepArea(bins: readonly PeriodBin[], lower: readonly number[], upper: readonly number[], top: number): string {
  const y = (value: number) => round(HEIGHT - (value / top) * HEIGHT);
  const there = bins.map(({ from, to }, at) => `${round(from * WIDTH)} ${y(upper[at] ?? 0)}H${round(to * WIDTH)}`);
  const back = bins
    .map(({ from, to }, at) => `${round(to * WIDTH)} ${y(lower[at] ?? 0)}H${round(from * WIDTH)}`)
    .reverse();
  return `M${[...there, ...back].join('L')}Z`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
