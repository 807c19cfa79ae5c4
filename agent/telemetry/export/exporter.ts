/** One way out for spans, metrics and log records: queues, and a sender for each signal. What differs is the encoding and the delivery. */

import type { MetricsSnapshot } from '../metrics/snapshot.js';
import type { LogRecord, Resource, Scope, Span } from '../otlp/model.js';
import type { SignalTotals } from './account.js';
import { type Destination, logsLane, metricsLane, tracesLane } from './lanes.js';
import { DEFAULT_EXPORT_LIMITS, type ExportLimits } from './limits.js';
import type { Log } from './notices.js';

export interface ExporterTotals {
  /** `otlp` or `file`. */
  name: string;
  signals: SignalTotals[];
}

export interface Exporter {
  /** `failed`: of a failed statement; kept in favour of others when the queue is full. */
  span(resource: Resource, span: Span, failed: boolean): void;
  metrics(snapshot: MetricsSnapshot): void;
  log(resource: Resource, record: LogRecord): void;
  /**
   * To be called when metrics are due. Where no metrics go, nothing would be known of the receiver before the first span: it gets an empty
   * request, which receivers should accept (OTLP specification, "Full Success"; Jaeger and the Collector do).
   */
  greet(): void;
  totals(): ExporterTotals;
  /** Sends what waits; ends when that is done, or at the deadline. */
  flush(deadlineMs: number): Promise<void>;
  /** A flush; what is left then is lost, and counted. */
  shutdown(deadlineMs: number): Promise<void>;
}

export interface ExporterOptions {
  name: string;
  scope: Scope;
  /** A signal without a destination is not exported. */
  traces: Destination | undefined;
  metrics: Destination | undefined;
  /** Only where programs are run. */
  logs?: Destination | undefined;
  log: Log;
  limits?: Partial<ExportLimits>;
  /** Releases what the destinations hold; called once, at the end of shutdown. */
  close: () => Promise<void> | void;
}

export function createExporter(options: ExporterOptions): Exporter {
  const limits = { ...DEFAULT_EXPORT_LIMITS, ...options.limits };
  const traces = options.traces && tracesLane(options, options.traces, limits);
  const metrics = options.metrics && metricsLane(options, options.metrics, limits);
  const logs = options.logs && logsLane(options, options.logs, limits);
  const lanes = [traces, metrics, logs].filter((lane) => lane !== undefined);
  const senders = lanes.map(({ sender }) => sender);
  const takesMetrics = (): boolean => {
    const last = metrics?.totals().last;
    return metrics !== undefined && !(last?.kind === 'lost' && last.lasting);
  };
  const flush = async (deadlineMs: number): Promise<void> => {
    await Promise.all(senders.map((sender) => sender.flush(deadlineMs)));
  };
  return {
    span: (resource, span, failed) => traces?.add(resource, span, failed),
    metrics: (snapshot) => metrics?.add(snapshot),
    log: (resource, record) => logs?.add(resource, record),
    greet: () => {
      if (!takesMetrics()) traces?.sender.greet();
    },
    totals: () => ({ name: options.name, signals: lanes.map((lane) => lane.totals()) }),
    flush,
    shutdown: async (deadlineMs) => {
      await flush(deadlineMs);
      await Promise.all(senders.map((sender) => sender.stop()));
      await options.close();
    },
  };
}
