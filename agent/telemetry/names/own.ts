/** Metrics of pgscope itself, under its own resource. */

import { counter, gauge } from './definition.js';
import { POINT } from './point.js';

export const OWN_METRICS = {
  losses: counter('pgscope.losses', '{item}', 'what was captured and did not arrive', [
    POINT.stage,
    POINT.lossReason,
    POINT.signalKind,
    POINT.exporter,
  ]),
  unrecorded: counter(
    'pgscope.spans.unrecorded',
    '{span}',
    'statements without a span because their client asked for none; no loss',
    [POINT.withoutReason],
  ),
  exported: counter('pgscope.export.items', '{item}', 'spans, data points and log records that were accepted', [
    POINT.signalKind,
    POINT.exporter,
  ]),
  superseded: counter(
    'pgscope.export.superseded',
    '{point}',
    'data points replaced by newer ones before they were sent; sums lose nothing',
    [POINT.exporter],
  ),
  queueItems: gauge('pgscope.export.queue.items', '{item}', 'spans, data points and log records that wait', [
    POINT.signalKind,
    POINT.exporter,
  ]),
  queueBytes: gauge('pgscope.export.queue.size', 'By', 'bytes that wait', [POINT.signalKind, POINT.exporter]),
  bpfTime: counter('pgscope.bpf.time', 's', 'run time of the BPF programs (kernel.bpf_stats_enabled)'),
  bpfRuns: counter('pgscope.bpf.runs', '{run}', 'runs of the BPF programs (kernel.bpf_stats_enabled)'),
} as const;
