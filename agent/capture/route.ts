/** Hands each event of the tracer to those who want it: the servers' list and the sinks. */

import type { DescribedQuery } from '../queries.js';
import type { AgentLoss } from '../telemetry.js';
import type { Tracer, TracerEvent } from '../tracer.js';
import { withBlockersDescribed, withSessionsDescribed } from './blockers.js';
import { createLosses } from './losses.js';
import type { Servers } from './servers.js';
import type { CaptureSink, SeenQuery } from './sink.js';

/** How a text of this target may be shown. */
export type Describe = (target: string, sent: SeenQuery['sent']) => DescribedQuery;

export interface RouterOptions {
  describe: Describe;
  /** Each gets each event, in this order. */
  sinks: readonly CaptureSink[];
  /** Both are known only when the tracer has started. */
  servers(): Pick<Servers, 'attached' | 'ended' | 'counted'>;
  tracer(): Pick<Tracer, 'restarts' | 'malformedLines'>;
  onLog(line: string): void;
}

export interface Router {
  receive(event: TracerEvent): void;
  /** Servers that have ended and did not come back are forgotten; what they did before has been handed on. */
  forgetEnded(): void;
  /** Counts one more loss of the agent's own. */
  lost(name: AgentLoss): void;
  /** What was lost since the start, in the kernel, the tracer and here; only what is not 0. */
  readonly losses: Record<string, number>;
}

const MAX_SENTENCES = 100;

export function createRouter({ describe, sinks, servers, tracer, onLog }: RouterOptions): Router {
  const losses = createLosses();
  const ended = new Set<string>();
  const said = new Set<string>();

  const tell = (what: (sink: CaptureSink) => void): void => {
    for (const sink of sinks) what(sink);
  };

  /** Servers of one version all miss the same. */
  function sayOnce(sentence: string): void {
    if (said.has(sentence) || said.size >= MAX_SENTENCES) return;
    said.add(sentence);
    onLog(sentence);
  }

  function allLosses(): Record<string, number> {
    const { restarts, malformedLines } = tracer();
    const own: Partial<Record<AgentLoss, number>> = { tracerRestarts: restarts, linesMalformed: malformedLines };
    return withoutZeros({ ...losses.totals, ...own });
  }

  const handlers: { [Type in TracerEvent['type']]: (event: Extract<TracerEvent, { type: Type }>) => void } = {
    ready: () => losses.tracerStarted(),
    attached(event) {
      ended.delete(event.target);
      servers().attached(event);
      event.missing.forEach(sayOnce);
    },
    detached({ target, reason }) {
      ended.add(target);
      if (reason === 'Exited') servers().ended(target);
    },
    hook: ({ message }) => onLog(message),
    identity: (event) => tell((sink) => sink.identity(event)),
    query({ target, fingerprint, ...sent }) {
      const seen = { target, fingerprint, described: describe(target, sent), sent };
      tell((sink) => sink.query(seen));
    },
    statement(event) {
      const described = withBlockersDescribed(event, (sent) => describe(event.target, sent));
      tell((sink) => sink.statement(described));
    },
    aggregate: (event) => tell((sink) => sink.aggregate(event)),
    io: (event) => tell((sink) => sink.io(event)),
    lock(event) {
      const described = withSessionsDescribed(event, (sent) => describe(event.target, sent));
      tell((sink) => sink.lock?.(described));
    },
    drained(event) {
      losses.report(event.losses);
      for (const seen of event.targets) servers().counted(seen);
      const complete = { ...event, losses: allLosses() };
      tell((sink) => sink.drained(complete));
    },
    refused: () => {},
    settings: () => {},
  };

  return {
    receive: (event) => (handlers[event.type] as (event: TracerEvent) => void)(event),
    forgetEnded() {
      for (const target of ended) tell((sink) => sink.removeTarget(target));
      ended.clear();
    },
    lost: (name) => losses.add(name),
    get losses() {
      return allLosses();
    },
  };
}

function withoutZeros(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}
