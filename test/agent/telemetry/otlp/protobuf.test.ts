import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { protobufEncoding } from '../../../../agent/telemetry/otlp/encoding.js';
import { logsRequest, metricsRequest, tracesRequest } from '../../../../agent/telemetry/otlp/fields.js';
import { encodeProtobuf, shareAttributes } from '../../../../agent/telemetry/otlp/protobuf.js';
import { decode } from './schema.js';

const uint64 = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map(String);
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
const text = fc.oneof(fc.string({ unit: 'grapheme', minLength: 1 }), fc.constant('0'));
const number = fc.double({ noNaN: true });
const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((id) => Buffer.from(id).toString('hex'));

const value = fc.oneof(
  fc.record({ stringValue: fc.string({ unit: 'grapheme' }) }),
  fc.record({ boolValue: fc.boolean() }),
  fc.record({ intValue: int64 }),
  fc.record({ doubleValue: number }),
  fc.record({ arrayValue: fc.record({ values: fc.array(fc.record({ intValue: int64 }), { minLength: 1 }) }) }),
);
const attributes = fc.array(fc.record({ key: text, value }), { minLength: 1, maxLength: 5 });
const scope = fc.record({ name: text, version: text, attributes }, { requiredKeys: ['name', 'version'] });
const resource = fc.record({ attributes });
const flags = fc.integer({ min: 1, max: 0x3ff });

const span = fc.record(
  {
    traceId: hex(16),
    spanId: hex(8),
    parentSpanId: hex(8),
    name: text,
    kind: fc.integer({ min: 1, max: 5 }),
    startTimeUnixNano: uint64,
    endTimeUnixNano: uint64,
    attributes,
    links: fc.array(fc.record({ traceId: hex(16), spanId: hex(8), attributes, flags }), { minLength: 1, maxLength: 2 }),
    status: fc.record({ message: text, code: fc.constant(2) }),
    flags,
  },
  {
    requiredKeys: ['traceId', 'spanId', 'name', 'kind', 'startTimeUnixNano', 'endTimeUnixNano', 'attributes', 'flags'],
  },
);

const numberPoint = fc
  .tuple(
    fc.record({ attributes, startTimeUnixNano: uint64, timeUnixNano: uint64 }),
    fc.oneof(fc.record({ asInt: int64 }), fc.record({ asDouble: number }), fc.record({ flags: fc.constant(1) })),
  )
  .map(([head, content]) => ({ ...head, ...content }));

const histogramPoint = fc.record({
  attributes,
  startTimeUnixNano: uint64,
  timeUnixNano: uint64,
  count: uint64,
  sum: number,
  scale: fc.integer({ min: -10, max: 20 }).filter((scale) => scale !== 0),
  zeroCount: uint64,
  positive: fc.record({
    offset: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).filter((offset) => offset !== 0),
    bucketCounts: fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String), { minLength: 1, maxLength: 160 }),
  }),
});

const explicitHistogramPoint = fc.record({
  attributes,
  startTimeUnixNano: uint64,
  timeUnixNano: uint64,
  count: uint64,
  sum: number,
  bucketCounts: fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String), { minLength: 1, maxLength: 20 }),
  explicitBounds: fc.array(number, { minLength: 1, maxLength: 20 }),
});

const logRecord = fc.record({
  timeUnixNano: uint64,
  observedTimeUnixNano: uint64,
  severityNumber: fc.integer({ min: 1, max: 24 }),
  severityText: text,
  body: value,
  attributes,
  eventName: text,
});

const metric = fc
  .tuple(
    fc.record({ name: text, description: text, unit: text }),
    fc.oneof(
      fc.record({ gauge: fc.record({ dataPoints: fc.array(numberPoint, { minLength: 1, maxLength: 3 }) }) }),
      fc.record({
        sum: fc.record({
          dataPoints: fc.array(numberPoint, { minLength: 1, maxLength: 3 }),
          aggregationTemporality: fc.constant(2),
          isMonotonic: fc.constant(true),
        }),
      }),
      fc.record({
        histogram: fc.record({
          dataPoints: fc.array(explicitHistogramPoint, { minLength: 1, maxLength: 3 }),
          aggregationTemporality: fc.constant(2),
        }),
      }),
      fc.record({
        exponentialHistogram: fc.record({
          dataPoints: fc.array(histogramPoint, { minLength: 1, maxLength: 3 }),
          aggregationTemporality: fc.constant(2),
        }),
      }),
    ),
  )
  .map(([head, content]) => ({ ...head, ...content }));

