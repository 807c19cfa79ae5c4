/** The columns of the table: what fits into a given width, and each cell's text. */
import { quantile } from '../histogram.js';
import { compactBytes, compactCount, compactDuration, compactShare } from '../quantities.js';
import { meanNs, type SortKey } from './sort.js';
import type { QueryTotals } from './view.js';

export interface Column {
  title: string;
  width: number;
  align: 'left' | 'right';
  /** The sort key that this column shows. */
  sort?: SortKey;
  /** Narrower screens leave the column out. */
  fromWidth?: number;
  cell(query: QueryTotals, whole: Whole): string;
}

/** What a query's numbers are set in relation to. */
export interface Whole {
  seconds: number;
  durationNs: number;
}

const BAR_CELLS = 10;
/** Eighths of a cell, so that a bar of ten cells shows shares in steps of 1.25 %. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

const COLUMNS: Column[] = [
  {
    title: 'TIME',
    width: 5,
    align: 'right',
    sort: 'time',
    cell: (query, whole) => compactShare(shareOf(query, whole)),
  },
  { title: '', width: BAR_CELLS, align: 'left', fromWidth: 100, cell: (query, whole) => bar(shareOf(query, whole)) },
  {
    title: 'CALL/s',
    width: 6,
    align: 'right',
    sort: 'calls',
    cell: (query, { seconds }) => compactCount(query.calls / seconds),
  },
  { title: 'MEAN', width: 5, align: 'right', sort: 'mean', cell: (query) => compactDuration(meanNs(query) / 1e9) },
  { title: 'P50', width: 5, align: 'right', cell: (query) => compactDuration(quantile(query.durations, 0.5)) },
  {
    title: 'P99',
    width: 5,
    align: 'right',
    sort: 'p99',
    cell: (query) => compactDuration(quantile(query.durations, 0.99)),
  },
  {
    title: 'CPU',
    width: 5,
    align: 'right',
    sort: 'cpu',
    cell: (query, { seconds }) => percent(query.cpuNs / 1e9 / seconds),
  },
  {
    title: 'IO/s',
    width: 5,
    align: 'right',
    sort: 'io',
    cell: (query, { seconds }) => compactBytes(query.ioBytes / seconds),
  },
  {
    title: 'ROW/s',
    width: 5,
    align: 'right',
    sort: 'rows',
    cell: (query, { seconds }) => compactCount(query.rows / seconds),
  },
  {
    title: 'ERR/s',
    width: 5,
    align: 'right',
    sort: 'errors',
    cell: (query, { seconds }) => compactCount(query.errors / seconds),
  },
  { title: 'DATABASE', width: 12, align: 'left', fromWidth: 110, cell: (query) => query.database },
];

/** All columns that a screen of `width` cells has room for; the last one, the query, takes what is left. */
export function columnsFor(width: number): Column[] {
  const columns = COLUMNS.filter(({ fromWidth }) => fromWidth === undefined || width >= fromWidth);
  const used = columns.reduce((sum, column) => sum + column.width + 1, 0);
  return [
    ...columns,
    { title: 'QUERY', width: Math.max(10, width - used), align: 'left', cell: (query) => query.summary },
  ];
}

function shareOf(query: QueryTotals, whole: Whole): number {
  return whole.durationNs === 0 ? 0 : query.durationNs / whole.durationNs;
}

function bar(share: number): string {
  const eighths = Math.round(Math.min(1, share) * BAR_CELLS * 8);
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
}

/** Share of one core; parallel queries have more than 100 %. */
function percent(share: number): string {
  if (share === 0) return '0%';
  return share < 0.01 ? '<1%' : `${Math.round(share * 100)}%`;
}
