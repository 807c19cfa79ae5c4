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

const COLUMNS: Column[] = [
  { title: 'BACKGROUND PROCESS', width: NAME_WIDTH, align: 'left', cell: ({ backendType }) => backendType },
  { title: 'LOAD', width: 5, cell: (each, seconds) => (measuredNs(each) / 1e9 / seconds).toFixed(2) },
  { title: 'CPU', width: 5, cell: ({ cpuNs }, seconds) => percent(cpuNs / 1e9 / seconds) },
  { title: 'RUNQ', width: 5, cell: ({ runQueueNs }, seconds) => percent(runQueueNs / 1e9 / seconds) },
  { title: 'READ/s', width: 6, cell: ({ readBytes }, seconds) => compactBytes(readBytes / seconds) },
  { title: 'WRITE/s', width: 7, cell: ({ writtenBytes }, seconds) => compactBytes(writtenBytes / seconds) },
  { title: 'WAL/s', width: 5, cell: ({ walBytes }, seconds) => compactBytes(walBytes / seconds) },
];

export function backgroundTable({ background, seconds }: View, columns: number): Line[] {
  const shape = columnsFor(columns);
  const heading = row(
    shape.map(({ title, ...shape }) => ({ ...shape, text: title })),
    'heading',
  );
  const rows = background
    .toSorted((a, b) => measuredNs(b) - measuredNs(a) || (a.backendType < b.backendType ? -1 : 1))
    .map((each) => row(shape.map(({ cell, ...shape }) => ({ ...shape, text: cell(each, seconds || 1) }))));
  const body = rows.length > 0 ? rows : [line(`  ${emptyText(seconds)}`, 'dim')];
  return [heading, ...body].map((each) => cut(each, columns));
}

function emptyText(seconds: number): string {
  return seconds === 0 ? 'The first numbers come after one interval.' : 'No background process did anything.';
}

/** The last column, the biggest wait, takes what is left. */
function columnsFor(columns: number): Column[] {
  const used = COLUMNS.reduce((sum, { width }) => sum + width + 1, 0);
  return [...COLUMNS, { title: 'BIGGEST WAIT', width: Math.max(12, columns - used), align: 'left', cell: biggestWait }];
}
