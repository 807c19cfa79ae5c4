/** The load of the last minutes: kept interval by interval, shown in as many cells of equal length as there is room for. */
import { addLoad, type Load, NO_LOAD, scaleLoad } from '../load.js';

/** What queries spent in one interval. */
export interface Past {
  /** When the interval ended, in seconds since the first one began. */
  end: number;
  seconds: number;
  /** Seconds by class. */
  load: Load;
}

export interface History {
  cellSeconds: number;
  /** Average active sessions by class, the newest last; never more than asked for. */
  cells: Load[];
}

/** Kept are five minutes, and with long intervals so many of them. */
const KEPT_SECONDS = 300;
const KEPT_INTERVALS = 60;
const CELL_SECONDS = [1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 60, 120, 300, 600, 1800, 3600];

export function pushPast(history: readonly Past[], { seconds, load }: Omit<Past, 'end'>): Past[] {
  const end = (history.at(-1)?.end ?? 0) + seconds;
  const kept = history.filter(
    (past, index) => past.end > end - KEPT_SECONDS || index > history.length - KEPT_INTERVALS,
  );
  return [...kept, { end, seconds, load }];
}

/** Cells begin at multiples of their length, so that what has passed stays as it was drawn. */
export function historyOf(past: readonly Past[], maxCells: number): History {
  const first = past[0];
  const last = past.at(-1);
  if (first === undefined || last === undefined || maxCells < 1) return { cellSeconds: 1, cells: [] };
  const begin = first.end - first.seconds;
  const longest = Math.max(...past.map(({ seconds }) => seconds));
  const fits = (length: number) => length >= longest * 0.9 && cellsBetween(begin, last.end, length) <= maxCells;
  const cellSeconds = CELL_SECONDS.find(fits) ?? last.end;
  const from = Math.floor(begin / cellSeconds);
  const count = Math.min(maxCells, cellsBetween(begin, last.end, cellSeconds));
  return { cellSeconds, cells: Array.from({ length: count }, (_, at) => cellOf(past, from + at, cellSeconds)) };
}

function cellsBetween(begin: number, end: number, length: number): number {
  return Math.max(1, Math.ceil(end / length - 1e-9) - Math.floor(begin / length));
}

/** The mean over what is known of the cell: its intervals may have ended in it, or begun. */
function cellOf(past: readonly Past[], index: number, length: number): Load {
  let sum = NO_LOAD;
  let covered = 0;
  for (const { end, seconds, load } of past) {
    const overlap = Math.min(end, (index + 1) * length) - Math.max(end - seconds, index * length);
    if (overlap <= 0 || seconds <= 0) continue;
    sum = addLoad(sum, scaleLoad(load, overlap / seconds));
    covered += overlap;
  }
  return covered === 0 ? NO_LOAD : scaleLoad(sum, 1 / covered);
}
