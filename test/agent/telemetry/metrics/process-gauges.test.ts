import { expect, test } from '@jest/globals';
import { createProcessGauges, type Processes } from '../../../../agent/telemetry/metrics/process-gauges.js';

const SEEN: Processes = {
  backends: 9,
  sessions: {
    states: { idle: 2, active: 1, 'idle in transaction': 0 },
    privateBytes: 3_000_000,
    sharedBytes: 8_000_000,
    largest: [{ pid: 7, backendType: 'client backend', privateBytes: 2_000_000, grownBytes: 0 }],
    roundTrips: 2,
    roundTripNs: 600_000,
  },
};

/** `metric attribute` → value; undefined for the end of a series. */
function valuesOf(metrics: ReturnType<ReturnType<typeof createProcessGauges>['metrics']>): Record<string, unknown> {
  return Object.fromEntries(
    metrics.flatMap(({ name, gauge }) =>
      (gauge?.dataPoints ?? []).map(({ attributes, asInt, asDouble }) => [
        [name, ...attributes.map(({ value }) => Object.values(value)[0])].join(' '),
        asInt ?? asDouble,
      ]),
    ),
  );
}

test('nothing before the first drain', () => {
  expect(createProcessGauges().metrics('1', false)).toEqual([]);
});

test('processes, connections by state, memory and the mean round-trip time', () => {
  const gauges = createProcessGauges();
  gauges.set(SEEN);
  expect(valuesOf(gauges.metrics('1', false))).toEqual({
    'pgscope.backends': '9',
    'postgresql.connections idle': '2',
    'postgresql.connections active': '1',
    'postgresql.connections idle in transaction': '0',
    'postgresql.memory.resident private': '3000000',
    'postgresql.memory.resident shared': '8000000',
    'postgresql.memory.largest_process': '2000000',
    'postgresql.client.round_trip_time': 0.0003,
  });
});

test('the mean is that of all drains since the last collection, and absent where no connection was looked at', () => {
  const gauges = createProcessGauges();
  gauges.set(SEEN);
  gauges.set({ ...SEEN, sessions: { ...(SEEN.sessions as object), roundTrips: 1, roundTripNs: 900_000 } as never });
  expect(valuesOf(gauges.metrics('1', false))['postgresql.client.round_trip_time']).toBe(0.0005);
  expect(valuesOf(gauges.metrics('2', false))).not.toHaveProperty('postgresql.client.round_trip_time');
});

test('all end, the mean if it has ever been told', () => {
  const gauges = createProcessGauges();
  gauges.set({ backends: 1 });
  expect(valuesOf(gauges.metrics('1', true))).toEqual({ 'pgscope.backends': undefined });
  gauges.set(SEEN);
  gauges.metrics('2', false);
  const ends = valuesOf(gauges.metrics('3', true));
  expect(Object.keys(ends)).toContain('postgresql.client.round_trip_time');
  expect(Object.values(ends).every((value) => value === undefined)).toBe(true);
});
