/** Counts of what was lost, by stage and reason, and counters of another process that begin anew when it does. */

import type { ExporterTotals } from '../export/exporter.js';

/** capture: kernel and tracer; programs: bpftrace; telemetry: the agent; export: queues, receivers, files. */
export type LossStage = 'capture' | 'programs' | 'telemetry' | 'export';

export interface Loss {
  stage: LossStage;
  /** One word: the tracer's name of the counter, or ours. */
  reason: string;
  /** For the stage export. */
  signal?: 'traces' | 'metrics' | 'logs';
  exporter?: string;
  count: number;
}

/** Follows counters of the tracer, which count since its start, over its restarts. */
export interface RestartingCounters {
  /** The values as they are now. A value that is smaller than before is that of a new process. */
  update(values: Record<string, number>): void;
  /** All counters begin at 0 again. */
  restarted(): void;
  totals(): Record<string, number>;
}

export function createRestartingCounters(): RestartingCounters {
  const counters = new Map<string, { before: number; now: number }>();
  return {
    update: (values) => {
      for (const [name, value] of Object.entries(values)) {
        const { before, now } = counters.get(name) ?? { before: 0, now: 0 };
        counters.set(name, { before: value < now ? before + now : before, now: value });
      }
    },
    restarted: () => {
      for (const [name, { before, now }] of counters) counters.set(name, { before: before + now, now: 0 });
    },
    totals: () => Object.fromEntries(Array.from(counters, ([name, { before, now }]) => [name, before + now])),
  };
}

/** What the exporter has lost so far, by signal and reason. */
export function exportLosses({ name, signals }: ExporterTotals): Loss[] {
  return signals.flatMap(({ signal, lost }) =>
    Object.entries(lost).map(([reason, count]) => ({
      stage: 'export' as const,
      reason,
      signal,
      exporter: name,
      count,
    })),
  );
}
