/**
 * Telemetry: what the tracer says, as OTLP traces and metrics, on its way to receivers and files. The door of agent/telemetry/.
 * Nothing here reads a clock or sends anything by itself except the exporters' retries; `collect` is called after each drain.
 */

import type { DescribedQuery } from './queries.js';
import type { Exporter, ExporterTotals } from './telemetry/export/exporter.js';
import type { LOSSES } from './telemetry/loss-names.js';
import { createRestartingCounters, exportLosses, type Loss } from './telemetry/metrics/losses.js';
import { ownMetrics } from './telemetry/metrics/own-metrics.js';
import { snapshotPart } from './telemetry/metrics/snapshot.js';
import { type Attributes, keyValues } from './telemetry/otlp/attributes.js';
import type { Scope } from './telemetry/otlp/model.js';
import { shareAttributes } from './telemetry/otlp/protobuf.js';
import { createTarget, DEFAULT_TARGET_OPTIONS, type Target, type TargetOptions } from './telemetry/target.js';
import type { AggregateEvent, DrainedEvent, IdentityEvent, StatementEvent } from './tracer/events.js';
import type { IoEvent } from './tracer/io-event.js';

export type { SignalTotals } from './telemetry/export/account.js';
export { destinationSettings, type OtlpDestination } from './telemetry/export/destination.js';
export type { Exporter, ExporterTotals } from './telemetry/export/exporter.js';
export { openFileExporter } from './telemetry/export/file-exporter.js';
export type { ExportLimits } from './telemetry/export/limits.js';
export { createOtlpExporter, type OtlpSettings } from './telemetry/export/otlp-exporter.js';
export { type OtlpOptions, otlpSettings, programSettings } from './telemetry/export/settings.js';
export { type AgentLoss, type CaptureLoss, PROGRAM_LOSSES, type ProgramLoss } from './telemetry/loss-names.js';
export { type ExponentialHistogram, mergeInto } from './telemetry/metrics/exponential-histogram.js';
export { exportLosses, type Loss } from './telemetry/metrics/losses.js';
export { ownMetrics } from './telemetry/metrics/own-metrics.js';
export { gaugeMetric, numberPoint } from './telemetry/metrics/query-points.js';
export { createQuerySums, type QuerySums, type QuerySumsTable } from './telemetry/metrics/query-sums.js';
export { type MetricsSnapshot, snapshotPart } from './telemetry/metrics/snapshot.js';
export { OUTSIDE_SUMMARY } from './telemetry/metrics/target-metrics.js';
export * from './telemetry/names.js';
export { type Attributes, integer, keyValues } from './telemetry/otlp/attributes.js';
export {
  type HistogramPoint,
  type KeyValue,
  type LogRecord,
  type Metric,
  NO_RECORDED_VALUE,
  type NumberPoint,
  type Resource,
  type Scope,
  SEVERITY_INFO,
  TEMPORALITY_CUMULATIVE,
} from './telemetry/otlp/model.js';
export { TelemetrySettingsError } from './telemetry/pairs.js';
export { telemetryReference } from './telemetry/reference.js';
export {
  containerResource,
  type Host,
  type HostServer,
  hostResource,
  ownResource,
  thisHost,
} from './telemetry/resources.js';
export type { TargetOptions } from './telemetry/target.js';

export interface TelemetryOptions {
  exporters: Exporter[];
  /** Name and version of pgscope. */
  scope: Scope;
  /** Attributes of pgscope's own resource (`ownResource`). */
  resource: Attributes;
  /** What is lost beside it on the way to the same exporters; default: nothing. */
  otherLosses?: () => Loss[];
  /** Wall clock, ns. */
  clock?: () => bigint;
}

export interface TelemetryTotals {
  /** Spans that were made, statements whose clients asked for no span, by reason. */
  spans: number;
  unrecorded: Record<string, number>;
  losses: Loss[];
  exporters: ExporterTotals[];
  bpf: { runTimeNs: number; runCount: number };
}

export interface Telemetry {
  /** A known target ends first, and begins anew (its server was restarted). */
  addTarget(target: string, resource: Attributes, options?: Partial<TargetOptions>): void;
  /** Changes a known target's options; its series go on. */
  changeTarget(target: string, options: Pick<TargetOptions, 'maxQueries' | 'rawText'>): void;
  /** The last values of its series, and their ends, go out. */
  removeTarget(target: string): void;
  /** A new tracer counts its losses from 0. */
  tracerStarted(): void;
  identity(event: IdentityEvent): void;
  query(target: string, fingerprint: string, described: DescribedQuery): void;
  statement(event: StatementEvent): void;
  aggregate(event: AggregateEvent): void;
  io(event: IoEvent): void;
  /** A statement that should have become a span was dropped before it came here. */
  dropped(reason: 'recordsRateLimited'): void;
  drained(event: DrainedEvent): void;
  /** Hands the metrics of `targets` (default: of all) and pgscope's own to the exporters; where none can go, sees whether spans could. */
  collect(targets?: Iterable<string>): void;
  flush(deadlineMs: number): Promise<void>;
  /** Removes all targets, flushes, and ends the exporters; what is not delivered by the deadline is lost, and counted. */
  shutdown(deadlineMs: number): Promise<void>;
  totals(): TelemetryTotals;
}

const MS = 1_000_000n;
const OWN_KEY = '';

