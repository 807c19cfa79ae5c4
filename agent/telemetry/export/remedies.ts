/** What a message advises depends on where the settings are made: in the environment of a command, or in the values of the chart. */

import type { Signal } from './account.js';

export interface Remedies {
  /** Names of settings. */
  endpoint: string;
  headers: string;
  clientCertificate: string;
  protocol: string;
  /** What to do where the receiver takes one signal alone; completes "if this receiver takes no metrics, ". */
  withoutPlace(signal: Signal): string;
}

export const COMMAND_REMEDIES: Remedies = {
  endpoint: 'endpoint',
  headers: 'the headers (OTEL_EXPORTER_OTLP_HEADERS)',
  clientCertificate: 'the client certificate',
  protocol: 'the other protocol',
  withoutPlace: (signal) =>
    signal === 'logs'
      ? 'set OTEL_LOGS_EXPORTER=none, or give OTEL_EXPORTER_OTLP_LOGS_ENDPOINT'
      : `set OTEL_${signal.toUpperCase()}_EXPORTER=none, or give OTEL_EXPORTER_OTLP_TRACES_ENDPOINT and ` +
        'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT instead of one endpoint for both',
};

/** `name`: of the destination. */
export function chartRemedies(name: string): Remedies {
  const value = (field: string) => `destinations.${name}.${field}`;
  return {
    endpoint: value('endpoint'),
    headers: `the Secret of ${value('headers')}`,
    clientCertificate: `that of ${value('clientCertificate')}`,
    protocol: `the other ${value('protocol')}`,
    withoutPlace: (signal) => {
      const [first, ...others] = OTHERS[signal].map((other) => `${other}Endpoint`);
      return `give ${value(first ?? '')} and ${others} in place of endpoint, and ${signal}Endpoint where ${signal} are to go`;
    },
  };
}

const SIGNALS: Signal[] = ['traces', 'metrics', 'logs'];
const OTHERS = Object.fromEntries(
  SIGNALS.map((signal) => [signal, SIGNALS.filter((other) => other !== signal)]),
) as Record<Signal, Signal[]>;
