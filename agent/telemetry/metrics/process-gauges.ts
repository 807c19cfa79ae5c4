/** The gauges of a server's processes: how many, what their clients are at, their memory, how far away the clients are. */

import type { DrainedEvent } from '../../tracer/events.js';
import { type MetricName, POINT, TARGET_METRICS } from '../names.js';
import { integer, keyValues } from '../otlp/attributes.js';
import type { Metric, NumberPoint } from '../otlp/model.js';
import { gaugeMetric, numberPoint } from './query-points.js';

const NS_PER_S = 1e9;

export type Processes = Pick<DrainedEvent['targets'][number], 'backends' | 'sessions'>;

export interface ProcessGauges {
  set(seen: Processes): void;
  /** Nothing before the first drain. `ended`: points that say "no recorded value". Round-trip times begin anew with each call. */
  metrics(time: string, ended: boolean): Metric[];
}

/** A server that does not show them has none. */
function connections(points: NumberPoint[]): Metric[] {
  return points.length === 0 ? [] : [gaugeMetric(TARGET_METRICS.connections, points)];
}

export function createProcessGauges(): ProcessGauges {
  let last: Processes | undefined;
  const roundTrips = { count: 0, ns: 0 };
  /** A mean has no value, and no end, where nothing was seen. */
  let meanTold = false;

  const mean = (time: string, ended: boolean): Metric[] => {
    const { count, ns } = roundTrips;
    if (ended ? !meanTold : count === 0) return [];
    const value = { asDouble: ns / NS_PER_S / count };
    Object.assign(roundTrips, { count: 0, ns: 0 });
    meanTold = true;
    return [gaugeMetric(TARGET_METRICS.roundTrip, [numberPoint([], undefined, time, ended ? undefined : value)])];
  };

  return {
    set: (seen) => {
      last = seen;
      roundTrips.count += seen.sessions?.roundTrips ?? 0;
      roundTrips.ns += seen.sessions?.roundTripNs ?? 0;
    },
    metrics: (time, ended) => {
      if (last === undefined) return [];
      const point = (value: number, attributes: Record<string, string> = {}): NumberPoint =>
        numberPoint(keyValues(attributes), undefined, time, ended ? undefined : { asInt: integer(value) });
      const one = (metric: MetricName, value: number) => gaugeMetric(metric, [point(value)]);
      const { backends, sessions } = last;
      const count = one(TARGET_METRICS.backends, backends);
      if (sessions === undefined) return [count];
      const { states, privateBytes, sharedBytes, largest } = sessions;
      return [
        count,
        ...connections(Object.entries(states).map(([state, n]) => point(n, { [POINT.connectionState.name]: state }))),
        gaugeMetric(TARGET_METRICS.memory, [
          point(privateBytes, { [POINT.memoryKind.name]: 'private' }),
          point(sharedBytes, { [POINT.memoryKind.name]: 'shared' }),
        ]),
        one(TARGET_METRICS.largestProcess, largest[0]?.privateBytes ?? 0),
        ...mean(time, ended),
      ];
    },
  };
}
