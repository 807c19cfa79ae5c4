/**
 * The frame of a chart: a drawing that stretches to any width, with axis labels beside it that do not stretch with it.
 * Drawings use a box of `WIDTH` × `HEIGHT` units whose origin is at the top left.
 */
import { type Html, html } from '../html.js';
import type { Tick } from './ticks.js';

export const WIDTH = 1000;
export const HEIGHT = 1000;

export interface Chart {
  /** What the picture shows, for those who cannot see it. */
  label: string;
  drawing: Html;
  x: Tick[];
  y: Tick[];
  yTitle: string;
  /** Strips below the time axis, each with its name in front. */
  strips?: readonly Html[];
  /** `small` for charts inside of a table. */
  size?: 'small';
}

export function chart({ label, drawing, x, y, yTitle, strips = [], size }: Chart): Html {
  const lines = y.map(({ at }) => `M0 ${round((1 - at) * HEIGHT)}H${WIDTH}`).join('');
  return html`<div class="chart ${size}">
<div class="y-title">${yTitle}</div>
<div class="y">${y.map(({ at, label: text }) => html`<span style="bottom:${percent(at)}">${text}</span>`)}</div>
<svg class="canvas" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}">
<path class="grid" d="${lines}"/>
${drawing}
</svg>
<div class="x">${x.map(({ at, label: text }) => html`<span style="left:${percent(at)}">${text}</span>`)}</div>
${strips}</div>`;
}

/** One decimal is a tenth of a thousandth of the width. */
export function round(units: number): number {
  return Math.round(units * 10) / 10;
}

export function percent(share: number): string {
  return `${Math.round(share * 10_000) / 100}%`;
}
