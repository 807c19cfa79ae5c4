/** Whether the agent works: its steps go on, the tracer answers, the list of NodeProfiles is known. */

import type { NodeCapture } from './capture.js';
import type { Check } from './http.js';

export interface HealthFacts {
  /** Monotonic ms of the last completed step; undefined before the first. */
  steppedAt(): number | undefined;
  synced(): boolean;
  capture: Pick<NodeCapture, 'tracer' | 'answeredAt'>;
  /** Monotonic ms. */
  now(): number;
}

/** A step can wait for a minute for the tracer to attach (agent/tracer/session.ts), and the tracer is drained each 15 s. */
const PATIENCE_MS = 150_000;

/** Not healthy means: a restart would help. That the API server, a destination or this kernel does not do is no reason. */
export function healthz({ steppedAt, synced, capture, now }: HealthFacts): Check {
  return () => {
    const stepped = steppedAt();
    if (synced() && stepped !== undefined && now() - stepped > PATIENCE_MS)
      return `no step has been completed for ${seconds(now() - stepped)} s`;
    const answered = capture.answeredAt;
    if (capture.tracer.kind === 'running' && answered !== undefined && now() - answered > PATIENCE_MS)
      return `the tracer has not answered for ${seconds(now() - answered)} s`;
    return undefined;
  };
}

/**
 * Ready means: what its NodeProfiles' status says can be relied on. Where the tracer cannot run, or is being started again, the rows say
 * so, and more precisely than an agent that is not ready could.
 */
export function readyz({ steppedAt, synced, capture }: HealthFacts): Check {
  return () => {
    if (!synced()) return 'the NodeProfiles of this node are not known yet';
    if (capture.tracer.kind === 'starting') return 'the tracer is being started';
    return steppedAt() === undefined ? 'the first step is not completed yet' : undefined;
  };
}

function seconds(ms: number): number {
  return Math.round(ms / 1000);
}
