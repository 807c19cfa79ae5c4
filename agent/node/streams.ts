/** The streams of all captured servers: what the tracer tells goes to those whom it concerns, metrics leave when they are due. */

import type { CapturedServer, CaptureSink } from '../capture.js';
import type { Attributes, Telemetry } from '../telemetry.js';
import type { PlannedTarget } from './plan.js';
import { createSource, nextTime, type Source, type SourceOptions } from './source.js';

export type StreamsOptions = Omit<SourceOptions, 'server' | 'number'>;

export interface Streams extends CaptureSink {
  /** Whether the plan adds a stream to a server that is captured already: what it did before is to be drained first. */
  addsTo(targets: ReadonlyMap<string, PlannedTarget>): boolean;
  /** Brings the streams of captured servers to the plan, and remembers it for servers that come. */
  follow(targets: ReadonlyMap<string, PlannedTarget>): void;
  /** Of a captured server's telemetry at a destination; undefined if there is none. */
  resource(target: string, destination: string): Attributes | undefined;
  /** When the next metrics are due; monotonic ms. */
  readonly dueAt: number;
  /** Hands on the metrics of the streams that are due; to be called after a drain. */
  collect(): void;
}

export function createStreams(options: StreamsOptions): Streams {
  const { now } = options;
  const sources = new Map<string, Source>();
  let planned: ReadonlyMap<string, PlannedTarget> = new Map();

  const plannedFor = ({ container = '' }: CapturedServer) => planned.get(container);
  const streams = () => [...sources.values()].flatMap((source) => [...source.streams.values()]);

  /** The smallest number that no other server of the container has. */
  function numberOf({ container, target }: CapturedServer): number {
    const others = [...sources.values()].filter(
      ({ server }) => server.container === container && server.target !== target,
    );
    const taken = new Set(others.map(({ number }) => number));
    for (let number = 1; ; number += 1) if (!taken.has(number)) return number;
  }

  return {
    addTarget(server) {
      sources.get(server.target)?.follow(undefined);
      const source = createSource({ ...options, server, number: numberOf(server) });
      sources.set(server.target, source);
      source.follow(plannedFor(server));
    },
    removeTarget(target) {
      sources.get(target)?.follow(undefined);
      sources.delete(target);
    },
    identity: (event) => sources.get(event.target)?.identity(event),
    query: (seen) => sources.get(seen.target)?.query(seen),
    statement: (event) => sources.get(event.target)?.statement(event),
    aggregate: (event) => sources.get(event.target)?.aggregate(event),
    io: (event) => sources.get(event.target)?.io(event),
    drained(event) {
      for (const telemetry of new Set(streams().map(({ to }) => to))) telemetry.drained(event);
    },
    addsTo: (targets) =>
      [...sources.values()].some((source) => {
        const wanted = targets.get(source.server.container ?? '')?.streams.keys() ?? [];
        return [...wanted].some((destination) => !source.streams.has(destination));
      }),
    follow(targets) {
      planned = targets;
      for (const source of sources.values()) source.follow(plannedFor(source.server));
    },
    resource: (target, destination) => sources.get(target)?.resource(destination),
    get dueAt() {
      return Math.min(...streams().map(({ dueAt }) => dueAt));
    },
    collect() {
      const at = now();
      const due = new Map<Telemetry, string[]>();
      for (const [name, source] of sources) {
        for (const stream of source.streams.values()) {
          if (stream.dueAt > at) continue;
          stream.dueAt = nextTime(stream.settings.intervalMs, at);
          due.set(stream.to, [...(due.get(stream.to) ?? []), name]);
        }
      }
      for (const [to, names] of due) to.collect(names);
    },
  };
}
