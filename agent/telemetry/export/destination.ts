/** Where and how to export over OTLP, from what an administrator has written about a destination. */

import { TelemetrySettingsError } from '../pairs.js';
import { changingFiles, readSmallFile } from './changing-files.js';
import { signalUrl } from './endpoint.js';
import type { OtlpProtocol, OtlpSettings, OtlpTarget } from './otlp-exporter.js';
import { chartRemedies } from './remedies.js';
import { DEFAULT_TIMEOUT_MS, validHeaders } from './settings.js';
import { type PemSetting, readTlsFiles } from './tls-files.js';

export interface OtlpDestination {
  /** Base URL; /v1/traces, /v1/metrics or /v1/logs is put behind it. */
  endpoint?: string | undefined;
  /** The whole URL for one signal, in place of `endpoint`; without either the signal is not exported. */
  tracesEndpoint?: string | undefined;
  metricsEndpoint?: string | undefined;
  logsEndpoint?: string | undefined;
  protocol: OtlpProtocol;
  compression: 'gzip' | 'none';
  /** PEM files: authorities to trust in place of the system's; our own certificate and its key. */
  caFile?: string | undefined;
  certFile?: string | undefined;
  keyFile?: string | undefined;
  /** A file with a header on each line, `name: value`. */
  headersFile?: string | undefined;
}

/**
 * `name` of the destination, for errors. Throws a TelemetrySettingsError; its message never holds a header's value. Headers and certificates
 * are read again when their files change. `now`: monotonic ms.
 */
export function destinationSettings(
  name: string,
  destination: OtlpDestination,
  now = () => performance.now(),
): OtlpSettings {
  const urls = {
    traces: urlOf(name, destination, 'traces'),
    metrics: urlOf(name, destination, 'metrics'),
    logs: urlOf(name, destination, 'logs'),
  };
  const isSecure = Object.values(urls).some((url) => url?.protocol === 'https:');
  const { caFile, certFile, keyFile, headersFile } = destination;
  const files = [headersFile, ...(isSecure ? [caFile, certFile, keyFile] : [])].filter((file) => file !== undefined);
  const read = () => ({
    headers: readHeaders(name, headersFile),
    tls: isSecure ? readTls(name, destination) : {},
  });
  const renewed = changingFiles({ what: 'headers and certificates', files, read, now });
  const first = renewed(false, () => {});
  const target = (signal: keyof typeof urls): OtlpTarget | undefined => {
    const url = urls[signal];
    if (url === undefined) return undefined;
    return {
      signal,
      url,
      protocol: destination.protocol,
      ...first,
      ...(files.length > 0 && { renewed }),
      timeoutMs: DEFAULT_TIMEOUT_MS,
      gzip: destination.compression === 'gzip',
      remedies: chartRemedies(name),
    };
  };
  return { traces: target('traces'), metrics: target('metrics'), logs: target('logs') };
}

function urlOf(name: string, destination: OtlpDestination, signal: 'traces' | 'metrics' | 'logs'): URL | undefined {
  const field = `${signal}Endpoint` as const;
  const own = destination[field];
  const headers = `destinations.${name}.headers`;
  if (own !== undefined) return signalUrl({ value: own, source: `${name}.${field}`, path: '', headers });
  const { endpoint: value } = destination;
  return value === undefined
    ? undefined
    : signalUrl({ value, source: `${name}.endpoint`, path: `/v1/${signal}`, headers });
}

function readTls(name: string, { caFile, certFile, keyFile }: OtlpDestination) {
  const setting = (field: string, value: string | undefined): PemSetting | undefined =>
    value === undefined ? undefined : { value, source: `${name}.${field}` };
  const [ca, cert, key] = [setting('caFile', caFile), setting('certFile', certFile), setting('keyFile', keyFile)];
  return readTlsFiles({ ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) });
}

function readHeaders(name: string, file: string | undefined): Record<string, string> {
  if (file === undefined) return {};
  const source = `${name}.headersFile`;
  const lines = readText(file, source).split(/\r?\n/);
  const pairs = lines.flatMap((line, i) =>
    line.trim() === '' ? [] : [headerOf(line, `${source}: line ${i + 1} of ${file}`)],
  );
  return validHeaders(Object.fromEntries(pairs), source);
}

function headerOf(line: string, where: string): [string, string] {
  const colon = line.indexOf(':');
  if (colon < 1) throw new TelemetrySettingsError(`${where} is no header; write it as name: value`);
  return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
}

function readText(file: string, source: string): string {
  try {
    return readSmallFile(file);
  } catch (error) {
    throw new TelemetrySettingsError(`${source}: ${file} cannot be read: ${(error as Error).message}`);
  }
}
