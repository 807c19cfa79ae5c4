/** Keys that are to be added later, one timer for each. */
import type { Clock } from '../../kube/clock.js';

export interface Delays {
  /** Of several times of one key the earliest holds. */
  add(key: string, ms: number): void;
  clear(): void;
}

/** Node takes no timer over 2^31 - 1 ms (25 days): it would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** `due` is called with each key when its time has come. */
export function createDelays(clock: Clock, due: (key: string) => void): Delays {
  const delayed = new Map<string, { at: number; cancel: () => void }>();
  return {
    add: (key, ms) => {
      const delayMs = Math.min(ms, LONGEST_MS);
      const at = clock.now() + delayMs;
      const known = delayed.get(key);
      if (known !== undefined && known.at <= at) return;
      known?.cancel();
      const fire = (): void => {
        delayed.delete(key);
        due(key);
      };
      delayed.set(key, { at, cancel: clock.after(delayMs, fire) });
    },
    clear: () => {
      for (const { cancel } of delayed.values()) cancel();
      delayed.clear();
    },
  };
}
