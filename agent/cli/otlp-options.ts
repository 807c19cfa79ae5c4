/** The options that say where telemetry goes; `record` and `run` share them. */

import type { OtlpOptions } from '../telemetry.js';

/** For parseArgs of node:util. */
export const otlpOptions = {
  'otlp-endpoint': { type: 'string' },
  'otlp-protocol': { type: 'string' },
  'otlp-headers': { type: 'string' },
  'otlp-compression': { type: 'string' },
  'otlp-timeout': { type: 'string' },
  'otlp-certificate': { type: 'string' },
  'otlp-client-certificate': { type: 'string' },
  'otlp-client-key': { type: 'string' },
  'otlp-file': { type: 'string' },
} as const;

export const OTLP_HELP = `  --otlp-endpoint URL    an OTLP receiver, such as http://localhost:4318
  --otlp-protocol NAME   http/protobuf (default) or http/json
  --otlp-headers LIST    headers of each request: key1=value1,key2=value2, the
                         values percent-encoded
  --otlp-compression C   gzip (default) or none
  --otlp-timeout MS      for one request (default 10000)
  --otlp-certificate FILE
                         authorities (PEM) that the receiver is checked against
  --otlp-client-certificate FILE, --otlp-client-key FILE
                         certificate and key (PEM) that we show to the receiver
  --otlp-file FILE       the same requests as OTLP JSON lines, for
                         pgscope report or the OpenTelemetry Collector
`;

/** Those that were given. */
export function otlpOptionsOf(values: Partial<Record<keyof typeof otlpOptions, string | undefined>>): OtlpOptions {
  const given: Partial<Record<keyof OtlpOptions, string | undefined>> = {
    endpoint: values['otlp-endpoint'],
    protocol: values['otlp-protocol'],
    headers: values['otlp-headers'],
    compression: values['otlp-compression'],
    timeout: values['otlp-timeout'],
    certificate: values['otlp-certificate'],
    clientCertificate: values['otlp-client-certificate'],
    clientKey: values['otlp-client-key'],
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
