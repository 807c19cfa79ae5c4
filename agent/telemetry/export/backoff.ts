/** How long to wait before a delivery is tried again. */

export interface RetrySettings {
  /** First wait, doubled each time; default 1 s. */
  initialMs: number;
  /** Longest wait of our own; default 30 s. */
  maxMs: number;
  /** Longest wait that a receiver may ask for; default 2 min. */
  maxRetryAfterMs: number;
  /** A batch that could not be delivered for so long is given up; default 5 min. */
  giveUpMs: number;
}

export const DEFAULT_RETRY: RetrySettings = {
  initialMs: 1000,
  maxMs: 30_000,
  maxRetryAfterMs: 120_000,
  giveUpMs: 300_000,
};

/** `failures`: deliveries that failed in a row, at least 1. `random`: 0 to 1; the wait is between half and all of the step. */
export function backoffMs(failures: number, { initialMs, maxMs }: RetrySettings, random = Math.random()): number {
  const step = Math.min(maxMs, initialMs * 2 ** Math.min(failures - 1, 30));
  return step / 2 + (random * step) / 2;
}

/** Reads Retry-After (seconds or an HTTP date); undefined if it is absent or unreadable. Never negative. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
