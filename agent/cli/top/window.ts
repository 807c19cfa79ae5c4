/** The last intervals, so that rates can be shown over one of them or over several. */
import { add } from '../histogram.js';
import { addPhases } from '../phases.js';
import { addWaits } from '../waits.js';
import { addFailures } from './failures.js';
import type { BackgroundTotals, FileTotals, Interval, QueryTotals } from './view.js';

/** The smoothed view covers this many intervals. */
export const SMOOTHED_INTERVALS = 10;

/** The newest interval last; older ones than the smoothed view needs are dropped. */
export function pushInterval(window: readonly Interval[], interval: Interval): Interval[] {
  return [...window, interval].slice(-SMOOTHED_INTERVALS);
}

/** One interval as long as all of `window`, with the sums of each query and of each type of background process. */
export function sumIntervals(window: readonly Interval[]): Interval {
  return {
    seconds: window.reduce((sum, { seconds }) => sum + seconds, 0),
    queries: sums(
      window.flatMap(({ queries }) => queries),
      ({ key }) => key,
      addTotals,
    ),
    background: sumBackground(window.flatMap(({ background }) => background)),
    files: sumFiles(window.flatMap(({ files }) => files)),
  };
}

/** One entry for each kind and operation, whoever called. */
export function sumFiles(files: readonly FileTotals[]): FileTotals[] {
  return sums(files, ({ kind, operation }) => `${kind}\0${operation}`, addFiles);
}

/** One entry for each type and each table's autovacuum, whatever server its processes belong to. */
export function sumBackground(background: readonly BackgroundTotals[]): BackgroundTotals[] {
  return sums(background, ({ backendType, work }) => `${backendType}\0${work ?? ''}`, addBackground);
}

function sums<Item>(items: readonly Item[], keyOf: (item: Item) => string, add: (a: Item, b: Item) => Item): Item[] {
  const byKey = new Map<string, Item>();
  for (const item of items) {
    const before = byKey.get(keyOf(item));
    byKey.set(keyOf(item), before === undefined ? item : add(before, item));
  }
  return [...byKey.values()];
}

function addTotals(before: QueryTotals, next: QueryTotals): QueryTotals {
  return {
    ...next,
    calls: before.calls + next.calls,
    errors: before.errors + next.errors,
    rows: before.rows + next.rows,
    durationNs: before.durationNs + next.durationNs,
    cpuNs: before.cpuNs + next.cpuNs,
    runQueueNs: before.runQueueNs + next.runQueueNs,
    waits: addWaits(before.waits, next.waits),
    phases: addPhases(before.phases, next.phases),
    ioBytes: before.ioBytes + next.ioBytes,
    failures: addFailures([before, next]),
    durations: add(before.durations, next.durations),
  };
}

function addBackground(before: BackgroundTotals, next: BackgroundTotals): BackgroundTotals {
  return {
    ...next,
    cpuNs: before.cpuNs + next.cpuNs,
    runQueueNs: before.runQueueNs + next.runQueueNs,
    waits: addWaits(before.waits, next.waits),
    readBytes: before.readBytes + next.readBytes,
    writtenBytes: before.writtenBytes + next.writtenBytes,
    walBytes: before.walBytes + next.walBytes,
  };
}

function addFiles(before: FileTotals, next: FileTotals): FileTotals {
  return {
    ...next,
    calls: before.calls + next.calls,
    bytes: before.bytes + next.bytes,
    storageReadBytes: before.storageReadBytes + next.storageReadBytes,
    durationNs: before.durationNs + next.durationNs,
    durations: add(before.durations, next.durations),
  };
}
