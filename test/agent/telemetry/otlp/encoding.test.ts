import { expect, test } from '@jest/globals';
import { jsonEncoding, protobufEncoding } from '../../../../agent/telemetry/otlp/encoding.js';
import type { ResourceMetrics, Span } from '../../../../agent/telemetry/otlp/model.js';
import { decode } from './schema.js';

const scope = { name: 'pgscope', version: '0.1.0' };
const resource = (name: string) => ({ attributes: [{ key: 'service.name', value: { stringValue: name } }] });
const span = (name: string): Span => ({
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  name,
  kind: 2,
  startTimeUnixNano: '1700000000000000001',
  endTimeUnixNano: '1700000000000000002',
  attributes: [],
  flags: 257,
});
const metrics = (name: string): ResourceMetrics => ({
  resource: resource(name),
  scopeMetrics: [
    {
      scope,
      metrics: [
        {
          name: 'm',
          description: '',
          unit: '1',
          gauge: { dataPoints: [{ attributes: [], timeUnixNano: '1', asDouble: 0.5 }] },
        },
      ],
    },
  ],
});

test('both encodings put the same requests together from encoded parts', () => {
  const groups = (encoding: typeof jsonEncoding) =>
    encoding.tracesRequest(
      [
        { resource: resource('a'), items: [encoding.span(span('first')), encoding.span(span('second'))] },
        { resource: resource('b'), items: [encoding.span(span('third'))] },
      ],
      scope,
    );
  const traces = JSON.parse(Buffer.from(groups(jsonEncoding)).toString());
  expect(traces).toMatchObject({
    resourceSpans: [
      { resource: resource('a'), scopeSpans: [{ scope, spans: [{ name: 'first' }, { name: 'second' }] }] },
      { resource: resource('b'), scopeSpans: [{ scope, spans: [{ ...span('third') }] }] },
    ],
  });
  const withoutEmpty = JSON.parse(JSON.stringify(traces).replaceAll(',"attributes":[]', ''));
  expect(decode('ExportTraceServiceRequest', groups(protobufEncoding))).toEqual(withoutEmpty);
});

test('metrics of several resources are one request', () => {
  const request = (encoding: typeof jsonEncoding) =>
    encoding.metricsRequest([encoding.resourceMetrics(metrics('a')), encoding.resourceMetrics(metrics('b'))]);
  expect(JSON.parse(Buffer.from(request(jsonEncoding)).toString())).toEqual({
    resourceMetrics: [metrics('a'), metrics('b')],
  });
  const decoded = decode('ExportMetricsServiceRequest', request(protobufEncoding)) as {
    resourceMetrics: ResourceMetrics[];
  };
  expect(decoded.resourceMetrics.map((one) => one.resource)).toEqual([resource('a'), resource('b')]);
});

test('requests without anything are valid', () => {
  expect(JSON.parse(Buffer.from(jsonEncoding.metricsRequest([])).toString())).toEqual({ resourceMetrics: [] });
  expect(protobufEncoding.tracesRequest([], scope)).toHaveLength(0);
});
