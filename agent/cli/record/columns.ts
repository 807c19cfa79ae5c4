/** The columns of the table at the end: those of a level, each with its cells. */
import type { TracerSettings } from '../../tracer.js';
import { quantile } from '../histogram.js';
import { biggestWait, timeNs } from '../measured-time.js';
import { compactDuration, compactShare, exactCount } from '../quantities.js';
import { waitSeconds } from '../waits.js';
import type { QueryTotals } from './ledger.js';

export interface Column {
  title: string;
  width: number;
  align?: 'left';
  cell(query: QueryTotals, totalNs: number): string;
}

const WIDTH = 5;

const time: Column = {
  title: 'TIME',
  width: WIDTH,
  cell: (query, totalNs) => compactShare(totalNs === 0 ? 0 : timeNs(query) / totalNs),
};
const total: Column = { title: 'TOTAL', width: WIDTH, cell: (query) => compactDuration(timeNs(query) / 1e9) };
const cpu: Column = { title: 'CPU', width: WIDTH, cell: ({ cpuNs }) => compactDuration(cpuNs / 1e9) };

const COUNTED: Column[] = [
  time,
  { title: 'CALLS', width: WIDTH, cell: ({ calls }) => exactCount(calls) },
  { title: 'ERR', width: WIDTH, cell: ({ errors }) => (errors === 0 ? '' : exactCount(errors)) },
  {
    title: 'MEAN',
    width: WIDTH,
    cell: ({ durationNs, calls, errors }) =>
      compactDuration(calls + errors === 0 ? undefined : durationNs / 1e9 / (calls + errors)),
  },
];
const p99: Column = {
  title: 'P99',
  width: WIDTH,
  cell: ({ durations }) => compactDuration(quantile(durations, 0.99)),
};

const STATEMENTS: Column[] = [
  ...COUNTED,
  { title: 'P50', width: WIDTH, cell: ({ durations }) => compactDuration(quantile(durations, 0.5)) },
  p99,
  total,
  cpu,
  { title: 'ROWS', width: WIDTH, cell: ({ rows }) => exactCount(rows) },
];

const PHASES: Column[] = [
  ...COUNTED,
  p99,
  total,
  { title: 'PLAN', width: WIDTH, cell: ({ phases }) => compactDuration(phases.plan / 1e9) },
  { title: 'EXEC', width: WIDTH, cell: ({ phases }) => compactDuration(phases.execute / 1e9) },
  { title: 'COMMIT', width: 6, cell: ({ phases }) => compactDuration(phases.commit / 1e9) },
];

/** Level waits tells neither calls, errors, rows nor durations. */
const WAITS: Column[] = [
  time,
  total,
  cpu,
  { title: 'RUNQ', width: WIDTH, cell: ({ runQueueNs }) => compactDuration(runQueueNs / 1e9) },
  { title: 'WAITS', width: WIDTH, cell: ({ waits }) => compactDuration(waitSeconds(waits)) },
  { title: 'BIGGEST WAIT', width: 23, align: 'left', cell: biggestWait },
];

export function columnsOf(level: TracerSettings['level']): Column[] {
  return { waits: WAITS, statements: STATEMENTS, phases: PHASES }[level];
}
