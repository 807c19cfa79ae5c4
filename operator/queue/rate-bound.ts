/** A token bucket over all keys, so that a thousand of them that fail together do not come back together. */
import type { Clock } from '../../kube/clock.js';

const PER_SECOND = 10;
const BURST = 100;

export interface RateBound {
  /** Takes the next free token and gives the time until it is there, ms. */
  reserve(): number;
}

export function createRateBound(clock: Clock): RateBound {
  let tokens = BURST;
  let countedAt = clock.now();
  return {
    reserve: () => {
      const now = clock.now();
      // A clock that was set back brings no tokens and takes none.
      tokens = Math.min(BURST, tokens + (Math.max(0, now - countedAt) * PER_SECOND) / 1000) - 1;
      countedAt = now;
      return tokens >= 0 ? 0 : (-tokens * 1000) / PER_SECOND;
    },
  };
}
