/** Where telemetry goes in the suite: a real Jaeger, a real Prometheus and a real collector on the control plane's machine, and a recorder in the test. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { type Receiver, startReceiver } from '../agent/telemetry/export/receiver.js';
import { CONTROL_PLANE } from '../cluster/commands.js';
import { startDaemon } from '../cluster/daemon.js';
import { CONTROL_PLANE_ADDRESS } from '../cluster/network.js';
import { Recorded } from '../command/otlp.js';
import { type QueryApi, queryApi } from '../jaeger/query-api.js';
import { startCollector } from './collector.js';
import { eventually, record } from './kubernetes.js';

const address = (port: number): string => `http://${CONTROL_PLANE_ADDRESS}:${port}`;
const RECORDER_PORT = 4319;

/** Jaeger's receiver, as `OTEL_EXPORTER_OTLP_ENDPOINT` takes it. */
export const OTLP = address(4318);
export const JAEGER_OTLP = `${OTLP}/v1/traces`;
export const PROMETHEUS_OTLP = `${address(9090)}/api/v1/otlp/v1/metrics`;
export const RECORDER = address(RECORDER_PORT);
export const jaeger: QueryApi = queryApi(address(16686));

export async function startReceivers(): Promise<void> {
  if (record.daemons.some(({ name }) => name === 'prometheus')) return;
  const [{ stdout: jaegerProgram }, { stdout: prometheus }] = await Promise.all([
    execa('scripts/build-jaeger.sh', { stderr: 'inherit' }),
    execa('scripts/build-cluster.sh', ['prometheus'], { stderr: 'inherit' }),
  ]);
  const machine = CONTROL_PLANE;
  await startDaemon(record, { name: 'jaeger', machine, command: ['env', 'JAEGER_LISTEN_HOST=0.0.0.0', jaegerProgram] });
  const folder = join(record.directory, 'prometheus');
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'prometheus.yml');
  // Every attribute that tells series of two containers apart becomes a label.
  writeFileSync(config, JSON.stringify({ otlp: { promote_all_resource_attributes: true } }));
  const flags = [`--config.file=${config}`, `--storage.tsdb.path=${folder}/data`, '--web.enable-otlp-receiver'];
  const command = [join(prometheus, 'prometheus'), ...flags, '--web.listen-address=0.0.0.0:9090', '--log.level=warn'];
  await startDaemon(record, { name: 'prometheus', machine, command });
  await startCollector(jaegerProgram);
  await eventually('the start of Jaeger', async () => Array.isArray(await jaeger.services()));
  await eventually('the start of Prometheus', async () => (await fetch(`${address(9090)}/-/ready`)).ok);
}

/** Values of the series that a PromQL expression gives, with their labels; of a native histogram its count. */
export async function promQl(query: string): Promise<{ labels: Record<string, string>; value: number }[]> {
  const response = await fetch(`${address(9090)}/api/v1/query?${new URLSearchParams({ query })}`);
  const { data, error } = (await response.json()) as {
    data?: {
      result: {
        metric: Record<string, string>;
        value?: [number, string];
        histogram?: [number, { count: string }];
      }[];
    };
    error?: string;
  };
  if (data === undefined) throw new Error(`Prometheus: ${query}: ${error}`);
  return data.result.map(({ metric, value, histogram }) => ({
    labels: metric,
    value: Number(value?.[1] ?? histogram?.[1].count),
  }));
}

export interface Recorder extends Receiver {
  /** All that has come so far. */
  readonly recorded: Recorded;
}

/** The destination "recorder": keeps each request, so that every point of every series can be looked at. */
export async function startRecorder(): Promise<Recorder> {
  const receiver = await startReceiver(() => ({}), undefined, RECORDER_PORT, CONTROL_PLANE_ADDRESS);
  return Object.defineProperty(receiver, 'recorded', {
    get: () => Recorded.fromBodies(receiver.received.map(({ body }) => body)),
  }) as Recorder;
}
