/** Waiting for a condition of the cluster, with an error that says what was waited for. */
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_INTERVAL_MS = 200;

/** Resolves when `condition` is true; an error that it throws counts as not yet, and is named if the time runs out. */
export async function waitFor(what: string, timeoutMs: number, condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  let reason = '';
  while (performance.now() < deadline) {
    try {
      if (await condition()) return;
      reason = '';
    } catch (error) {
      reason = `: ${error instanceof Error ? error.message : String(error)}`;
    }
    await sleep(POLL_INTERVAL_MS);
  }
  throw new Error(`${what} did not happen within ${timeoutMs / 1000} s${reason}`);
}
