/** The table of background processes: what each type of them did, the busiest first. */

import { biggestWait, measuredNs } from '../measured-time.js';
import { compactBytes } from '../quantities.js';
import { cut, type Line, line, row } from './lines.js';
import { percent } from './percent.js';
import type { BackgroundTotals, View } from './view.js';

interface Column {
  title: string;
  width: number;
  align?: 'left';
  cell(each: BackgroundTotals, seconds: number): string;
}

const NAME_WIDTH = 20;
/** Where there is room: two names of tables fit. */
const WIDE = 110;
const WIDE_NAME_WIDTH = 40;

const NAME: Omit<Column, 'width'> = { title: 'BACKGROUND PROCESS', align: 'left', cell: backgroundName };
const NUMBERS: Column[] = [
  { title: 'LOAD', width: 5, cell: (each, seconds) => (measuredNs(each) / 1e9 / seconds).toFixed(2) },
  { title: 'CPU', width: 5, cell: ({ cpuNs }, seconds) => percent(cpuNs / 1e9 / seconds) },
  { title: 'RUNQ', width: 5, cell: ({ runQueueNs }, seconds) => percent(runQueueNs / 1e9 / seconds) },
  { title: 'READ/s', width: 6, cell: ({ readBytes }, seconds) => compactBytes(readBytes / seconds) },
  { title: 'WRITE/s', width: 7, cell: ({ writtenBytes }, seconds) => compactBytes(writtenBytes / seconds) },
  { title: 'WAL/s', width: 5, cell: ({ walBytes }, seconds) => compactBytes(walBytes / seconds) },
];

/** `checkpointer`, or what is done to which table: `VACUUM public.accounts`. */
export function backgroundName({ backendType, work }: Pick<BackgroundTotals, 'backendType' | 'work'>): string {
  return work ?? backendType;
}

export function backgroundTable({ background, seconds }: View, columns: number): Line[] {
  const shape = columnsFor(columns);
  const heading = row(
    shape.map(({ title, ...shape }) => ({ ...shape, text: title })),
    'heading',
  );
  const rows = background
    .toSorted((a, b) => measuredNs(b) - measuredNs(a) || (backgroundName(a) < backgroundName(b) ? -1 : 1))
    .map((each) => row(shape.map(({ cell, ...shape }) => ({ ...shape, text: cell(each, seconds || 1) }))));
  const body = rows.length > 0 ? rows : [line(`  ${emptyText(seconds)}`, 'dim')];
  return [heading, ...body].map((each) => cut(each, columns));
}

function emptyText(seconds: number): string {
  return seconds === 0 ? 'The first numbers come after one interval.' : 'No background process did anything.';
}

/** The last column, the biggest wait, takes what is left. */
function columnsFor(columns: number): Column[] {
  const shape = [{ ...NAME, width: columns < WIDE ? NAME_WIDTH : WIDE_NAME_WIDTH }, ...NUMBERS];
  const used = shape.reduce((sum, { width }) => sum + width + 1, 0);
  return [...shape, { title: 'BIGGEST WAIT', width: Math.max(12, columns - used), align: 'left', cell: biggestWait }];
}
