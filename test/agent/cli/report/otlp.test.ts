import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keyOf, requestOf } from '../../../../agent/cli/report/otlp.js';
import {
  boundsMetric,
  durationMetric,
  keyValues,
  logsLine,
  metricsLine,
  programLine,
  spansLine,
  sumMetric,
} from './lines.js';

function parse(line: string) {
  const request = requestOf(JSON.parse(line));
  if (request === undefined) throw new Error('no request');
  return request;
}

describe('an OTLP line', () => {
  test('of metrics gives points', () => {
    const { points, scope } = parse(
      metricsLine([
        sumMetric('postgresql.query.calls', [
          { attributes: { 'db.namespace': 'shop' }, start: 10, time: 12.5, value: 7 },
        ]),
        durationMetric({}, { start: 10, time: 12, counts: [1, 0, 2], sum: 0.5 }),
      ]),
    );
    expect(scope).toBe('pgscope 0.1.0');
    expect(points[0]).toMatchObject({
      metric: 'postgresql.query.calls',
      attributes: { 'db.namespace': 'shop' },
      startSeconds: 10,
      timeSeconds: 12.5,
      temporality: 'cumulative',
      value: 7,
      ended: false,
    });
    expect(points[1]?.histogram).toEqual({
      buckets: { scale: 3, offset: -80, counts: [1, 0, 2], zeroCount: 0 },
      sum: 0.5,
    });
  });

  test('of spans gives spans, with failure, links and every type of attribute', () => {
    const given = {
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      spanId: '00f067aa0ba902b7',
      name: 'SELECT orders',
      kind: 2,
      startTimeUnixNano: '1767364205000000001',
      endTimeUnixNano: '1767364205000000003',
      attributes: [
        ...keyValues({ text: 'x', whole: 3, part: 0.5, yes: true }),
        { key: 'list', value: { arrayValue: { values: [{ stringValue: 'a' }, { intValue: '2' }] } } },
      ],
      status: { code: 2, message: '' },
      links: [{ traceId: 'f'.repeat(32), spanId: 'e'.repeat(16) }],
    };
    const [span] = parse(spansLine([given])).spans;
    expect(span).toMatchObject({
      startNs: 1_767_364_205_000_000_001n,
      endNs: 1_767_364_205_000_000_003n,
      parentSpanId: '',
      attributes: { text: 'x', whole: 3, part: 0.5, yes: true, list: 'a, 2' },
      failed: true,
      links: ['f'.repeat(32)],
    });
  });

  test('numbers may be numbers or strings, as other writers do', () => {
    const line = metricsLine([
      {
        name: 'a',
        sum: { aggregationTemporality: 1, dataPoints: [{ asInt: 4, timeUnixNano: 2_000_000_000 }, { asInt: '5' }] },
      },
    ]);
    expect(parse(line).points.map(({ value, timeSeconds, temporality }) => [value, timeSeconds, temporality])).toEqual([
      [4, 2, 'delta'],
      [5, 0, 'delta'],
    ]);
  });

  test('a point can say that its series has ended', () => {
    const line = metricsLine([{ name: 'a', sum: { dataPoints: [{ flags: 1 }, { flags: 0 }] } }]);
    expect(parse(line).points.map(({ ended }) => ended)).toEqual([true, false]);
  });

  test('buckets outside of any plausible time are dropped', () => {
    const histogram = (positive: object) => ({
      name: 'a',
      exponentialHistogram: { dataPoints: [{ scale: 3, positive }] },
    });
    const offsets = [-1e12, 2 ** 31, -400].map(
      (offset) => parse(metricsLine([histogram({ offset, bucketCounts: ['1'] })])).points[0]?.histogram?.buckets.counts,
    );
    expect(offsets).toEqual([[], [], []]);
    expect(
      parse(metricsLine([histogram({ offset: -100, bucketCounts: ['-1', 'x', '3'] })])).points[0]?.histogram?.buckets
        .counts,
    ).toEqual([0, 0, 3]);
  });

  test('whose scope names a trace program gives points of that program, histograms with their own bounds', () => {
    const scope = { 'pgscope.program': 'p', 'pgscope.program.description': 'What it shows.' };
    const given = { attributes: { a: 'x' }, bounds: [0.001, 0.002], counts: ['4', '0', '2'], count: '6' };
    const [point] = parse(programLine([boundsMetric('my.time', given)], scope)).points;
    expect(point).toMatchObject({
      metric: 'my.time',
      attributes: { a: 'x' },
      temporality: 'cumulative',
      program: { name: 'p', description: 'What it shows.', metricDescription: 'How long', unit: 's' },
    });
    expect(point?.program?.histogram).toMatchObject({ count: 6, sum: 0 });
    expect([...(point?.program?.histogram?.buckets ?? [])]).toEqual([
      [0.001, 4],
      [0.002, 0],
      [Number.POSITIVE_INFINITY, 2],
    ]);
    const damaged = boundsMetric('my.time', { bounds: ['x', {}, 2], counts: 'none' });
    expect(parse(programLine([damaged], scope)).points[0]?.program?.histogram?.buckets.size).toBe(0);
    expect(parse(metricsLine([boundsMetric('other.time', given)])).points[0]?.program).toBeUndefined();
  });

  test('of logs gives the events of trace programs, and no other log records', () => {
    const line = logsLine('my.event', { 'pgscope.program': 'p', duration_us: 5 }, 7);
    expect(parse(line).events).toEqual([
      { program: 'p', name: 'my.event', timeNs: 7_000_000_000n, attributes: { duration_us: 5 } },
    ]);
    expect(parse(logsLine('other', { duration_us: 5 })).events).toEqual([]);
  });

  test('equal attributes have one key in whatever order', () => {
    expect(keyOf({ a: 1, b: 'x' })).toBe(keyOf({ b: 'x', a: 1 }));
    expect(keyOf({ a: 1 })).not.toBe(keyOf({ a: '1' }));
  });

  test('no JSON whatever makes the parser fail', () => {
    const nearly = fc.record(
      { resourceMetrics: fc.jsonValue(), resourceSpans: fc.jsonValue(), resourceLogs: fc.jsonValue() },
      { requiredKeys: [] },
    );
    const nested = fc
      .array(
        fc.record({
          resource: fc.jsonValue(),
          scopeMetrics: fc.array(
            fc.record({
              metrics: fc.array(
                fc.record(
                  {
                    name: fc.jsonValue(),
                    sum: fc.jsonValue(),
                    histogram: fc.record({ dataPoints: fc.array(fc.jsonValue()) }),
                    exponentialHistogram: fc.record({ dataPoints: fc.array(fc.jsonValue()) }),
                  },
                  { requiredKeys: [] },
                ),
              ),
            }),
          ),
        }),
      )
      .map((resourceMetrics) => ({ resourceMetrics }));
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), nearly, nested), (value) => {
        expect(() => requestOf(value)).not.toThrow();
      }),
    );
  });
});
