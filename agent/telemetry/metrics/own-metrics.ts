/** The metrics of pgscope itself. */

import type { ExporterTotals } from '../export/exporter.js';
import { type MetricName, OWN_METRICS, POINT } from '../names.js';
import { integer, keyValues } from '../otlp/attributes.js';
import type { KeyValue, Metric } from '../otlp/model.js';
import type { Loss } from './losses.js';
import { gaugeMetric, numberPoint, sumMetric } from './query-points.js';

export interface OwnState {
  losses: Loss[];
  /** Statements without a span because their client asked for none, by reason. */
  unrecorded: Record<string, number>;
  exporters: ExporterTotals[];
  /** Undefined where there is no tracer. */
  bpf?: { runTimeNs: number; runCount: number };
}

interface Value {
  attributes: KeyValue[];
  value: number;
}

/** Counters since `startUnixNano`. Losses of 0 have no point. */
export function ownMetrics(state: OwnState, startUnixNano: bigint, timeUnixNano: bigint): Metric[] {
  const start = startUnixNano.toString();
  const time = timeUnixNano.toString();
  const counter = (name: MetricName, values: Value[]): Metric[] => {
    const points = values.map(({ attributes, value }) => {
      const number = name.unit === 's' ? { asDouble: value } : { asInt: integer(value) };
      return numberPoint(attributes, start, time, number);
    });
    return points.length === 0 ? [] : [sumMetric(name, points)];
  };
  const gauge = (name: MetricName, values: Value[]): Metric[] => {
    const points = values.map(({ attributes, value }) =>
      numberPoint(attributes, undefined, time, { asInt: integer(value) }),
    );
    return points.length === 0 ? [] : [gaugeMetric(name, points)];
  };
  const queues = state.exporters.flatMap(({ name, signals }) =>
    signals.map((totals) => ({ totals, name, attributes: exportAttributes(name, totals.signal) })),
  );
  return [
    ...counter(OWN_METRICS.losses, state.losses.map(lossValue)),
    ...counter(OWN_METRICS.unrecorded, Object.entries(state.unrecorded).map(unrecordedValue)),
    ...counter(
      OWN_METRICS.exported,
      queues.map(({ attributes, totals }) => ({ attributes, value: totals.exported })),
    ),
    ...counter(
      OWN_METRICS.superseded,
      queues
        .filter(({ totals }) => totals.signal === 'metrics')
        .map(({ name, totals }) => ({
          attributes: keyValues({ [POINT.exporter.name]: name }),
          value: totals.superseded,
        })),
    ),
    ...gauge(
      OWN_METRICS.queueItems,
      queues.map(({ attributes, totals }) => ({ attributes, value: totals.queuedItems })),
    ),
    ...gauge(
      OWN_METRICS.queueBytes,
      queues.map(({ attributes, totals }) => ({ attributes, value: totals.queuedBytes })),
    ),
    ...(state.bpf ? counter(OWN_METRICS.bpfTime, [{ attributes: [], value: state.bpf.runTimeNs / 1e9 }]) : []),
    ...(state.bpf ? counter(OWN_METRICS.bpfRuns, [{ attributes: [], value: state.bpf.runCount }]) : []),
  ];
}

function exportAttributes(exporter: string, signal: string): KeyValue[] {
  return keyValues({ [POINT.signalKind.name]: signal, [POINT.exporter.name]: exporter });
}

function lossValue({ stage, reason, signal, exporter, count }: Loss): Value {
  const attributes = keyValues({
    [POINT.stage.name]: stage,
    [POINT.lossReason.name]: reason,
    [POINT.signalKind.name]: signal,
    [POINT.exporter.name]: exporter,
  });
  return { attributes, value: count };
}

function unrecordedValue([reason, value]: [string, number]): Value {
  return { attributes: keyValues({ [POINT.withoutReason.name]: reason }), value };
}
