/** Bands on each other over the period of a recording: averages of sessions or processes at work at one time. */
import { formatShare } from '../../quantities.js';
import type { Recording } from '../gather.js';
import { type Html, html } from '../html.js';
import { chart, HEIGHT, round, WIDTH } from './chart.js';
import type { PeriodBin } from './period.js';
import { linearTicks, timeTicks } from './ticks.js';

export interface Band {
  name: string;
  /** What the name means, if that says more. */
  hint?: string;
  /** The CSS class that colours it. */
  style: string;
  /** In all. */
  seconds: number;
  /** The average in each bin. */
  values: number[];
}

export interface Stack {
  /** The lowest band first. */
  bands: readonly Band[];
  bins: readonly PeriodBin[];
  /** What is stacked: `sessions at work`. */
  what: string;
  strips?: readonly Html[];
  size?: 'small';
}

/** The chart, and its legend in the order of the bands, from top to bottom. */
export function stackedChart(
  { fromSeconds, toSeconds }: Recording,
  { bands, bins, what, strips = [], size }: Stack,
): Html {
  const peak = Math.max(...bins.map((_, at) => sum(bands.map(({ values }) => values[at] ?? 0))));
  const { top, ticks } = linearTicks(peak);
  const lower = bins.map(() => 0);
  const paths = bands.map(({ name, style, values }) => {
    const upper = lower.map((value, at) => value + (values[at] ?? 0));
    const path = stepArea(bins, lower, upper, top);
    lower.splice(0, lower.length, ...upper);
    return html`<path class="band ${style}" d="${path}"><title>${name}</title></path>`;
  });
  const drawn = chart({
    label: `Average number of ${what}, up to ${peak.toFixed(2)}`,
    drawing: html`${paths}`,
    x: timeTicks(fromSeconds, toSeconds),
    y: ticks,
    yTitle: what,
    strips,
    ...(size === undefined ? {} : { size }),
  });
  return html`<div class="with-legend">${drawn}${legend(bands)}</div>`;
}

function legend(bands: readonly Band[]): Html {
  const total = sum(bands.map(({ seconds }) => seconds));
  return html`<ol class="legend">${bands
    .toReversed()
    .map(
      ({ name, hint, style, seconds }) =>
        html`<li><i class="swatch ${style}"></i><span class="name" title="${hint ?? name}">${name}${hint !== undefined && html` <span class="quiet">${hint}</span>`}</span><span class="number">${formatShare(seconds / total)}</span></li>`,
    )}</ol>`;
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
