/** Waits for a condition that is expensive to look at, with a limit of minutes. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Patience {
  limitMs: number;
  /** Between two looks; default 1 s. */
  pauseMs?: number;
}

/** How long it took, in seconds; rejects, saying what has not happened and how far it got, when the time is over. */
export async function until(
  what: string,
  { limitMs, pauseMs = 1_000 }: Patience,
  look: () => Promise<true | string>,
): Promise<number> {
  const began = performance.now();
  for (;;) {
    const found = await look();
    const passedMs = performance.now() - began;
    if (found === true) return passedMs / 1000;
    if (passedMs > limitMs) throw new Error(`not within ${limitMs / 1000} s: ${what}; ${found}`);
    await sleep(pauseMs);
  }
}
