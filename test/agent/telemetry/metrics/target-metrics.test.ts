import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DescribedQuery } from '../../../../agent/queries.js';
import { createTargetMetrics, type TargetMetrics } from '../../../../agent/telemetry/metrics/target-metrics.js';
import { OUTSIDE_STATEMENTS } from '../../../../agent/tracer/events.js';
import { aggregate, FINGERPRINT } from '../events.js';
import { type FoundPoint, pointsOf } from '../points.js';

const MINUTE = 60_000_000_000n;
const ORDERS = { summary: 'SELECT orders', text: 'SELECT * FROM orders WHERE id = $1' };

function target(
  descriptions: Record<string, DescribedQuery> = { [FINGERPRINT]: ORDERS },
  maxQueries = 500,
): TargetMetrics {
  return createTargetMetrics({
    key: 'local',
    resource: { attributes: [] },
    scope: { name: 'pgscope', version: '0.1.0' },
    maxQueries,
    idleNs: 10n * MINUTE,
    major: 18,
    describe: (fingerprint) => descriptions[fingerprint],
  });
}

const interval = (from: bigint) => ({ fromUnixNano: from, toUnixNano: from + 1n });
const of = (points: FoundPoint[], metric: string) => points.filter((point) => point.metric === metric);

test('a query has its counters and its histogram, with its attributes', () => {
  const metrics = target();
  metrics.add(
    aggregate({
      calls: 4,
      errors: 1,
      rows: 9,
      cpuNs: 2_500_000_000,
      sharedBlocksHit: 7,
      tempBlocksWritten: 3,
      majorFaults: 2,
      networkSentBytes: 100,
    }),
    'shop',
    'app',
    interval(10n),
  );
  const points = pointsOf(metrics.collect(MINUTE));
  const attributes = {
    'db.namespace': 'shop',
    'user.name': 'app',
    'db.query.summary': 'SELECT orders',
    'pgscope.query.fingerprint': FINGERPRINT,
  };
  const expected: [string, number, Record<string, string>][] = [
    ['postgresql.query.duration', 4, {}],
    ['postgresql.query.calls', 4, {}],
    ['postgresql.query.errors', 1, {}],
    ['postgresql.query.rows', 9, {}],
    ['postgresql.query.cpu.time', 2.5, {}],
    ['postgresql.query.blocks', 7, { 'pgscope.block.source': 'shared', 'pgscope.block.operation': 'hit' }],
    ['postgresql.query.blocks', 3, { 'pgscope.block.source': 'temp', 'pgscope.block.operation': 'written' }],
    ['postgresql.query.page_faults', 2, { 'system.paging.fault.type': 'major' }],
    ['postgresql.query.network.io', 100, { 'network.io.direction': 'transmit' }],
  ];
  const perQuery = points.filter(({ metric }) => metric.startsWith('postgresql.'));
  expect(perQuery).toEqual(
    expected.map(([metric, value, more]) => ({
      metric,
      value,
      attributes: { ...attributes, ...more },
      start: 10n,
      time: MINUTE,
      ended: false,
    })),
  );
});

test('a query has its time by phase, without those that it was never in; a background process has none', () => {
  const metrics = target();
  const phases = { parseNs: 1_000_000, planNs: 500_000_000, executeNs: 3_000_000_000, commitNs: 0 };
  metrics.add(aggregate(phases), 'shop', 'app', interval(1n));
  metrics.add(aggregate({ fingerprint: 'c', backendType: 'checkpointer', ...phases }), '', '', interval(1n));
  metrics.add(aggregate({ planNs: 500_000_000 }), 'shop', 'app', interval(2n));
  const points = of(pointsOf(metrics.collect(MINUTE)), 'postgresql.query.phase.time');
  expect(points.map(({ value, attributes }) => [attributes['pgscope.phase'], value])).toEqual([
    ['parse', 0.001],
    ['plan', 1],
    ['execute', 3],
  ]);
  expect(points[0]?.attributes).toMatchObject({ 'pgscope.query.fingerprint': FINGERPRINT, 'db.namespace': 'shop' });
});

test('the text goes out once per interval and query, not per series', () => {
  const metrics = target();
  metrics.add(aggregate(), 'shop', 'app', interval(1n));
  metrics.add(aggregate(), 'shop', 'other', interval(1n));
  for (const time of [MINUTE, 2n * MINUTE]) {
    const [info, ...more] = of(pointsOf(metrics.collect(time)), 'pgscope.query.info');
    expect(more).toEqual([]);
    expect(info).toMatchObject({
      value: 1,
      attributes: {
        'pgscope.query.fingerprint': FINGERPRINT,
        'db.query.summary': ORDERS.summary,
        'db.query.text': ORDERS.text,
      },
    });
  }
});

test('a text that may not be shown has no info', () => {
  const metrics = target({ [FINGERPRINT]: { summary: 'COPY', text: undefined } });
  metrics.add(aggregate(), 'shop', 'app', interval(1n));
  const points = pointsOf(metrics.collect(MINUTE));
  expect(of(points, 'pgscope.query.info')).toEqual([]);
  expect(of(points, 'postgresql.query.calls')[0]?.attributes).toMatchObject({ 'db.query.summary': 'COPY' });
});

test('work outside of statements has a summary of its own, and no histogram', () => {
  const metrics = target();
  metrics.add(
    {
      ...aggregate({ fingerprint: OUTSIDE_STATEMENTS, calls: 0, cpuNs: 5 }),
      durations: { scale: 3, offset: 0, counts: [] },
    },
    'shop',
    'app',
    interval(1n),
  );
  const points = pointsOf(metrics.collect(MINUTE)).filter(({ metric }) => metric.startsWith('postgresql.'));
  expect(points.map(({ metric }) => metric)).toEqual(['postgresql.query.cpu.time']);
  expect(points[0]?.attributes).toMatchObject({ 'db.query.summary': '(outside statements)', 'db.namespace': 'shop' });
});

