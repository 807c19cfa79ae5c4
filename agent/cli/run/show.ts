/** The maps of a program as text: a line for each set of attributes, a bar for each bucket of a histogram. */

import type { HistogramPoint, KeyValue, Metric, NumberPoint } from '../../telemetry.js';
import { formatCount, formatQuantity, some } from '../quantities.js';
import { padEnd, padStart, printable, truncate } from '../top/width.js';

const WIDTH = 80;
const MAX_ROWS = 20;
const BAR = 30;
const VALUE_WIDTH = 12;

/** Lines joined by newlines, the last one ended by one; empty for no metric. */
export function showMetrics(metrics: readonly Metric[]): string {
  return metrics.map((metric) => `${lines(metric).join('\n')}\n`).join('\n');
}

function lines(metric: Metric): string[] {
  const { name, description, unit } = metric;
  const title = description === '' ? name : `${name}: ${description}`;
  const histograms = metric.histogram?.dataPoints ?? [];
  const numbers = metric.sum?.dataPoints ?? metric.gauge?.dataPoints ?? [];
  const more = histograms.length + numbers.length - MAX_ROWS;
  return [
    title,
    ...largest(histograms, countOf).flatMap((point) => histogramLines(point, unit)),
    ...largest(numbers, numberIn).map((point) => row(formatQuantity(numberIn(point), unit), point.attributes)),
    ...(more > 0 ? [`${' '.repeat(VALUE_WIDTH)}  (${more} more)`] : []),
  ];
}

function largest<Point>(points: readonly Point[], size: (point: Point) => number): Point[] {
  return [...points].sort((a, b) => size(b) - size(a)).slice(0, MAX_ROWS);
}

function row(value: string, attributes: readonly KeyValue[]): string {
  return `${padStart(value, VALUE_WIDTH)}  ${truncate(attributeText(attributes), WIDTH - VALUE_WIDTH - 2)}`.trimEnd();
}

/** `pgscope.backend.type=checkpointer`; of a text that is there its summary is left out, which says less. */
function attributeText(attributes: readonly KeyValue[]): string {
  const hasText = attributes.some(({ key }) => key === 'db.query.text');
  return attributes
    .filter(({ key }) => !(hasText && key === 'db.query.summary'))
    .map(
      ({ key, value }) =>
        `${key.startsWith('db.query.') ? '' : `${key.replace(/^pgscope\./, '')}=`}${printable(plain(value)).replace(/\s+/g, ' ')}`,
    )
    .join(' ');
}

function plain(value: KeyValue['value']): string {
  return String(Object.values(value)[0]);
}

function histogramLines(point: HistogramPoint, unit: string): string[] {
  const { attributes, explicitBounds, bucketCounts, sum } = point;
  const total = sum === undefined ? '' : `, ${formatQuantity(sum, unit)} in all`;
  const head = `  ${truncate(`${attributeText(attributes)} (${some(countOf(point), 'value')}${total})`.trim(), WIDTH - 2)}`;
  const counts = bucketCounts.map(Number);
  const first = counts.findIndex((count) => count > 0);
  const last = counts.findLastIndex((count) => count > 0);
  const most = Math.max(...counts, 1);
  const bars = counts.slice(first, last + 1).map((count, index) => {
    const at = first + index;
    const bound = explicitBounds[at];
    const label =
      bound === undefined
        ? `> ${formatQuantity(explicitBounds[at - 1] ?? 0, unit)}`
        : `≤ ${formatQuantity(bound, unit)}`;
    const bar = '#'.repeat(Math.round((count / most) * BAR));
    return `${padStart(label, VALUE_WIDTH + 2)} ${padStart(formatCount(count), 10)} |${padEnd(bar, BAR)}|`;
  });
  return first === -1 ? [head] : [head, ...bars];
}

function countOf({ count }: HistogramPoint): number {
  return Number(count);
}

function numberIn({ asInt, asDouble }: NumberPoint): number {
  return asDouble ?? Number(asInt ?? 0);
}
