/** What trace programs told: of each its metrics as plots, and the events that say most. */
import { formatDuration } from '../../quantities.js';
import type { Recording } from '../gather.js';
import { type Html, html } from '../html.js';
import type { ProgramMetric, ProgramResult } from '../programs.js';
import { programBars } from './program-bars.js';
import { programEvents } from './program-events.js';
import { programHistogram } from './program-histogram.js';
import { keyNames } from './program-keys.js';

/** Histograms of more columns take the whole width. */
const NARROW_COLUMNS = 2;

/** Undefined where no program was run. */
export function programsSection({ programs }: Pick<Recording, 'programs'>): Html | undefined {
  if (programs.length === 0) return undefined;
  return html`<section id="programs"><h2>Trace programs</h2>
<p class="lead">What programs told that ran beside (<code>pgscope run</code>), from their beginning to their end. In a histogram each column has a scale of its own: its fullest range has the longest bar. Keys beyond the most frequent are summed up.</p>
${programs.map(programOf)}</section>`;
}

function programOf({ name, description, fromSeconds, toSeconds, metrics, events }: ProgramResult): Html {
  const [from, to] = [fromSeconds, toSeconds].map((seconds) => new Date(seconds * 1000).toISOString().slice(11, 19));
  const isSilent = metrics.length === 0 && events.length === 0;
  const period = html`<span class="quiet">${from} – ${to} UTC, ${formatDuration(toSeconds - fromSeconds)}</span>`;
  return html`<article class="program"><header><h3>${name}</h3>${period}</header>
${description !== '' && html`<p class="lead">${description}</p>`}
${isSilent ? html`<p class="empty">It told nothing.</p>` : html`<div class="plots">${inOrder(metrics).map(plotOf)}</div>`}
${events.map(programEvents)}</article>`;
}

/** Histograms first: they need more room. */
function inOrder(metrics: readonly ProgramMetric[]): ProgramMetric[] {
  return metrics.toSorted((a, b) => Number(b.kind === 'histogram') - Number(a.kind === 'histogram'));
}

function plotOf(metric: ProgramMetric): Html {
  const { name, description, kind, series } = metric;
  const by = keyNames(series.map(({ attributes }) => attributes));
  const isWide = kind === 'histogram' && series.length > NARROW_COLUMNS;
  return html`<figure class="plot ${isWide && 'wide'}"><figcaption><b>${description === '' ? name : description}</b>${by !== '' && ` by ${by}`}${kind === 'gauge' && ', as of the last time'}<code>${name}</code></figcaption>
${kind === 'histogram' ? programHistogram(metric) : programBars(metric)}</figure>`;
}
