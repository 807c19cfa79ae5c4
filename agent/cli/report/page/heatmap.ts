/** Latency over time as a heat map: how many statements took how long, with the median and the 99th percentile as lines. */
import { formatCount } from '../../quantities.js';
import type { Recording } from '../gather.js';
import { type Html, html } from '../html.js';
import { LATENCY_ROWS, rowLimit } from '../latency.js';
import { LATENCY_SLOT, type Query } from '../queries.js';
import { chart, HEIGHT, round, WIDTH } from './chart.js';
import { type PeriodBin, periodBins } from './period.js';
import { hasWaits } from './sessions.js';
import { decadeTicks, timeTicks } from './ticks.js';
import { workingStrips } from './working.js';

/** Steps of colour, on a logarithmic scale of counts. */
export const SHADES = 6;

/** Statements in a bin from which on its quantiles are drawn. */
const LEAST_FOR_QUANTILES = 10;

/** Cells reach a little into their right neighbour: else rounding to pixels would leave gaps. */
const OVERLAP = 0.7;

/** Lowest and highest row that is shown (inclusive). All heat maps of a page share one range, so that they can be compared. */
export interface RowRange {
  low: number;
  high: number;
}

/** Counts by bin of the period and row. */
type Cells = number[][];

export function heatmapSection(recording: Recording, range: RowRange | undefined): Html {
  const intro = html`<h2>Latency</h2><p class="lead">How long statements took, over time. The stronger the colour, the more statements; the lines are the median and the 99th percentile.</p>`;
  if (range === undefined)
    return html`<section id="latency">${intro}<p class="empty">No durations were recorded${hasWaits(recording) && ': level waits does not tell how long statements took'}.</p></section>`;
  return html`<section id="latency">${intro}${heatmap(recording, recording.queries, range)}</section>`;
}

/** The rows that any query uses, with one more on each side; undefined if there is no statement at all. */
export function rowRange(recording: Recording): RowRange | undefined {
  const cells = cellsOf(recording.queries, periodBins(recording));
  const used = Array.from({ length: LATENCY_ROWS }, (_, row) => row).filter((row) =>
    cells.some((bin) => (bin[row] ?? 0) > 0),
  );
  if (used.length === 0) return undefined;
  return { low: Math.max(0, (used[0] ?? 0) - 1), high: Math.min(LATENCY_ROWS - 1, (used.at(-1) ?? 0) + 1) };
}

export function heatmap(recording: Recording, queries: readonly Query[], range: RowRange, size?: 'small'): Html {
  const bins = periodBins(recording);
  const cells = cellsOf(queries, bins);
  const classes = classesOf(Math.max(1, ...cells.flat()));
  const drawing = html`${shades(bins, cells, range, classes)}
${quantileLines(bins, cells, range)}`;
  return html`<div class="heatmap">${chart({
    label: 'Heat map of latency over time',
    drawing,
    x: timeTicks(recording.fromSeconds, recording.toSeconds),
    y: decadeTicks(rowLimit(range.low), rowLimit(range.high + 1)),
    yTitle: 'latency',
    ...(size === undefined ? { strips: workingStrips(recording) } : { size }),
  })}${key(classes, recording.clock.widthSeconds)}</div>`;
}

function cellsOf(queries: readonly Query[], bins: readonly PeriodBin[]): Cells {
  return bins.map(({ bin }) => {
    const rows = new Array<number>(LATENCY_ROWS).fill(0);
    for (const { timeline } of queries) {
      const numbers = timeline.at(bin);
      if (numbers !== undefined)
        for (const row of rows.keys()) rows[row] = (rows[row] ?? 0) + (numbers[LATENCY_SLOT + row] ?? 0);
    }
    return rows;
  });
}

/** One path for each class: a page has thousands of cells, and a path takes a few bytes for each. */
function shades(bins: readonly PeriodBin[], cells: Cells, range: RowRange, classes: readonly Class[]): Html[] {
  const height = round(HEIGHT / (range.high - range.low + 1));
  const paths = classes.map(() => '');
  for (const [at, { from, to }] of bins.entries()) {
    for (let row = range.low; row <= range.high; row++) {
      const count = cells[at]?.[row] ?? 0;
      if (count <= 0) continue;
      const index = Math.max(
        0,
        classes.findLastIndex(({ least }) => count >= least),
      );
      paths[index] +=
        `M${round(from * WIDTH)} ${y(row + 1, range)}h${round((to - from) * WIDTH) + OVERLAP}v${height}H${round(from * WIDTH)}z`;
    }
  }
  return paths.map((path, index) => html`<path class="heat h${classes[index]?.shade}" d="${path}"/>`);
}

interface Class {
  /** Counts from here on. */
  least: number;
  /** 1 to `SHADES`. */
  shade: number;
}

/** Classes of counts on a logarithmic scale; where counts are small there are fewer classes than shades. */
function classesOf(most: number): Class[] {
  const limits = Array.from({ length: SHADES }, (_, step) => Math.ceil(most ** (step / SHADES) - 1e-9));
  const different = [...new Set(limits)];
  return different.map((least, index) => ({ least, shade: Math.round(((index + 1) / different.length) * SHADES) }));
}

/** Each line lies on a wider one in the colour of the page, so that it is seen on every shade. */
function quantileLines(bins: readonly PeriodBin[], cells: Cells, range: RowRange): Html[] {
  return [
    { name: 'p50', q: 0.5 },
    { name: 'p99', q: 0.99 },
  ].map(({ name, q }) => {
    const line = quantileLine(bins, cells, range, q);
    return html`<path class="casing" d="${line}"/><path class="quantile ${name}" d="${line}"><title>${name}</title></path>`;
  });
}

/** A line with a gap wherever too few ran for quantiles to mean anything. */
function quantileLine(bins: readonly PeriodBin[], cells: Cells, range: RowRange, q: number): string {
  let open = false;
  return bins
    .map(({ from, to }, at) => {
      const row = quantileRow(cells[at] ?? [], q);
      if (row === undefined) {
        open = false;
        return '';
      }
      const command = open ? 'L' : 'M';
      open = true;
      return `${command}${round(from * WIDTH)} ${y(row, range)}H${round(to * WIDTH)}`;
    })
    .join('');
}

function quantileRow(rows: readonly number[], q: number): number | undefined {
  const total = rows.reduce((sum, count) => sum + count, 0);
  if (total < LEAST_FOR_QUANTILES) return undefined;
  let seen = 0;
  for (const [row, count] of rows.entries()) {
    if (count > 0 && seen + count >= q * total) return row + (q * total - seen) / count;
    seen += count;
  }
  return rows.length;
}

function y(row: number, { low, high }: RowRange): number {
  return round(HEIGHT - ((row - low) / (high - low + 1)) * HEIGHT);
}

function key(classes: readonly Class[], widthSeconds: number): Html {
  return html`<p class="key"><span>statements in a cell (${widthSeconds} s):</span>${classes.map(
    ({ least, shade }) => html`<span><i class="swatch heat h${shade}"></i>≥ ${formatCount(least)}</span>`,
  )}<span><i class="stroke p50"></i>p50</span><span><i class="stroke p99"></i>p99</span></p>`;
}
