/** Input and output over time: what the kernel read and wrote for the server's processes, and the WAL that they made. */
import { formatBytes } from '../../quantities.js';
import { type Background, BYTES_SLOT } from '../background.js';
import { type ByteKind, byteSlot } from '../bytes.js';
import type { Recording } from '../gather.js';
import { type Html, html } from '../html.js';
import { chart, HEIGHT, round, WIDTH } from './chart.js';
import { fileTable } from './files.js';
import { type PeriodBin, periodBins } from './period.js';
import { linearTicks, timeTicks } from './ticks.js';
import { workingStrips } from './working.js';

interface Course {
  name: string;
  hint: string;
  /** The CSS class that colours it. */
  style: string;
  /** In each bin. */
  bytes: number[];
}

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];

/** Undefined where nothing was read or written. */
export function inputOutputSection(recording: Recording): Html | undefined {
  const bins = periodBins(recording);
  const courses = coursesOf(recording, bins).filter(({ bytes }) => sum(bytes) > 0);
  const files = fileTable(recording.files);
  if (courses.length === 0 && files === undefined) return undefined;
  return html`<section id="io"><h2>Input and output</h2>
${courses.length > 0 && coursesOverTime(recording, courses, bins)}
${files}</section>`;
}

function coursesOverTime(recording: Recording, courses: readonly Course[], bins: readonly PeriodBin[]): Html {
  const peak = Math.max(...courses.flatMap(({ bytes }) => bytes.map((each, at) => each / (bins[at]?.seconds ?? 1))));
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log2(peak) / 10)));
  const { top, ticks } = linearTicks(peak / 1024 ** power);
  const yTitle = `${UNITS[power]} per second`;
  const drawing = courses.map(
    ({ name, style, bytes }) =>
      html`<path class="course ${style}" d="${stepLine(bins, bytes, top * 1024 ** power)}"><title>${name}</title></path>`,
  );
  const drawn = chart({
    label: `Bytes read and written over time, up to ${formatBytes(peak)} per second`,
    drawing: html`${drawing}`,
    x: timeTicks(recording.fromSeconds, recording.toSeconds),
    y: ticks,
    yTitle,
    strips: workingStrips(recording),
    size: 'small',
  });
  return html`<p class="lead">Bytes that the kernel read from storage and that processes wrote: counted when they make a page of the kernel’s cache dirty, which reaches the disk later, and where such pages are large, a tiny change counts as a whole one. WAL is what was made of it, whoever wrote it.</p>
<div class="with-legend">${drawn}<ol class="legend">${courses.map(legendLine)}</ol></div>`;
}

function legendLine({ name, hint, style, bytes }: Course): Html {
  return html`<li><i class="swatch ${style}"></i><span class="name" title="${hint}">${name} <span class="quiet">${hint}</span></span><span class="number">${formatBytes(sum(bytes))}</span></li>`;
}

function coursesOf({ statementBytes, background }: Recording, bins: readonly PeriodBin[]): Course[] {
  const statements = (kind: ByteKind) => bins.map(({ bin }) => statementBytes.at(bin)?.[byteSlot(kind)] ?? 0);
  const of = (kind: ByteKind, isMeant: (each: Background) => boolean) => {
    const meant = background.filter(isMeant);
    return bins.map(({ bin }) =>
      sum(meant.map(({ timeline }) => timeline.at(bin)?.[BYTES_SLOT + byteSlot(kind)] ?? 0)),
    );
  };
  const all = () => true;
  const isCheckpointer = ({ backendType }: Background) => backendType === 'checkpointer';
  const both = (kind: ByteKind) => added(statements(kind), of(kind, all));
  return [
    { name: 'read', hint: 'by all processes', style: 'c1', bytes: both('read') },
    { name: 'written', hint: 'by statements', style: 'c3', bytes: statements('written') },
    { name: 'written', hint: 'by the checkpointer', style: 'c2', bytes: of('written', isCheckpointer) },
    { name: 'written', hint: 'by others', style: 'c4', bytes: of('written', (each) => !isCheckpointer(each)) },
    { name: 'WAL', hint: 'made by all processes', style: 'c6', bytes: both('WAL') },
  ];
}

function added(left: readonly number[], right: readonly number[]): number[] {
  return left.map((each, at) => each + (right[at] ?? 0));
}

function stepLine(bins: readonly PeriodBin[], bytes: readonly number[], top: number): string {
  const points = bins.map(({ from, to, seconds }, at) => {
    const y = round(HEIGHT - ((bytes[at] ?? 0) / seconds / top) * HEIGHT);
    return `${round(from * WIDTH)} ${y}H${round(to * WIDTH)}`;
  });
  return `M${points.join('L')}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