export function createTelemetry(options: TelemetryOptions): Telemetry {
  const { exporters, scope, otherLosses = () => [] } = options;
  const clock = options.clock ?? (() => BigInt(Date.now()) * MS);
  const resource = { attributes: shareAttributes(keyValues(options.resource)) };
  const targets = new Map<string, Target>();
  const tracerLosses = createRestartingCounters();
  const bpf = createRestartingCounters();
  const ownLosses: Record<keyof typeof LOSSES.telemetry, number> = {
    unknownTarget: 0,
    queriesOverflow: 0,
    descriptionsForgotten: 0,
    recordsRateLimited: 0,
  };
  const unrecorded: Record<string, number> = {};
  const startUnixNano = clock();
  let spans = 0;
  let latest = startUnixNano;

  /** Times of points never go back, also if the clock does. The ends of series are 1 ms after the values. */
  const nextTime = (): bigint => {
    const now = clock();
    latest = now > latest + 2n * MS ? now : latest + 2n * MS;
    return latest;
  };
  const withTarget = (name: string, act: (target: Target) => void): void => {
    const target = targets.get(name);
    if (target === undefined) ownLosses.unknownTarget += 1;
    else act(target);
  };
  const collectTarget = (target: Target, time: bigint, all: boolean): void => {
    for (const snapshot of target.metrics.collect(time, all))
      for (const exporter of exporters) exporter.metrics(snapshot);
    target.intervalBegins(time + MS);
  };
  const removeTarget = (name: string): void => {
    const target = targets.get(name);
    if (target === undefined) return;
    collectTarget(target, nextTime(), true);
    ownLosses.queriesOverflow += target.metrics.overflowed;
    ownLosses.descriptionsForgotten += target.forgotten;
    targets.delete(name);
  };
  const losses = (): Loss[] => {
    const live = [...targets.values()];
    const telemetry = {
      ...ownLosses,
      queriesOverflow: live.reduce((sum, { metrics }) => sum + metrics.overflowed, ownLosses.queriesOverflow),
      descriptionsForgotten: live.reduce((sum, { forgotten }) => sum + forgotten, ownLosses.descriptionsForgotten),
    };
    return [
      ...lossesOf('capture', tracerLosses.totals()),
      ...otherLosses(),
      ...lossesOf('telemetry', telemetry),
      ...exporters.flatMap((exporter) => exportLosses(exporter.totals())),
    ];
  };
  const totals = (): TelemetryTotals => {
    const { runTimeNs = 0, runCount = 0 } = bpf.totals();
    return {
      spans,
      unrecorded: { ...unrecorded },
      losses: losses(),
      exporters: exporters.map((exporter) => exporter.totals()),
      bpf: { runTimeNs, runCount },
    };
  };
  const collectOwn = (time: bigint): void => {
    const part = snapshotPart(resource, scope, ownMetrics(totals(), startUnixNano, time));
    for (const exporter of exporters) exporter.metrics({ key: OWN_KEY, parts: [part], final: false });
  };

  return {
    addTarget: (name, attributes, targetOptions) => {
      removeTarget(name);
      const context = { scope, nowUnixNano: nextTime() };
      targets.set(name, createTarget(name, attributes, context, { ...DEFAULT_TARGET_OPTIONS, ...targetOptions }));
    },
    changeTarget: (name, changed) => targets.get(name)?.change(changed),
    removeTarget,
    tracerStarted: () => {
      tracerLosses.restarted();
      bpf.restarted();
    },
    identity: (event) => withTarget(event.target, (target) => target.identity(event)),
    query: (name, fingerprint, described) => withTarget(name, (target) => target.describe(fingerprint, described)),
    statement: (event) =>
      withTarget(event.target, (target) => {
        const made = target.spans(event);
        if (typeof made === 'string') {
          unrecorded[made] = (unrecorded[made] ?? 0) + 1;
          return;
        }
        spans += made.length;
        const failed = made[0]?.status !== undefined;
        for (const exporter of exporters) for (const span of made) exporter.span(target.resource, span, failed);
      }),
    aggregate: (event) => withTarget(event.target, (target) => target.aggregate(event, clock())),
    io: (event) => withTarget(event.target, (target) => target.io(event)),
    dropped: (reason) => {
      ownLosses[reason] += 1;
    },
    drained: (event) => {
      tracerLosses.update(event.losses);
      bpf.update(event.bpf);
      for (const seen of event.targets) targets.get(seen.target)?.metrics.setProcesses(seen);
      for (const target of targets.values()) target.intervalBegins(BigInt(event.unixNano));
    },
    collect: (names) => {
      const time = nextTime();
      for (const name of names ?? targets.keys()) withTarget(name, (target) => collectTarget(target, time, false));
      collectOwn(time);
      for (const exporter of exporters) exporter.greet();
    },
    flush: async (deadlineMs) => {
      await Promise.all(exporters.map((exporter) => exporter.flush(deadlineMs)));
    },
    shutdown: async (deadlineMs) => {
      for (const name of [...targets.keys()]) removeTarget(name);
      collectOwn(nextTime());
      await Promise.all(exporters.map((exporter) => exporter.shutdown(deadlineMs)));
    },
    totals,
  };
}

function lossesOf(stage: Loss['stage'], counts: Record<string, number>): Loss[] {
  return Object.entries(counts).flatMap(([reason, count]) => (count > 0 ? [{ stage, reason, count }] : []));
}
