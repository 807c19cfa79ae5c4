import { expect, test } from '@jest/globals';
import { createTargetMetrics } from '../../../../agent/telemetry/metrics/target-metrics.js';
import { createWaitAttributes } from '../../../../agent/telemetry/metrics/wait-attributes.js';
import { aggregate } from '../events.js';
import { pointsOf } from '../points.js';

const MINUTE = 60_000_000_000n;
const SLEEP = 0x09000002;
const IDLE = 0x05000003;

function target() {
  return createTargetMetrics({
    key: 'local',
    resource: { attributes: [] },
    scope: { name: 'pgscope', version: '0.1.0' },
    maxQueries: 500,
    idleNs: 10n * MINUTE,
    major: 18,
    describe: () => ({ summary: 'SELECT', text: undefined }),
  });
}
const interval = { fromUnixNano: 10n, toUnixNano: 11n };

test('waits of a query are counters of time and number by type, event and mode of a lock', () => {
  const metrics = target();
  const wait = (event: number, count: number, waitNs: number) => ({ event, count, waitNs });
  const waits = [wait(SLEEP, 2, 3e9), wait(0x03080000, 1, 5e8), wait(0x03000000, 1, 1e9)];
  metrics.add(aggregate({ waits }), 'shop', 'app', interval);
  metrics.add(aggregate({ waits: [wait(SLEEP, 1, 1e9)] }), 'shop', 'app', interval);
  const points = pointsOf(metrics.collect(MINUTE)).filter(({ metric }) => metric.startsWith('postgresql.query.wait'));
  const of = (name: string) =>
    points
      .filter(({ metric }) => metric === name)
      .map(({ attributes, value }) => [
        attributes['postgresql.wait_event_type'],
        attributes['postgresql.wait_event'],
        attributes['pgscope.lock.mode'],
        value,
      ]);
  expect(of('postgresql.query.wait.time')).toEqual([
    ['Timeout', 'PgSleep', undefined, 4],
    ['Lock', 'relation', 'AccessExclusiveLock', 0.5],
    ['Lock', 'relation', undefined, 1],
  ]);
  expect(of('postgresql.query.waits')).toEqual([
    ['Timeout', 'PgSleep', undefined, 3],
    ['Lock', 'relation', 'AccessExclusiveLock', 1],
    ['Lock', 'relation', undefined, 1],
  ]);
});

test('more different waits of one query than there is room for are summed up', () => {
  const metrics = target();
  const waits = Array.from({ length: 60 }, (_, i) => ({ event: 0x0a000000 + i, count: 1, waitNs: 1e9 }));
  metrics.add(aggregate({ waits }), 'shop', 'app', interval);
  const times = pointsOf(metrics.collect(MINUTE)).filter(({ metric }) => metric === 'postgresql.query.wait.time');
  expect(times).toHaveLength(41);
  const further = times.find(({ attributes }) => attributes['postgresql.wait_event'] === 'further');
  expect(further?.value).toBe(20);
});

test('background processes have metrics of their own, by type, without idle waits and without calls', () => {
  const metrics = target();
  const waits = [
    { event: IDLE, count: 1, waitNs: 9e9 },
    { event: SLEEP, count: 1, waitNs: 1e9 },
  ];
  const event = {
    fingerprint: '000000000000010b',
    backendType: 'checkpointer',
    calls: 0,
    cpuNs: 2e9,
    walBytes: 7,
    waits,
  };
  metrics.add(aggregate({ ...event, durations: { scale: 3, offset: 0, counts: [] } }), '', '', interval);
  const points = pointsOf(metrics.collect(MINUTE)).filter(({ metric }) => metric.startsWith('postgresql.'));
  expect(points.map(({ metric, value, attributes }) => [metric, value, attributes])).toEqual([
    ['postgresql.background.cpu.time', 2, { 'pgscope.backend.type': 'checkpointer' }],
    ['postgresql.background.wal.size', 7, { 'pgscope.backend.type': 'checkpointer' }],
    ['postgresql.background.wait.time', 1, expect.objectContaining({ 'postgresql.wait_event': 'PgSleep' })],
    ['postgresql.background.waits', 1, expect.objectContaining({ 'pgscope.backend.type': 'checkpointer' })],
  ]);
});

test('numbers of one name are one point, and numbers without end are bounded', () => {
  const metrics = target();
  // Locks of extensions: LWLock tranches beyond PostgreSQL's own.
  const waits = [300, 301, 302].map((tranche) => ({ event: 0x01000000 + tranche, count: 1, waitNs: 1e9 }));
  metrics.add(aggregate({ waits }), 'shop', 'app', interval);
  const times = pointsOf(metrics.collect(MINUTE)).filter(({ metric }) => metric === 'postgresql.query.wait.time');
  expect(times.map(({ attributes, value }) => [attributes['postgresql.wait_event'], value])).toEqual([
    ['extension', 3],
  ]);
});

test('a server whose memory shows any number makes no more names than there is room for', () => {
  const waitAttributes = createWaitAttributes(19);
  const lists = new Set(Array.from({ length: 10_000 }, (_, i) => waitAttributes(0x0a000000 + i)));
  expect(lists.size).toBeLessThanOrEqual(2001);
});
