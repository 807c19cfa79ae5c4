import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { DestinationsError, parseDestinations, readDestinations } from '../../../agent/node/destinations.js';

const directory = mkdtempSync(join(tmpdir(), 'pgscope-destinations-'));
afterAll(() => rmSync(directory, { recursive: true }));

const parse = (value: unknown) => parseDestinations(JSON.stringify(value), 'destinations.json');
const settings = (value: object) => {
  const one = parse({ default: value }).get('default');
  if (one === undefined || 'fault' in one) throw new Error(one?.fault);
  return one.settings;
};
const fault = (value: object) => {
  const one = parse({ default: value }).get('default');
  return one !== undefined && 'fault' in one ? one.fault : undefined;
};

describe('a destination', () => {
  test('has a base URL for all signals', () => {
    const { traces, metrics, logs } = settings({ endpoint: 'http://collector:4318' });
    expect(traces).toMatchObject({ protocol: 'http/protobuf', gzip: true, headers: {}, timeoutMs: 10_000 });
    expect([traces, metrics, logs].map((target) => target?.url.href)).toEqual([
      'http://collector:4318/v1/traces',
      'http://collector:4318/v1/metrics',
      'http://collector:4318/v1/logs',
    ]);
  });

  test('can have a URL of its own for a signal, or none', () => {
    const metricsEndpoint = 'http://prometheus:9090/api/v1/otlp/v1/metrics';
    const both = settings({ endpoint: 'http://jaeger:4318', metricsEndpoint });
    expect([both.traces?.url.href, both.metrics?.url.href]).toEqual(['http://jaeger:4318/v1/traces', metricsEndpoint]);
    expect(settings({ metricsEndpoint })).toMatchObject({ traces: undefined, logs: undefined });
    expect(settings({ logsEndpoint: 'http://loki:3100/otlp/v1/logs' }).logs?.url.pathname).toBe('/otlp/v1/logs');
  });

  test('has headers from a file, one on each line', () => {
    const headersFile = join(directory, 'headers');
    writeFileSync(headersFile, 'Authorization: Bearer a:b=c\r\n\nX-Scope: shop\n');
    const { traces } = settings({ endpoint: 'http://c:4318', headersFile });
    expect(traces?.headers).toEqual({ authorization: 'Bearer a:b=c', 'x-scope': 'shop' });
  });

  test.each([
    [
      'the port of gRPC',
      { endpoint: 'http://collector:4317' },
      /default\.endpoint: port 4317 is for OTLP over gRPC.*4318/,
    ],
    [
      'a password in its URL',
      { endpoint: 'http://u:p@collector:4318' },
      /send them as a header \(destinations\.default\.headers\)/,
    ],
    ['no URL', { endpoint: 'collector:4318' }, /default\.endpoint: .* is no URL; write it as/],
    ['no endpoint', {}, /default: has no endpoint; give endpoint/],
    [
      'a file that is not there',
      { endpoint: 'https://c', caFile: '/nowhere/ca.crt' },
      /default\.caFile: .* cannot be read/,
    ],
    ['a certificate alone', { endpoint: 'https://c', certFile: '/x' }, /default\.certFile: .*needs its key/],
    [
      'headers that are not there',
      { endpoint: 'http://c', headersFile: '/nowhere/h' },
      /default\.headersFile: .* cannot be read/,
    ],
  ])('that cannot be used for %s has a fault', (_, value, message) => {
    expect(fault(value)).toMatch(message);
  });

  test('a header without a colon is told by its line, and never shown', () => {
    const headersFile = join(directory, 'bad');
    writeFileSync(headersFile, 'A: b\nsecret\n');
    const told = fault({ endpoint: 'http://c:4318', headersFile });
    expect(told).toMatch(/default\.headersFile: line 2 of .* is no header; write it as name: value/);
    expect(told).not.toContain('secret');
  });

  test('with a fault does not keep the others from work', () => {
    const all = parse({ a: { endpoint: 'http://c:4317' }, b: { endpoint: 'http://c:4318' } });
    expect(all.get('a')).toHaveProperty('fault');
    expect(all.get('b')).toHaveProperty('settings');
  });
});

describe('the file', () => {
  test.each([
    ['{', /destinations\.json: is no JSON/],
    [
      '{"default": {"endpont": "http://c"}}',
      /destinations\.json: default\.endpont: unknown field; did you mean endpoint\?/,
    ],
    ['{"default": {"endpoint": "http://c", "protocol": "grpc"}}', /default\.protocol: .*http\/protobuf, http\/json/],
    ['{"My Dest": {"endpoint": "http://c"}}', /My Dest/],
    ['[]', /destinations\.json/],
  ])('%s is refused', (text, message) => {
    const read = () => parseDestinations(text, 'destinations.json');
    expect(read).toThrow(DestinationsError);
    expect(read).toThrow(message);
  });

  test('that is not there is told', () => {
    expect(() => readDestinations('/nowhere/d.json')).toThrow(
      /the destinations file \/nowhere\/d\.json cannot be read/,
    );
  });
});