test('queries beyond the limit share one series', () => {
  const metrics = target({}, 1);
  for (const fingerprint of ['a', 'b', 'c']) metrics.add(aggregate({ fingerprint }), 'shop', 'app', interval(1n));
  const calls = of(pointsOf(metrics.collect(MINUTE)), 'postgresql.query.calls');
  expect(calls.map(({ value, attributes }) => [value, attributes['otel.metric.overflow']])).toEqual([
    [1, undefined],
    [2, true],
  ]);
  expect(calls[1]?.attributes).toEqual({ 'otel.metric.overflow': true });
});

describe('a series', () => {
  test('without changes for 10 minutes ends, is forgotten, and begins anew', () => {
    const metrics = target();
    metrics.add(aggregate({ calls: 3 }), 'shop', 'app', interval(MINUTE));
    const alive = pointsOf(metrics.collect(10n * MINUTE));
    expect(of(alive, 'postgresql.query.calls').map(({ ended }) => ended)).toEqual([false]);

    const [values, ends, ...more] = metrics.collect(12n * MINUTE);
    expect(more).toEqual([]);
    expect([values?.final, ends?.final]).toEqual([false, true]);
    const last = of(pointsOf(ends === undefined ? [] : [ends]), 'postgresql.query.calls');
    expect(last).toMatchObject([{ ended: true, value: undefined, start: MINUTE, time: 12n * MINUTE + 1_000_000n }]);
    expect(of(pointsOf(ends === undefined ? [] : [ends]), 'pgscope.query.info')).toMatchObject([{ ended: true }]);
    expect(metrics.series).toBe(0);
    expect(pointsOf(metrics.collect(13n * MINUTE)).map(({ metric }) => metric)).toEqual(['pgscope.query.series']);

    metrics.add(aggregate(), 'shop', 'app', interval(14n * MINUTE));
    expect(of(pointsOf(metrics.collect(15n * MINUTE)), 'postgresql.query.calls')).toMatchObject([
      { value: 1, start: 14n * MINUTE, ended: false },
    ]);
  });

  test('ends and begins anew when its query gets its description late', () => {
    const descriptions: Record<string, DescribedQuery> = {};
    const metrics = target(descriptions);
    metrics.add(aggregate(), 'shop', 'app', interval(MINUTE));
    expect(of(pointsOf(metrics.collect(2n * MINUTE)), 'postgresql.query.calls')[0]?.attributes).not.toHaveProperty(
      'db.query.summary',
    );
    descriptions[FINGERPRINT] = ORDERS;
    metrics.redescribed(FINGERPRINT);
    metrics.add(aggregate({ calls: 2 }), 'shop', 'app', interval(2n * MINUTE));
    const calls = of(pointsOf(metrics.collect(3n * MINUTE)), 'postgresql.query.calls');
    expect(
      calls.map(({ value, start, ended, attributes }) => [value, start, ended, attributes['db.query.summary']]),
    ).toEqual([
      [2, 2n * MINUTE, false, 'SELECT orders'],
      [1, MINUTE, false, undefined],
      [undefined, MINUTE, true, undefined],
    ]);
  });

  test('all end with the target, after their last values', () => {
    const metrics = target();
    metrics.setProcesses({ backends: 5 });
    metrics.add(aggregate(), 'shop', 'app', interval(1n));
    const points = pointsOf(metrics.collect(MINUTE, true));
    const states = (metric: string) => of(points, metric).map(({ ended }) => ended);
    expect(states('postgresql.query.calls')).toEqual([false, true]);
    expect(states('postgresql.query.duration')).toEqual([false, true]);
    expect(states('pgscope.backends')).toEqual([false, true]);
    expect(states('pgscope.query.info')).toEqual([false, true]);
  });
});

test('many queries are several parts of bounded size', () => {
  const metrics = target({}, 1000);
  for (let i = 0; i < 700; i++) metrics.add(aggregate({ fingerprint: `f${i}` }), 'shop', 'app', interval(1n));
  const [snapshot] = metrics.collect(MINUTE);
  expect(snapshot?.parts.length).toBeGreaterThan(4);
  expect(snapshot?.parts.map(({ points }) => points).reduce((sum, points) => sum + points, 0)).toBe(700 * 2 + 1);
});

test('within one start time nothing decreases, whatever happens', () => {
  const step = fc.record({
    fingerprint: fc.constantFrom('a', 'b', 'c'),
    calls: fc.nat(9),
    minutes: fc.integer({ min: 1, max: 12 }),
    redescribed: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const metrics = target({}, 2);
      const seen = new Map<string, FoundPoint>();
      let now = 0n;
      for (const { fingerprint, calls, minutes, redescribed } of steps) {
        if (redescribed) metrics.redescribed(fingerprint);
        metrics.add(aggregate({ fingerprint, calls }), 'shop', 'app', interval(now + 2_000_000n));
        now += BigInt(minutes) * MINUTE;
        for (const point of pointsOf(metrics.collect(now)).filter(
          ({ metric }) => metric === 'postgresql.query.calls',
        )) {
          const key = `${JSON.stringify(point.attributes)} ${point.start}`;
          const before = seen.get(key);
          expect(point.time).toBeGreaterThan(point.start ?? 0n);
          expect(before?.ended ?? false).toBe(false);
          if (!point.ended) expect(point.value).toBeGreaterThanOrEqual(before?.value ?? 0);
          seen.set(key, point);
        }
      }
    }),
  );
});
