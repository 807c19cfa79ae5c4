import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { otlpSettings } from '../../../../agent/telemetry/export/settings.js';
import { TelemetrySettingsError } from '../../../../agent/telemetry/pairs.js';

const HOST = 'http://collector:4318';
const urls = (
  options: Parameters<typeof otlpSettings>[0],
  env: Record<string, string> = {},
  defaultEndpoint?: string,
) => {
  const { traces, metrics } = otlpSettings(options, env, defaultEndpoint);
  return [traces?.url.href, metrics?.url.href];
};

describe('the endpoint', () => {
  test('is the base of both signals', () => {
    expect(urls({ endpoint: HOST })).toEqual([`${HOST}/v1/traces`, `${HOST}/v1/metrics`]);
    expect(urls({}, { OTEL_EXPORTER_OTLP_ENDPOINT: `${HOST}/otlp/` })).toEqual([
      `${HOST}/otlp/v1/traces`,
      `${HOST}/otlp/v1/metrics`,
    ]);
  });

  test('of one signal is used as it is, before the one of all', () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: HOST, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://jaeger:1234/in?x=1' };
    expect(urls({}, env)).toEqual(['http://jaeger:1234/in?x=1', `${HOST}/v1/metrics`]);
    expect(urls({ endpoint: 'http://flag' }, env)).toEqual(['http://flag/v1/traces', 'http://flag/v1/metrics']);
  });

  test('without one nothing is exported, unless there is a default', () => {
    expect(urls({})).toEqual([undefined, undefined]);
    expect(urls({}, { OTEL_EXPORTER_OTLP_ENDPOINT: '' })).toEqual([undefined, undefined]);
    expect(urls({}, {}, HOST)).toEqual([`${HOST}/v1/traces`, `${HOST}/v1/metrics`]);
    expect(urls({}, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://jaeger/v1/traces' })).toEqual([
      'http://jaeger/v1/traces',
      undefined,
    ]);
  });
});

describe('the exporter of a signal', () => {
  test.each([
    [{ OTEL_METRICS_EXPORTER: 'none' }, [`${HOST}/v1/traces`, undefined]],
    [{ OTEL_TRACES_EXPORTER: ' None ' }, [undefined, `${HOST}/v1/metrics`]],
    [{ OTEL_METRICS_EXPORTER: 'otlp', OTEL_TRACES_EXPORTER: '' }, [`${HOST}/v1/traces`, `${HOST}/v1/metrics`]],
    [
      { OTEL_METRICS_EXPORTER: 'none', OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'no URL' },
      [`${HOST}/v1/traces`, undefined],
    ],
  ])('%j', (env, expected) => {
    expect(urls({ endpoint: HOST }, env as Record<string, string>)).toEqual(expected);
  });
});

test('everything has its default', () => {
  expect(otlpSettings({ endpoint: HOST }, {}).traces).toMatchObject({
    protocol: 'http/protobuf',
    gzip: true,
    timeoutMs: 10_000,
    headers: {},
    tls: {},
  });
});

test('an option is before the variable of a signal, which is before the one of all', () => {
  const env = {
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_OTLP_TIMEOUT: '500',
    OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: 'none',
  };
  const { traces, metrics } = otlpSettings({ endpoint: HOST }, env);
  expect(traces).toMatchObject({ protocol: 'http/json', timeoutMs: 500, gzip: false });
  expect(metrics).toMatchObject({ protocol: 'http/protobuf', timeoutMs: 500, gzip: true });
  expect(
    otlpSettings({ endpoint: HOST, protocol: 'http/protobuf', timeout: '9', compression: 'gzip' }, env).traces,
  ).toMatchObject({ protocol: 'http/protobuf', timeoutMs: 9, gzip: true });
});

test('headers of all levels are joined, the nearest value counts', () => {
  const env = {
    OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=a, Authorization=Basic%20abc%3D',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-tenant=b',
  };
  const { traces, metrics } = otlpSettings({ endpoint: HOST, headers: 'x-more=1' }, env);
  expect(traces?.headers).toEqual({ 'x-tenant': 'b', authorization: 'Basic abc=', 'x-more': '1' });
  expect(metrics?.headers).toEqual({ 'x-tenant': 'a', authorization: 'Basic abc=', 'x-more': '1' });
});

