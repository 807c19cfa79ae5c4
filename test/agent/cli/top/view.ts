/** Views for the tests of `top`. */
import { EMPTY } from '../../../../agent/cli/histogram.js';
import type { QueryTotals, View } from '../../../../agent/cli/top/view.js';

export function queryTotals(given: Partial<QueryTotals> & { summary: string }): QueryTotals {
  return {
    key: given.summary,
    database: 'shop',
    calls: 0,
    errors: 0,
    rows: 0,
    durationNs: 0,
    cpuNs: 0,
    ioBytes: 0,
    durations: EMPTY,
    ...given,
  };
}

/** A shop's second: a frequent query, a slow one, a failing one, one in another script. */
export function shopView(given: Partial<View> = {}): View {
  return {
    at: new Date(2026, 0, 2, 14, 30, 5),
    servers: [{ version: '18.4', pid: 4711, backends: 12 }],
    seconds: 1,
    losses: [],
    notices: [],
    queries: [
      queryTotals({
        summary: 'SELECT orders customers order_items products inventory warehouses suppliers regions',
        calls: 1234,
        rows: 12340,
        durationNs: 620e6,
        cpuNs: 310e6,
        ioBytes: 5_000_000,
        durations: { scale: 0, offset: -12, counts: [600, 500, 100, 34], zeroCount: 0 },
      }),
      queryTotals({
        summary: 'UPDATE inventory',
        calls: 3,
        errors: 2,
        durationNs: 300e6,
        cpuNs: 1e6,
        database: 'warehouse_of_the_north',
      }),
      queryTotals({
        summary: 'SELECT 注文 顧客 注文明細 商品 在庫 倉庫',
        calls: 40,
        rows: 40,
        durationNs: 79.6e6,
        cpuNs: 2.2e9,
      }),
      queryTotals({ summary: 'BEGIN', calls: 500, durationNs: 0.4e6, cpuNs: 0.4e6 }),
    ],
    ...given,
  };
}
