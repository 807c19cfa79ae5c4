/** Where a recording goes besides the table: telemetry with the exporters that options and environment ask for. */

import type { CaptureSettings, CaptureSink } from '../../capture.js';
import { packageVersion } from '../../package.js';
import {
  createOtlpExporter,
  createTelemetry,
  type Exporter,
  hostResource,
  type Loss,
  openFileExporter,
  otlpSettings,
  ownResource,
  type Scope,
  type Telemetry,
  thisHost,
} from '../../telemetry.js';
import { otlpOptionsOf } from '../otlp-options.js';
import type { RecordValues } from './arguments.js';

export interface ExportOptions {
  values: RecordValues;
  settings: CaptureSettings;
  env: NodeJS.ProcessEnv;
  onLog(line: string): void;
}

export interface Export {
  sink: CaptureSink;
  /** After each drain. */
  collect(): void;
  /** Sends what is left; what was lost in all. */
  end(): Promise<Loss[]>;
}

/** How long a receiver that does not answer can hold up the end. */
const END_DEADLINE_MS = 10_000;

/** Undefined if nothing is to be exported. Rejects with a TelemetrySettingsError. */
export async function openExport({ values, settings, env, onLog }: ExportOptions): Promise<Export | undefined> {
  const scope: Scope = { name: 'pgscope', version: packageVersion() };
  const otlp = otlpSettings(otlpOptionsOf(values), env);
  hostResource({ pid: 0, dataDirectory: '' }, thisHost(), env); // says now what is wrong with OTEL_RESOURCE_ATTRIBUTES
  const exporters: Exporter[] = [];
  if (otlp.traces !== undefined || otlp.metrics !== undefined) exporters.push(createOtlpExporter(otlp, scope, onLog));
  if (values['otlp-file'] !== undefined) exporters.push(await openFileExporter(values['otlp-file'], scope, onLog));
  if (exporters.length === 0) return undefined;
  const telemetry = createTelemetry({ exporters, scope, resource: ownResource(scope.version, thisHost()) });
  return {
    sink: telemetrySink(telemetry, settings, env),
    collect: () => telemetry.collect(),
    async end() {
      await telemetry.shutdown(END_DEADLINE_MS);
      return telemetry.totals().losses;
    },
  };
}

function telemetrySink(telemetry: Telemetry, settings: CaptureSettings, env: NodeJS.ProcessEnv): CaptureSink {
  const host = thisHost();
  const options = { maxQueries: settings.maxQueries, rawText: settings.tracer.rawText };
  return {
    ...telemetry,
    addTarget: (server) =>
      telemetry.addTarget(server.target, hostResource(server, host, env), {
        ...options,
        major: server.major,
      }),
    query: ({ target, fingerprint, described }) => telemetry.query(target, fingerprint, described),
  };
}
