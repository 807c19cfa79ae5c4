/** Sums or last values of a trace program as bars, the longest first. */
import { formatQuantity, formatShare } from '../../quantities.js';
import { type Html, html } from '../html.js';
import type { ProgramMetric } from '../programs.js';
import { percent } from './chart.js';
import { keyHtml } from './program-keys.js';

const MAX_BARS = 8;

interface Bar {
  label: Html;
  value: number;
  isRest: boolean;
}

export function programBars({ unit, kind, series }: ProgramMetric): Html {
  const shown = series.length <= MAX_BARS + 1 ? series : series.slice(0, MAX_BARS);
  const rest = series.slice(shown.length);
  const total = sum(series);
  const bars: Bar[] = [
    ...shown.map(({ attributes, value }) => ({ label: keyHtml(attributes, false), value, isRest: false })),
    // Of values that are no sums there is no sum.
    ...(rest.length > 0 && kind === 'counter'
      ? [{ label: html`<span class="name">${rest.length} others</span>`, value: sum(rest), isRest: true }]
      : []),
  ];
  const most = Math.max(...bars.map(({ value }) => Math.abs(value)));
  const share = (value: number) => kind === 'counter' && series.length > 1 && total > 0 && formatShare(value / total);
  return html`<ul class="bars">${bars.map(
    ({ label, value, isRest }) =>
      html`<li><span class="key-name">${label}</span><span class="gauge"><i class="${isRest ? 'c0' : 'c1'}" style="width:${percent(most === 0 ? 0 : Math.abs(value) / most)}"></i></span><span class="number">${formatQuantity(value, unit)}</span><span class="number quiet">${share(value)}</span></li>`,
  )}</ul>${rest.length > 0 && kind !== 'counter' && html`<p class="note">and ${rest.length} smaller ones</p>`}`;
}

function sum(series: readonly { value: number }[]): number {
  return series.reduce((total, { value }) => total + value, 0);
}
