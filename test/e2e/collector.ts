/** A receiver of log records that is not ours: Jaeger's program as the OpenTelemetry Collector that it is, which writes down what it gets. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONTROL_PLANE } from '../cluster/commands.js';
import { daemonOf, logOf, startDaemon } from '../cluster/daemon.js';
import { CONTROL_PLANE_ADDRESS } from '../cluster/network.js';
import { eventually, record } from './kubernetes.js';

const NAME = 'collector';
const PORT = 4328;

export const COLLECTOR_LOGS = `http://${CONTROL_PLANE_ADDRESS}:${PORT}/v1/logs`;

export interface LogRecord {
  event: string;
  resource: Record<string, string>;
  attributes: Record<string, string>;
}

/** `program`: Jaeger's. */
export async function startCollector(program: string): Promise<void> {
  const folder = join(record.directory, NAME);
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'config.json');
  writeFileSync(config, JSON.stringify(CONFIGURATION));
  await startDaemon(record, { name: NAME, machine: CONTROL_PLANE, command: [program, '--config', config] });
  const request = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' };
  await eventually('the start of the collector', async () => (await fetch(COLLECTOR_LOGS, request)).ok);
}

const CONFIGURATION = {
  receivers: { otlp: { protocols: { http: { endpoint: `0.0.0.0:${PORT}` } } } },
  exporters: { debug: { verbosity: 'detailed' } },
  service: {
    pipelines: { logs: { receivers: ['otlp'], exporters: ['debug'] } },
    // Jaeger itself has their port.
    telemetry: { metrics: { level: 'none' } },
  },
};

/** All that the collector has written so far. */
export function collectorLog(): string {
  return readFileSync(logOf(record, daemonOf(record, NAME)), 'utf8');
}

/** The records that it has got so far, as its exporter `debug` shows them: a line for each thing, what belongs to it below. */
export function logRecords(): LogRecord[] {
  const [, ...resources] = collectorLog().split(/\bResourceLog #\d+$/m);
  return resources.flatMap((block) => {
    const [head = '', ...records] = block.split(/^LogRecord #\d+$/m);
    const resource = attributesIn(head, 'ScopeLogs #');
    return records.map((text) => {
      return {
        event: /^EventName: (.*)$/m.exec(text)?.[1] ?? '',
        resource,
        attributes: attributesIn(text, 'Trace ID:'),
      };
    });
  });
}

function attributesIn(text: string, end: string): Record<string, string> {
  const [own = ''] = text.split(`\n${end}`);
  const found = own.matchAll(/^ {5}-> (\S+): \w+\((.*)\)$/gm);
  return Object.fromEntries(Array.from(found, ([, key = '', value = '']) => [key, value]));
}
