/** Starting the tracer again with growing pauses, for as long as it takes. */

import { setTimeout } from 'node:timers/promises';
import type { Session } from './session.js';

export interface RestartOptions {
  open(): Promise<Session>;
  onLog(line: string): void;
  /** Before the first attempt, ms; doubled with each up to a minute, until a session has lasted for a minute. */
  delayMs: number;
  /** Ends the attempts. */
  signal: AbortSignal;
}

export interface Restarter {
  /** Attempts so far. */
  readonly attempts: number;
  /** A new session, or undefined if the signal came first. `why` tells how the last one ended, `lastedMs` after which time. */
  next(why: string, lastedMs: number): Promise<Session | undefined>;
}

const MAX_DELAY_MS = 60_000;

export function createRestarter({ open, onLog, delayMs: firstDelayMs, signal }: RestartOptions): Restarter {
  let delayMs = firstDelayMs;
  let attempts = 0;

  /** The session, or why there is none. */
  async function attempt(): Promise<Session | string> {
    attempts += 1;
    try {
      return await open();
    } catch (error) {
      return (error as Error).message;
    }
  }

  return {
    get attempts() {
      return attempts;
    },
    async next(why, lastedMs) {
      if (lastedMs > MAX_DELAY_MS) delayMs = firstDelayMs;
      let outcome: Session | string = why;
      while (typeof outcome === 'string' && !signal.aborted) {
        onLog(`${outcome}; starting it again in ${delayMs / 1000} s`);
        await setTimeout(delayMs, undefined, { ref: false, signal }).catch(() => {});
        delayMs = Math.min(delayMs * 2, MAX_DELAY_MS);
        if (!signal.aborted) outcome = await attempt();
      }
      return typeof outcome === 'string' ? undefined : outcome;
    },
  };
}