const few = <T>(item: fc.Arbitrary<T>) => fc.array(item, { minLength: 1, maxLength: 3 });
/** Plain objects: fast-check's have no prototype, which toEqual would not mind but toStrictEqual does. */
const plain = (content: unknown) => JSON.parse(JSON.stringify(content)) as Record<string, unknown>;

describe('what the writer writes, another decoder reads', () => {
  test('traces', () => {
    const request = fc.record({
      resourceSpans: few(fc.record({ resource, scopeSpans: few(fc.record({ scope, spans: few(span) })) })),
    });
    fc.assert(
      fc.property(request, (content) => {
        expect(plain(decode('ExportTraceServiceRequest', encodeProtobuf(tracesRequest, content)))).toEqual(
          plain(content),
        );
      }),
    );
  });

  test('metrics', () => {
    const request = fc.record({
      resourceMetrics: few(fc.record({ resource, scopeMetrics: few(fc.record({ scope, metrics: few(metric) })) })),
    });
    fc.assert(
      fc.property(request, (content) => {
        expect(plain(decode('ExportMetricsServiceRequest', encodeProtobuf(metricsRequest, content)))).toEqual(
          plain(content),
        );
      }),
    );
  });
});

test('log records, another decoder reads', () => {
  const request = fc.record({
    resourceLogs: few(fc.record({ resource, scopeLogs: few(fc.record({ scope, logRecords: few(logRecord) })) })),
  });
  fc.assert(
    fc.property(request, (content) => {
      expect(plain(decode('ExportLogsServiceRequest', encodeProtobuf(logsRequest, content)))).toEqual(plain(content));
    }),
  );
});

test('a value of 0 is written where its absence means something else', () => {
  const point = { attributes: [], timeUnixNano: '1', asInt: '0' };
  const content = {
    resourceMetrics: [
      {
        resource: { attributes: [] },
        scopeMetrics: [
          {
            scope: { name: 's', version: '1' },
            metrics: [{ name: 'm', description: '', unit: '', gauge: { dataPoints: [point] } }],
          },
        ],
      },
    ],
  };
  const decoded = decode('ExportMetricsServiceRequest', encodeProtobuf(metricsRequest, content)) as typeof content;
  expect(decoded.resourceMetrics[0]?.scopeMetrics[0]?.metrics[0]?.gauge.dataPoints).toEqual([
    { timeUnixNano: '1', asInt: '0' },
  ]);
});

const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });

test('shared attributes are written the same the second time, alone and among others, and in each kind of point', () => {
  const shared = shareAttributes([attribute('db.namespace', 'shop'), attribute('user.name', 'app')]);
  const direction = shareAttributes([attribute('disk.io.direction', 'read')]);
  const lists = [shared, [...shared, ...direction], [attribute('a', 'b'), ...shared, attribute('c', 'd')], direction];
  const numbers = lists.map((attributes) => ({ attributes, timeUnixNano: '1', asInt: '7' }));
  const histogram = {
    attributes: shared,
    startTimeUnixNano: '1',
    timeUnixNano: '2',
    count: '0',
    scale: 3,
    zeroCount: '0',
  };
  const content = {
    resource: { attributes: shared },
    scopeMetrics: [
      {
        scope: { name: 's', version: '1' },
        metrics: [
          { name: 'a', description: '', unit: '', gauge: { dataPoints: [...numbers, ...numbers] } },
          {
            name: 'b',
            description: '',
            unit: '',
            exponentialHistogram: { dataPoints: [histogram], aggregationTemporality: 2 },
          },
        ],
      },
    ],
  };
  const twice = [protobufEncoding.resourceMetrics(content), protobufEncoding.resourceMetrics(content)];
  expect(twice[0]).toEqual(twice[1]);
  const request = decode('ExportMetricsServiceRequest', protobufEncoding.metricsRequest(twice)) as {
    resourceMetrics: (typeof content)[];
  };
  expect(request.resourceMetrics).toHaveLength(2);
  const [points, histograms] = request.resourceMetrics[1]?.scopeMetrics[0]?.metrics ?? [];
  expect(points?.gauge?.dataPoints.map((point) => point.attributes)).toEqual([...lists, ...lists]);
  expect(histograms?.exponentialHistogram?.dataPoints[0]?.attributes).toEqual([...shared]);
});
