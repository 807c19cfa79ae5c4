/** The columns of the table: what fits into a given width, and each cell's text. */
import { quantile } from '../histogram.js';
import { biggestWait, measuredNs, timeNs, waitNs } from '../measured-time.js';
import { compactBytes, compactCount, compactDuration, compactShare } from '../quantities.js';
import { bar } from './glyphs.js';
import { percent } from './percent.js';
import { meanNs, type SortKey } from './sort.js';
import type { QueryTotals, View } from './view.js';

export interface Column {
  title: string;
  width: number;
  align: 'left' | 'right';
  /** The sort key that this column shows. */
  sort?: SortKey;
  /** Narrower screens leave the column out. */
  fromWidth?: number;
  /** Only this level has it; phases has what statements has. */
  level?: 'waits' | 'statements';
  cell(query: QueryTotals, whole: Whole): string;
}

/** What a query's numbers are set in relation to. */
export interface Whole {
  seconds: number;
  timeNs: number;
}

const BAR_CELLS = 10;
/** `Lock:transactionid 100%`. */
const WAIT_CELLS = 23;

const COLUMNS: Column[] = [
  {
    title: 'TIME',
    width: 5,
    align: 'right',
    sort: 'time',
    cell: (query, whole) => compactShare(shareOf(query, whole)),
  },
  {
    title: '',
    width: BAR_CELLS,
    align: 'left',
    fromWidth: 120,
    cell: (query, whole) => bar(shareOf(query, whole), BAR_CELLS),
  },
  {
    title: 'LOAD',
    width: 5,
    align: 'right',
    level: 'waits',
    cell: (query, { seconds }) => (measuredNs(query) / 1e9 / seconds).toFixed(2),
  },
  {
    title: 'CALL/s',
    level: 'statements',
    width: 6,
    align: 'right',
    sort: 'calls',
    cell: (query, { seconds }) => compactCount(query.calls / seconds),
  },
  {
    title: 'MEAN',
    level: 'statements',
    width: 5,
    align: 'right',
    sort: 'mean',
    cell: (query) => compactDuration(meanNs(query) / 1e9),
  },
  {
    title: 'P50',
    level: 'statements',
    width: 5,
    align: 'right',
    cell: (query) => compactDuration(quantile(query.durations, 0.5)),
  },
  {
    title: 'P99',
    level: 'statements',
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
    title: 'RUNQ',
    width: 5,
    align: 'right',
    level: 'waits',
    cell: (query, { seconds }) => percent(query.runQueueNs / 1e9 / seconds),
  },
  {
    title: 'WAITS',
    width: 5,
    align: 'right',
    level: 'waits',
    sort: 'wait',
    cell: (query, { seconds }) => percent(waitNs(query.waits) / 1e9 / seconds),
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
    level: 'statements',
    width: 5,
    align: 'right',
    sort: 'rows',
    cell: (query, { seconds }) => compactCount(query.rows / seconds),
  },
  {
    title: 'ERR/s',
    level: 'statements',
    width: 5,
    align: 'right',
    sort: 'errors',
    cell: (query, { seconds }) => compactCount(query.errors / seconds),
  },
  { title: 'BIGGEST WAIT', width: WAIT_CELLS, align: 'left', level: 'waits', cell: biggestWait },
  {
    title: 'BIGGEST WAIT',
    width: WAIT_CELLS,
    align: 'left',
    level: 'statements',
    sort: 'wait',
    fromWidth: 100,
    cell: biggestWait,
  },
  { title: 'DATABASE', width: 12, align: 'left', fromWidth: 140, cell: (query) => query.database },
];

/** All columns that a screen of `width` cells has room for; the last one, the query, takes what is left. */
export function columnsFor(width: number, level: View['level']): Column[] {
  const shown = level === 'waits' ? 'waits' : 'statements';
  const columns = COLUMNS.filter((column) => width >= (column.fromWidth ?? 0) && (column.level ?? shown) === shown);
  const used = columns.reduce((sum, column) => sum + column.width + 1, 0);
  return [
    ...columns,
    { title: 'QUERY', width: Math.max(10, width - used), align: 'left', cell: (query) => query.summary },
  ];
}

function shareOf(query: QueryTotals, whole: Whole): number {
  return whole.timeNs === 0 ? 0 : timeNs(query) / whole.timeNs;
}
