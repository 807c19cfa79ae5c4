/** One captured server and its streams, one for each destination, with their own settings, series and times. */

import type { CapturedServer, SeenQuery } from '../capture.js';
import type { DescribedQuery, QueryDescriber } from '../queries.js';
import { type Attributes, containerResource, type Telemetry } from '../telemetry.js';
import type { AggregateEvent, IdentityEvent, IoEvent, StatementEvent } from '../tracer.js';
import { createCatalog } from './catalog.js';
import { mergeSpans, type StreamSettings } from './merge.js';
import type { PlannedTarget } from './plan.js';
import { createShare, type Share } from './share.js';

export interface Stream {
  to: Telemetry;
  settings: StreamSettings;
  share: Share;
  /** Of the server in this stream's telemetry, as JSON. */
  resource: string;
  /** What `share` was made of, as JSON. */
  spans: string;
  /** When its next metrics are due; monotonic ms. */
  dueAt: number;
}

export interface SourceOptions {
  server: CapturedServer;
  /** Servers of one container are numbered from 1. */
  number: number;
  nodeName: string;
  /** Destination → its telemetry. */
  telemetry(destination: string): Telemetry;
  describe: QueryDescriber['describe'];
  /** Monotonic ms. */
  now(): number;
}

export interface Source {
  server: CapturedServer;
  number: number;
  /** By destination. */
  streams: ReadonlyMap<string, Stream>;
  /** Begins, changes and ends streams. */
  follow(target: PlannedTarget | undefined): void;
  /** Of its telemetry at a destination; undefined if there is none. */
  resource(destination: string): Attributes | undefined;
  identity(event: IdentityEvent): void;
  query(seen: SeenQuery): void;
  statement(event: StatementEvent): void;
  aggregate(event: AggregateEvent): void;
  io(event: IoEvent): void;
}

/** The first metrics of a stream leave so long after its begin, with what the server did in this time. ms. */
const FIRST_METRICS_MS = 500;

export function createSource({ server, number, nodeName, telemetry, describe, now }: SourceOptions): Source {
  const catalog = createCatalog();
  const streams = new Map<string, Stream>();
  const name = server.target;

  const attributesOf = (resource: Record<string, string>): Attributes =>
    containerResource(server, { 'host.name': nodeName, ...resource }, number);

  /** A target that this telemetry has already ends first: its series are those of another resource. */
  function begin({ to, settings }: Stream, resource: Record<string, string>): void {
    to.addTarget(name, attributesOf(resource), {
      maxQueries: settings.maxQueries,
      rawText: settings.queryText === 'raw',
      major: server.major,
    });
    for (const identity of catalog.identities()) to.identity(identity);
    tellQueries(to, settings);
  }

  function tellQueries(to: Telemetry, settings: StreamSettings): void {
    for (const [fingerprint, described] of catalog.queries()) to.query(name, fingerprint, shown(described, settings));
  }

  function change(stream: Stream, before: Stream, resource: Record<string, string>): void {
    const { to, settings } = stream;
    if (stream.resource !== before.resource) {
      begin(stream, resource);
      return;
    }
    to.changeTarget(name, { maxQueries: settings.maxQueries, rawText: settings.queryText === 'raw' });
    if (settings.queryText !== before.settings.queryText) tellQueries(to, settings);
  }

  function bring(destination: string, settings: StreamSettings, target: PlannedTarget): void {
    const to = telemetry(destination);
    const before = streams.get(destination);
    const together = Array.from(target.streams.values(), ({ spans }) => spans).reduce(mergeSpans);
    const spans = JSON.stringify([settings.spans, together]);
    const share =
      before?.spans === spans
        ? before.share
        : createShare({ asked: settings.spans, together, onLimited: () => to.dropped('recordsRateLimited') });
    const stream = { to, settings, share, spans, resource: JSON.stringify(target.resource) };
    if (before === undefined) {
      const first = { ...stream, dueAt: now() + FIRST_METRICS_MS };
      begin(first, target.resource);
      streams.set(destination, first);
    } else {
      const next = { ...stream, dueAt: Math.min(before.dueAt, nextTime(settings.intervalMs, now())) };
      change(next, before, target.resource);
      streams.set(destination, next);
    }
  }

  /** A text as a client sent it is only made into something that stays where it may be shown. */
  function described({ described, sent }: SeenQuery, { queryText }: StreamSettings): DescribedQuery {
    if (queryText === 'raw') return describe(sent.text, { truncated: sent.truncated, queryText });
    return shown(described, { queryText });
  }

  return {
    server,
    number,
    streams,
    follow(target) {
      for (const [destination, { to }] of streams) {
        if (target?.streams.has(destination)) continue;
        streams.delete(destination);
        to.removeTarget(name);
      }
      if (target === undefined) return;
      for (const [destination, settings] of target.streams) bring(destination, settings, target);
    },
    resource(destination) {
      const stream = streams.get(destination);
      return stream && attributesOf(JSON.parse(stream.resource));
    },
    identity(event) {
      catalog.identity(event);
      for (const { to } of streams.values()) to.identity(event);
    },
    query(seen) {
      catalog.query(seen.fingerprint, seen.described);
      for (const { to, settings } of streams.values()) to.query(name, seen.fingerprint, described(seen, settings));
    },
    statement(event) {
      for (const { to, share, settings } of streams.values()) {
        const own = share.take(event);
        if (own !== undefined) to.statement(withBlockersShown(own, settings));
      }
    },
    aggregate(event) {
      for (const { to } of streams.values()) to.aggregate(event);
    },
    io(event) {
      for (const { to } of streams.values()) to.io(event);
    },
  };
}

/** Without the texts of those who hold locks, where none may be shown. */
function withBlockersShown(event: StatementEvent, settings: StreamSettings): StatementEvent {
  if (settings.queryText !== 'none' || event.longWaits === undefined) return event;
  const longWaits = event.longWaits.map((wait) => {
    const blockers = wait.lock?.blockers.map((blocker) =>
      blocker.described === undefined ? blocker : { ...blocker, described: shown(blocker.described, settings) },
    );
    return wait.lock === undefined || blockers === undefined ? wait : { ...wait, lock: { ...wait.lock, blockers } };
  });
  return { ...event, longWaits };
}

function shown(described: DescribedQuery, { queryText }: Pick<StreamSettings, 'queryText'>): DescribedQuery {
  return queryText === 'none' ? { ...described, text: undefined } : described;
}

/** All streams share one grid of times, so that few drains serve them all. */
export function nextTime(intervalMs: number, at: number): number {
  return (Math.floor(at / intervalMs) + 1) * intervalMs;
}
