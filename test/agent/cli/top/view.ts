/** Views for the tests of `top`. */
import { EMPTY } from '../../../../agent/cli/histogram.js';
import { loadFrom } from '../../../../agent/cli/load.js';
import { NO_PHASES } from '../../../../agent/cli/phases.js';
import type { BackgroundTotals, FileTotals, QueryTotals, View } from '../../../../agent/cli/top/view.js';
import type { Wait } from '../../../../agent/cli/waits.js';

export function queryTotals(given: Partial<QueryTotals> & { summary: string }): QueryTotals {
  return {
    key: given.summary,
    text: undefined,
    database: 'shop',
    user: 'app',
    calls: 0,
    errors: 0,
    rows: 0,
    durationNs: 0,
    cpuNs: 0,
    runQueueNs: 0,
    waits: [],
    phases: NO_PHASES,
    ioBytes: 0,
    failures: {},
    durations: EMPTY,
    ...given,
  };
}

export function waited(name: string, seconds: number, count = 1): Wait {
  return { name, type: name.split(':')[0] ?? '', seconds, count };
}

export function backgroundTotals(given: Partial<BackgroundTotals> & { backendType: string }): BackgroundTotals {
  return { work: undefined, cpuNs: 0, runQueueNs: 0, waits: [], readBytes: 0, writtenBytes: 0, walBytes: 0, ...given };
}

/** All calls are in one bucket of the histogram. */
export function fileTotals({
  offset = -70,
  ...given
}: Partial<FileTotals> & Pick<FileTotals, 'kind' | 'operation' | 'calls'> & { offset?: number }): FileTotals {
  const durations = { scale: 2, offset, counts: [given.calls], zeroCount: 0 };
  return { bytes: 0, storageReadBytes: 0, durationNs: 0, durations, ...given };
}

/** A shop's second: a frequent query, a slow one, a failing one, one in another script. */
export function shopView(given: Partial<View> = {}): View {
  return {
    at: new Date(2026, 0, 2, 14, 30, 5),
    servers: [{ version: '18.4', pid: 4711, backends: 12 }],
    seconds: 1,
    level: 'statements',
    history: [0.5, 0, 1].map((cpu, at) => ({
      end: at + 1,
      seconds: 1,
      load: loadFrom((each) => (each === 'CPU' ? cpu : each === 'Lock' ? 0.25 * at : 0)),
    })),
    detail: undefined,
    background: [
      backgroundTotals({ backendType: 'walwriter', cpuNs: 4e6, walBytes: 0 }),
      backgroundTotals({
        backendType: 'checkpointer',
        cpuNs: 50e6,
        runQueueNs: 10e6,
        waits: [waited('IO:DataFileSync', 0.24, 12)],
        writtenBytes: 3e6,
        walBytes: 200,
      }),
    ],
    files: [
      fileTotals({ kind: 'relation', operation: 'read', calls: 400, bytes: 400 * 8192, durationNs: 2e6 }),
      fileTotals({ kind: 'wal', operation: 'sync', calls: 20, durationNs: 40e6, offset: -36 }),
    ],
    locks: { waits: [], untold: 0 },
    losses: [],
    notices: [],
    queries: [
      queryTotals({
        summary: 'SELECT orders customers order_items products inventory warehouses suppliers regions',
        calls: 1234,
        rows: 12340,
        durationNs: 620e6,
        cpuNs: 310e6,
        runQueueNs: 20e6,
        waits: [waited('IO:DataFileRead', 0.28, 70), waited('Client:ClientWrite', 0.01, 3)],
        text: 'SELECT o.id, c.name FROM orders o JOIN customers c ON c.id = o.customer WHERE o.placed > $1',
        ioBytes: 5_000_000,
        durations: { scale: 0, offset: -12, counts: [600, 500, 100, 34], zeroCount: 0 },
      }),
      queryTotals({
        summary: 'UPDATE inventory',
        calls: 3,
        errors: 2,
        durationNs: 300e6,
        cpuNs: 1e6,
        waits: [waited('Lock:transactionid', 0.299, 3)],
        database: 'warehouse_of_the_north',
      }),
      queryTotals({
        summary: 'SELECT 注文 顧客 注文明細 商品 在庫 倉庫',
        calls: 40,
        rows: 40,
        durationNs: 79.6e6,
        cpuNs: 79.6e6,
      }),
      queryTotals({ summary: 'BEGIN', calls: 500, durationNs: 0.4e6, cpuNs: 0.4e6 }),
    ],
    ...given,
  };
}