describe('an unusable value is named, with a remedy', () => {
  const PREFIX = 'OTEL_EXPORTER_OTLP';
  test.each([
    [
      { [`${PREFIX}_ENDPOINT`]: 'collector:4318' },
      /OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" is no URL; write it as http:/,
    ],
    [{ [`${PREFIX}_METRICS_ENDPOINT`]: 'ftp://x' }, /OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: .*is no URL/],
    [{ [`${PREFIX}_ENDPOINT`]: 'http://collector:4317' }, /OTEL_EXPORTER_OTLP_ENDPOINT: port 4317 .*gRPC.*4318/],
    [{ [`${PREFIX}_ENDPOINT`]: 'http://me:hunter2@collector' }, /OTEL_EXPORTER_OTLP_ENDPOINT: .*header/],
    [{ [`${PREFIX}_ENDPOINT`]: 'me:hunter2@collector' }, /OTEL_EXPORTER_OTLP_ENDPOINT: the value is no URL/],
    [
      { [`${PREFIX}_PROTOCOL`]: 'grpc' },
      /OTEL_EXPORTER_OTLP_PROTOCOL: grpc is not supported; use http\/protobuf.*4318/,
    ],
    [
      { [`${PREFIX}_TRACES_PROTOCOL`]: 'thrift' },
      /OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: unknown protocol "thrift"; use http\/protobuf/,
    ],
    [{ [`${PREFIX}_TIMEOUT`]: '10s' }, /OTEL_EXPORTER_OTLP_TIMEOUT: "10s" is no time in milliseconds/],
    [{ [`${PREFIX}_TIMEOUT`]: '0' }, /OTEL_EXPORTER_OTLP_TIMEOUT/],
    [
      { [`${PREFIX}_COMPRESSION`]: 'zstd' },
      /OTEL_EXPORTER_OTLP_COMPRESSION: unknown compression "zstd"; use gzip or none/,
    ],
    [
      { OTEL_METRICS_EXPORTER: 'prometheus' },
      /OTEL_METRICS_EXPORTER: there is no exporter "prometheus" here; use otlp, or none/,
    ],
    [{ [`${PREFIX}_HEADERS`]: 'hunter2' }, /OTEL_EXPORTER_OTLP_HEADERS: entry 1 is no key=value/],
    [{ [`${PREFIX}_HEADERS`]: 'a=b,x=hunter2%zz' }, /OTEL_EXPORTER_OTLP_HEADERS: entry 2 .*%25/],
    [{ [`${PREFIX}_HEADERS`]: 'bad name=hunter2' }, /OTEL_EXPORTER_OTLP_HEADERS: "bad name" is no HTTP header/],
    [{ [`${PREFIX}_HEADERS`]: 'x=hunter2%0A' }, /OTEL_EXPORTER_OTLP_HEADERS: "x" is no HTTP header/],
  ])('%j', (env, message) => {
    const settings = () => otlpSettings({}, { OTEL_EXPORTER_OTLP_ENDPOINT: HOST, ...env } as Record<string, string>);
    expect(settings).toThrow(TelemetrySettingsError);
    expect(settings).toThrow(message);
    expect(settings).not.toThrow(/hunter2/);
  });

  test('of an option by the option', () => {
    expect(() => otlpSettings({ endpoint: 'http://collector:4317' }, {})).toThrow(/^--otlp-endpoint: port 4317/);
  });
});

describe('certificates', () => {
  const https = 'https://collector:4318';
  test('are read only for https', () => {
    expect(otlpSettings({ endpoint: HOST, certificate: '/nowhere.pem' }, {}).traces?.tls).toEqual({});
  });

  test('that cannot be read, or hold none, are named', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pgscope-settings-'));
    try {
      const notPem = join(folder, 'ca.pem');
      writeFileSync(notPem, 'hello');
      const env = { OTEL_EXPORTER_OTLP_CERTIFICATE: notPem };
      expect(() => otlpSettings({ endpoint: https }, env)).toThrow(
        /OTEL_EXPORTER_OTLP_CERTIFICATE: .*ca\.pem holds no certificate/,
      );
      expect(() => otlpSettings({ endpoint: https, certificate: join(folder, 'none') }, {})).toThrow(
        /--otlp-certificate: .*none cannot be read: ENOENT/,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('of a client need their key, and the other way round', () => {
    expect(() => otlpSettings({ endpoint: https, clientCertificate: 'c.pem' }, {})).toThrow(
      /--otlp-client-certificate: .*needs its key/,
    );
    expect(() => otlpSettings({ endpoint: https }, { OTEL_EXPORTER_OTLP_CLIENT_KEY: 'k.pem' })).toThrow(
      /OTEL_EXPORTER_OTLP_CLIENT_KEY: .*needs its certificate/,
    );
  });
});
