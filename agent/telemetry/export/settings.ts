/**
 * Where and how to export over OTLP, from options and from the standard OTEL_EXPORTER_OTLP_* and OTEL_*_EXPORTER variables. An
 * option is before a variable, a variable of one signal before the one of all. Unusable values are errors that name option or variable.
 */

import { validateHeaderName, validateHeaderValue } from 'node:http';
import { parsePairs, TelemetrySettingsError } from '../pairs.js';
import { isExported } from './chosen-exporter.js';
import { signalUrl } from './endpoint.js';
import type { TlsFiles } from './http-delivery.js';
import type { OtlpProtocol, OtlpSettings, OtlpTarget } from './otlp-exporter.js';
import { COMMAND_REMEDIES } from './remedies.js';
import { readTlsFiles } from './tls-files.js';

/** Each field: the option `--otlp-…` of the same name, as text. */
export interface OtlpOptions {
  /** Base URL; /v1/traces, /v1/metrics or /v1/logs is put behind it. */
  endpoint?: string;
  /** `http/protobuf` (default) or `http/json`. */
  protocol?: string;
  /** `key1=value1,key2=value2`, values percent-encoded. */
  headers?: string;
  /** For one request, ms; default 10000. */
  timeout?: string;
  /** `gzip` (default) or `none`. */
  compression?: string;
  /** PEM file: certificates of the authorities to trust. */
  certificate?: string;
  /** PEM files: our own certificate and its key. */
  clientCertificate?: string;
  clientKey?: string;
}

export type Environment = Record<string, string | undefined>;

const PREFIX = 'OTEL_EXPORTER_OTLP_';
export const DEFAULT_TIMEOUT_MS = 10_000;

/** A setting and where it comes from. */
interface Setting {
  value: string;
  source: string;
  /** From a variable of one signal: an endpoint is used as it is. */
  ofSignal: boolean;
}

/**
 * `defaultEndpoint`: where to export if no endpoint is given; without it such a signal is not exported. Nor is one whose exporter is
 * `none`, whatever the endpoint is.
 */
export function otlpSettings(options: OtlpOptions, env: Environment, defaultEndpoint?: string): OtlpSettings {
  return {
    traces: target('TRACES', options, env, defaultEndpoint),
    metrics: target('METRICS', options, env, defaultEndpoint),
  };
}

/** The same of what programs tell: metrics and log records. */
export function programSettings(options: OtlpOptions, env: Environment): OtlpSettings {
  return {
    traces: undefined,
    metrics: target('METRICS', options, env, undefined),
    logs: target('LOGS', options, env, undefined),
  };
}

const SIGNALS = { TRACES: 'traces', METRICS: 'metrics', LOGS: 'logs' } as const;

function target(
  signal: keyof typeof SIGNALS,
  options: OtlpOptions,
  env: Environment,
  defaultEndpoint: string | undefined,
): OtlpTarget | undefined {
  if (!isExported(env[`OTEL_${signal}_EXPORTER`], `OTEL_${signal}_EXPORTER`)) return undefined;
  const find = (option: keyof OtlpOptions): Setting | undefined => {
    const candidates: [string | undefined, string, boolean][] = [
      [options[option], flagName(option), false],
      [env[`${PREFIX}${signal}_${variableName(option)}`], `${PREFIX}${signal}_${variableName(option)}`, true],
      [env[`${PREFIX}${variableName(option)}`], `${PREFIX}${variableName(option)}`, false],
    ];
    // An empty variable means the same as none (OpenTelemetry specification, "Parsing empty value").
    const found = candidates.find(([value]) => value !== undefined && value.trim() !== '');
    return found === undefined ? undefined : { value: (found[0] ?? '').trim(), source: found[1], ofSignal: found[2] };
  };
  const endpoint =
    find('endpoint') ??
    (defaultEndpoint === undefined ? undefined : { value: defaultEndpoint, source: 'default', ofSignal: false });
  if (endpoint === undefined) return undefined;
  const { value, source, ofSignal } = endpoint;
  const path = ofSignal ? '' : `/v1/${signal.toLowerCase()}`;
  const url = signalUrl({ value, source, path, headers: `${PREFIX}HEADERS` });
  return {
    signal: SIGNALS[signal],
    url,
    protocol: protocolOf(find('protocol')),
    headers: headersOf(signal, options, env),
    timeoutMs: timeoutOf(find('timeout')),
    gzip: gzipOf(find('compression')),
    tls: url.protocol === 'https:' ? tlsOf(find) : {},
    remedies: COMMAND_REMEDIES,
  };
}

function flagName(option: keyof OtlpOptions): string {
  return `--otlp-${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function variableName(option: keyof OtlpOptions): string {
  return option.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

function protocolOf(setting: Setting | undefined): OtlpProtocol {
  if (setting === undefined) return 'http/protobuf';
  const { value, source } = setting;
  if (value === 'http/protobuf' || value === 'http/json') return value;
  const remedy = "use http/protobuf or http/json, with the receiver's HTTP port (usually 4318)";
  if (value === 'grpc') throw new TelemetrySettingsError(`${source}: grpc is not supported; ${remedy}`);
  throw new TelemetrySettingsError(`${source}: unknown protocol ${JSON.stringify(value)}; ${remedy}`);
}

/** Headers of all levels together; for one name the nearest counts. */
function headersOf(signal: string, options: OtlpOptions, env: Environment): Record<string, string> {
  const levels: [string | undefined, string][] = [
    [env[`${PREFIX}HEADERS`], `${PREFIX}HEADERS`],
    [env[`${PREFIX}${signal}_HEADERS`], `${PREFIX}${signal}_HEADERS`],
    [options.headers, flagName('headers')],
  ];
  return Object.assign(
    {},
    ...levels.map(([text, source]) => (text === undefined ? {} : validHeaders(parsePairs(text, source), source))),
  );
}

/** `source`: where they come from, for errors; values are never shown. */
export function validHeaders(headers: Record<string, string>, source: string): Record<string, string> {
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch {
      throw new TelemetrySettingsError(
        `${source}: ${JSON.stringify(name)} is no HTTP header, or its value has characters that no header can have`,
      );
    }
  }
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function timeoutOf(setting: Setting | undefined): number {
  if (setting === undefined) return DEFAULT_TIMEOUT_MS;
  const timeoutMs = Number(setting.value);
  if (Number.isInteger(timeoutMs) && timeoutMs > 0 && timeoutMs <= 600_000) return timeoutMs;
  throw new TelemetrySettingsError(
    `${setting.source}: ${JSON.stringify(setting.value)} is no time in milliseconds between 1 and 600000`,
  );
}

function gzipOf(setting: Setting | undefined): boolean {
  if (setting === undefined || setting.value === 'gzip') return true;
  if (setting.value === 'none') return false;
  throw new TelemetrySettingsError(
    `${setting.source}: unknown compression ${JSON.stringify(setting.value)}; use gzip or none`,
  );
}

function tlsOf(find: (option: keyof OtlpOptions) => Setting | undefined): TlsFiles {
  const ca = find('certificate');
  const cert = find('clientCertificate');
  const key = find('clientKey');
  return readTlsFiles({ ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) });
}
