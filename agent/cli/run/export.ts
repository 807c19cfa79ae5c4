/** Where a program's metrics and log records go, as options and environment say. */

import { packageVersion } from '../../package.js';
import { createProgramExport, type ProgramExport } from '../../programs.js';
import {
  createOtlpExporter,
  type Exporter,
  hostResource,
  openFileExporter,
  ownResource,
  programSettings,
  type Scope,
  thisHost,
} from '../../telemetry.js';
import { otlpOptionsOf } from '../otlp-options.js';
import type { RunArguments } from './arguments.js';

/** With no exporter where none is asked for. Rejects with a TelemetrySettingsError. */
export async function openProgramExport(
  { values }: RunArguments,
  env: NodeJS.ProcessEnv,
  onLog: (line: string) => void,
): Promise<ProgramExport> {
  const scope: Scope = { name: 'pgscope', version: packageVersion() };
  const settings = programSettings(otlpOptionsOf(values), env);
  hostResource({ pid: 0, dataDirectory: '' }, thisHost(), env); // says now what is wrong with OTEL_RESOURCE_ATTRIBUTES
  const exporters: Exporter[] = [];
  if (settings.metrics !== undefined || settings.logs !== undefined)
    exporters.push(createOtlpExporter(settings, scope, onLog));
  const file = values['otlp-file'];
  if (file !== undefined) exporters.push(await openFileExporter(file, scope, onLog, { signals: ['metrics', 'logs'] }));
  return createProgramExport({ exporters, scope, own: ownResource(scope.version, thisHost()) });
}
