/** What has reached a receiver as protobuf, counted for each server; bodies are let go once they are read. */
import type { Receiver } from '../../agent/telemetry/export/receiver.js';
import { decode } from '../../agent/telemetry/otlp/schema.js';
import { type Attributes, Recorded } from '../../command/otlp.js';

const REQUEST = 'ExportMetricsServiceRequest';

interface Seen {
  intervals: number;
  /** Fingerprints. */
  queries: Set<unknown>;
}

export class ReceivedMetrics {
  readonly #receiver: Receiver;
  /** By service.instance.id. */
  readonly #seen = new Map<string, Seen>();

  constructor(receiver: Receiver) {
    this.#receiver = receiver;
  }

  /** Of the server that has the fewest; 0 until there are so many servers. */
  least(of: 'intervals' | 'queries', servers: number): number {
    this.#read();
    if (this.#seen.size < servers) return 0;
    const counts = [...this.#seen.values()].map(({ intervals, queries }) => ({ intervals, queries: queries.size })[of]);
    return Math.min(...counts);
  }

  #read(): void {
    const bodies = this.#receiver.received.splice(0).filter(({ path }) => path === '/v1/metrics');
    const decoded = bodies.map(({ body }) => Buffer.from(JSON.stringify(decode(REQUEST, body))));
    // The agent tells of itself, too: that has neither.
    for (const { resource, metric, attributes } of Recorded.fromBodies(decoded).points) {
      if (metric === 'pgscope.backends') this.#of(resource).intervals += 1;
      if (metric === 'postgresql.query.calls') this.#of(resource).queries.add(attributes['pgscope.query.fingerprint']);
    }
  }

  #of(resource: Attributes): Seen {
    const instance = String(resource['service.instance.id']);
    const seen = this.#seen.get(instance) ?? { intervals: 0, queries: new Set() };
    this.#seen.set(instance, seen);
    return seen;
  }
}
