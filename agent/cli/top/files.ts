/** The table of files: what was read, written and synced, what took longest first. */

import { quantile } from '../histogram.js';
import { compactBytes, compactCount, compactDuration } from '../quantities.js';
import { cut, type Line, row } from './lines.js';
import type { FileTotals, View } from './view.js';

interface Column {
  title: string;
  width: number;
  align?: 'left';
  cell(each: FileTotals, seconds: number): string;
}

const MAX_ROWS = 10;

const NAMES: Record<string, string> = { relation: 'tables', wal: 'WAL', temporary: 'temporary', unknown: 'not known' };

const COLUMNS: Column[] = [
  {
    title: 'FILES',
    width: 20,
    align: 'left',
    cell: ({ kind, operation }) => `${NAMES[kind] ?? kind} ${operation}`,
  },
  { title: 'CALL/s', width: 6, cell: ({ calls }, seconds) => compactCount(calls / seconds) },
  { title: 'BYTE/s', width: 6, cell: ({ bytes }, seconds) => compactBytes(bytes / seconds) },
  { title: 'STORAGE/s', width: 9, cell: ({ storageReadBytes }, seconds) => compactBytes(storageReadBytes / seconds) },
  { title: 'MEAN', width: 5, cell: ({ durationNs, calls }) => compactDuration(durationNs / calls / 1e9) },
  { title: 'P99', width: 5, cell: ({ durations }) => compactDuration(quantile(durations, 0.99)) },
];

/** Nothing where no file was touched, or none is told of. */
export function fileTable({ files, seconds }: View, columns: number): Line[] {
  if (files.length === 0) return [];
  const heading = row(
    COLUMNS.map(({ title, ...shape }) => ({ ...shape, text: title })),
    'heading',
  );
  const rows = files
    .toSorted((a, b) => b.durationNs - a.durationNs)
    .slice(0, MAX_ROWS)
    .map((each) => row(COLUMNS.map(({ cell, ...shape }) => ({ ...shape, text: cell(each, seconds || 1) }))));
  return [[], heading, ...rows].map((each) => cut(each, columns));
}
