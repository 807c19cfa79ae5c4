/** What became of the items of one signal in one exporter. */

import type { LossReason, Outcome } from './outcome.js';

export type Signal = 'traces' | 'metrics' | 'logs';

export interface SignalTotals {
  signal: Signal;
  /** Spans, data points or log records that the receiver accepted. */
  exported: number;
  /** Data points that newer ones replaced before they were sent. */
  superseded: number;
  lost: Partial<Record<LossReason, number>>;
  queuedItems: number;
  queuedBytes: number;
  /** How the last delivery ended; undefined before the first one. */
  last: Outcome | undefined;
}

export interface Account {
  ended(outcome: Outcome): void;
  exported(items: number): void;
  superseded(items: number): void;
  lost(reason: LossReason, items: number): void;
  totals(queue: { items: number; bytes: number }): SignalTotals;
}

export function createAccount(signal: Signal): Account {
  const lost: Partial<Record<LossReason, number>> = {};
  let exported = 0;
  let superseded = 0;
  let last: Outcome | undefined;
  return {
    ended: (outcome) => {
      last = outcome;
    },
    exported: (items) => {
      exported += items;
    },
    superseded: (items) => {
      superseded += items;
    },
    lost: (reason, items) => {
      if (items > 0) lost[reason] = (lost[reason] ?? 0) + items;
    },
    totals: ({ items, bytes }) => ({
      signal,
      exported,
      superseded,
      lost: { ...lost },
      queuedItems: items,
      queuedBytes: bytes,
      last,
    }),
  };
}
