/** Whether a signal is to be exported at all: OTEL_TRACES_EXPORTER, OTEL_METRICS_EXPORTER and OTEL_LOGS_EXPORTER, whose default is `otlp`. */

import { TelemetrySettingsError } from '../pairs.js';

/** `value`: of the variable `source`; a list, without regard to case. Throws if it names an exporter that there is none of. */
export function isExported(value: string | undefined, source: string): boolean {
  const names = (value ?? '').split(',').map((name) => name.trim().toLowerCase());
  const given = names.filter((name) => name !== '');
  const unknown = given.find((name) => name !== 'otlp' && name !== 'none');
  if (unknown !== undefined) {
    throw new TelemetrySettingsError(
      `${source}: there is no exporter ${JSON.stringify(unknown)} here; use otlp, or none to export nothing of this kind`,
    );
  }
  return given.length === 0 || given.includes('otlp');
}
