/** The agent's own numbers in Prometheus' text format: what its OTLP metrics say too, for those who scrape. */

import { TARGET_STATES, type TargetRow } from '../../api/node-profile.js';
import type { Receivers } from './receivers.js';

export interface PageFacts {
  receivers: Receivers;
  rows: readonly TargetRow[];
  nodeProfiles: number;
  synced: boolean;
  /** Runs of trace programs by state. */
  programs: Readonly<Record<string, number>>;
  tracerRunning: boolean;
  tracerRestarts: number;
  /** In the kernel, the tracer and the router. */
  captureLosses: Record<string, number>;
  statusWriteFailures: number;
}

type Labels = Record<string, string>;
type Sample = [labels: Labels, value: number];

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export function metricsPage(facts: PageFacts): string {
  const destinations = [...facts.receivers.values()].map((receiver) => ({
    ...receiver,
    totals: receiver.telemetry.totals(),
  }));
  const signals = destinations.flatMap(({ name, totals }) =>
    totals.exporters.flatMap((exporter) =>
      exporter.signals.map((signal) => ({ labels: { destination: name, signal: signal.signal }, signal })),
    ),
  );
  const bpf = destinations.map(({ totals }) => totals.bpf);
  const states = TARGET_STATES.map(
    (state): Sample => [{ state }, facts.rows.filter((row) => row.state === state).length],
  );
  const losses = [
    ...Object.entries(facts.captureLosses).map(([reason, count]): Sample => [{ stage: 'capture', reason }, count]),
    ...destinations.flatMap(({ name, totals }) =>
      totals.losses
        .filter(({ stage }) => stage !== 'capture')
        .map(
          ({ stage, reason, signal, count }): Sample => [
            { stage, reason, destination: name, ...(signal === undefined ? {} : { signal }) },
            count,
          ],
        ),
    ),
  ];
  return [
    ...family('pgscope_losses_total', 'counter', 'What was captured and did not arrive.', losses),
    ...family('pgscope_node_targets', 'gauge', 'Rows of NodeProfiles by state.', states),
    ...family(
      'pgscope_node_programs',
      'gauge',
      'Runs of trace programs by state.',
      Object.entries(facts.programs).map(([state, count]): Sample => [{ state }, count]),
    ),
    ...family('pgscope_node_profiles', 'gauge', 'NodeProfiles of this node.', [[{}, facts.nodeProfiles]]),
    ...family('pgscope_node_profiles_synced', 'gauge', '1 when the list of NodeProfiles is known.', [
      [{}, +facts.synced],
    ]),
    ...family('pgscope_status_write_failures_total', 'counter', 'Writes of a status that failed.', [
      [{}, facts.statusWriteFailures],
    ]),
    ...family('pgscope_tracer_running', 'gauge', '1 while the tracer runs.', [[{}, +facts.tracerRunning]]),
    ...family('pgscope_tracer_restarts_total', 'counter', 'How often the tracer was started again.', [
      [{}, facts.tracerRestarts],
    ]),
    ...family(
      'pgscope_destination_usable',
      'gauge',
      '0 where nothing can be sent because its definition is wrong.',
      destinations.map(({ name, fault }) => [{ destination: name }, +(fault === undefined)]),
    ),
    ...family(
      'pgscope_export_items_total',
      'counter',
      'Spans, data points and log records that were accepted.',
      signals.map(({ labels, signal }) => [labels, signal.exported]),
    ),
    ...family(
      'pgscope_export_queue_items',
      'gauge',
      'Spans, data points and log records that wait.',
      signals.map(({ labels, signal }) => [labels, signal.queuedItems]),
    ),
    ...family(
      'pgscope_export_queue_bytes',
      'gauge',
      'Bytes that wait.',
      signals.map(({ labels, signal }) => [labels, signal.queuedBytes]),
    ),
    ...family('pgscope_bpf_time_seconds_total', 'counter', 'Run time of the BPF programs (kernel.bpf_stats_enabled).', [
      [{}, Math.max(0, ...bpf.map(({ runTimeNs }) => runTimeNs)) / 1e9],
    ]),
    ...family('pgscope_bpf_runs_total', 'counter', 'Runs of the BPF programs (kernel.bpf_stats_enabled).', [
      [{}, Math.max(0, ...bpf.map(({ runCount }) => runCount))],
    ]),
    ...memory(),
    '',
  ].join('\n');
}

/** Without the tracer, which is a process of its own. */
function memory(): string[] {
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
  return [
    ...family('process_resident_memory_bytes', 'gauge', 'Resident memory of the agent.', [[{}, rss]]),
    ...family('nodejs_heap_size_used_bytes', 'gauge', 'Heap in use.', [[{}, heapUsed]]),
    ...family('nodejs_heap_size_total_bytes', 'gauge', 'Heap taken from the system.', [[{}, heapTotal]]),
    ...family('nodejs_external_memory_bytes', 'gauge', "Buffers, and the SQL parser's memory.", [[{}, external]]),
  ];
}

function family(name: string, type: 'counter' | 'gauge', help: string, samples: readonly Sample[]): string[] {
  if (samples.length === 0) return [];
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...samples.map(([labels, value]) => `${name}${labelled(labels)} ${value}`),
  ];
}

function labelled(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
