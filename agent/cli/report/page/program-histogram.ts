/** A histogram of a trace program: ranges of values below each other, and for each of the most frequent keys a column of bars. */
import { formatCount, formatQuantity } from '../../quantities.js';
import { addBuckets, type Bucket, type Buckets, boundOf, countIn, NO_BUCKETS, usedBuckets } from '../buckets.js';
import { type Html, html } from '../html.js';
import type { ProgramMetric } from '../programs.js';
import { percent } from './chart.js';
import { keyHtml } from './program-keys.js';

const MAX_COLUMNS = 6;
/** Histograms of powers of two have fewer; neighbours of linear ones are summed up. */
const MAX_ROWS = 40;
const MAX_MEANS = 12;

interface Column {
  label: Html;
  values: number;
  buckets: Buckets;
  style: string;
}

export function programHistogram({ unit, series }: ProgramMetric): Html {
  const columns = columnsOf(series);
  const rows = rowsOf(columns.map(({ buckets }) => buckets));
  if (rows.length === 0) return means(series, unit);
  const quantiles: [name: string, q: number][] = [
    ['p50', 0.5],
    ['p99', 0.99],
  ];
  return html`<div class="scroll"><table class="events ranges"><thead><tr><th scope="col">${unit === 's' ? 'Time' : 'Value'}</th>${columns.map(({ label }) => html`<th scope="col" class="text">${label}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr><th scope="row">${rangeText(row.range, unit)}</th>${columns.map((column) => cell(column, row))}</tr>`)}</tbody>
<tfoot><tr><th scope="row">values</th>${columns.map(({ values }) => html`<td class="text">${formatCount(values)}</td>`)}</tr>
${quantiles.map(([name, q]) => html`<tr><th scope="row">${name}</th>${columns.map(({ buckets }) => html`<td class="text">${atMost(boundOf(buckets, q), rows, unit)}</td>`)}</tr>`)}</tfoot></table></div>`;
}

/** Of stats() count and sum are known, and nothing else. */
function means(series: ProgramMetric['series'], unit: string): Html {
  const more = series.length - MAX_MEANS;
  return html`<div class="scroll"><table class="events"><thead><tr><th scope="col">Key</th><th scope="col">Values</th><th scope="col">Mean</th><th scope="col">Sum</th></tr></thead>
<tbody>${series
    .slice(0, MAX_MEANS)
    .map(
      ({ attributes, value, sum }) =>
        html`<tr><th scope="row">${keyHtml(attributes, false)}</th><td>${formatCount(value)}</td><td>${formatQuantity(value > 0 ? sum / value : undefined, unit)}</td><td>${formatQuantity(sum, unit)}</td></tr>`,
    )}</tbody></table></div>${more > 0 && html`<p class="note">and ${more} less frequent ones</p>`}`;
}

function columnsOf(series: ProgramMetric['series']): Column[] {
  const shown = series.length <= MAX_COLUMNS ? series : series.slice(0, MAX_COLUMNS - 1);
  const rest = series.slice(shown.length);
  const own = shown.map(({ attributes, value, buckets }) => ({
    label: keyHtml(attributes, true),
    values: value,
    buckets,
    style: 'c1',
  }));
  if (rest.length === 0) return own;
  const buckets = rest.reduce((all, each) => addBuckets(all, each.buckets), NO_BUCKETS);
  const values = rest.reduce((all, { value }) => all + value, 0);
  return [...own, { label: html`<span class="name">${rest.length} others</span>`, values, buckets, style: 'c0' }];
}

interface Row {
  range: Bucket;
  buckets: Bucket[];
}

function rowsOf(all: readonly Buckets[]): Row[] {
  const used = usedBuckets(all);
  const step = Math.max(1, Math.ceil(used.length / MAX_ROWS));
  return Array.from({ length: Math.ceil(used.length / step) }, (_, at) => {
    const buckets = used.slice(at * step, (at + 1) * step);
    return { buckets, range: { above: buckets[0]?.above, upTo: buckets.at(-1)?.upTo } };
  });
}

function cell({ buckets, style }: Column, row: Row): Html {
  const countOf = ({ buckets: own }: Row) => own.reduce((sum, bucket) => sum + countIn(buckets, bucket), 0);
  const count = countOf(row);
  const most = Math.max(...buckets.values(), count, 1);
  return html`<td class="text"><span class="gauge"><i class="${style}" style="width:${percent(count / most)}"></i></span><span class="${count === 0 && 'zero'}">${formatCount(count)}</span></td>`;
}

/** `64 – 128 µs`, `≤ 1 µs`, `> 1 s`. */
export function rangeText({ above, upTo }: Bucket, unit: string): string {
  if (upTo === undefined) return above === undefined ? 'any' : `> ${short(above, unit)}`;
  const end = short(upTo, unit);
  if (above === undefined || (above < 0 && upTo >= 0)) return upTo === 0 ? '0' : `≤ ${end}`;
  const start = short(above, unit);
  const [number, name] = start.split(' ');
  return name !== undefined && end.endsWith(` ${name}`) ? `${number} – ${end}` : `${start} – ${end}`;
}

/** Without zeros behind the last digit that says something. */
function short(value: number, unit: string): string {
  return formatQuantity(value, unit)
    .replace(/(\.\d*?)0+(?= |$)/, '$1')
    .replace(/\.(?= |$)/, '');
}

function atMost(bound: number | undefined, rows: readonly Row[], unit: string): string {
  if (bound === undefined) return '–';
  return Number.isFinite(bound)
    ? `≤ ${short(bound, unit)}`
    : rangeText(rows.at(-1)?.range ?? { above: undefined, upTo: undefined }, unit);
}
