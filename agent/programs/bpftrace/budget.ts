/** Limits of what a program may tell in a second. */

/** So many in a second, and as many at once after a quiet one. */
export interface EventBudget {
  /** Whether one more may pass. */
  take(): boolean;
}

/** `now`: monotonic ms. */
export function createEventBudget(perSecond: number, now: () => number): EventBudget {
  let left = perSecond;
  let at = now();
  return {
    take() {
      const present = now();
      left = Math.min(perSecond, left + ((present - at) * perSecond) / 1000);
      at = present;
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
}

export interface ByteBudget {
  /** How long to wait before more is read, ms; 0: not at all. */
  spend(bytes: number): number;
}

export function createByteBudget(perSecond: number, now: () => number): ByteBudget {
  let spent = 0;
  let from = now();
  return {
    spend(bytes) {
      const present = now();
      if (present - from >= 1000) {
        spent = 0;
        from = present;
      }
      spent += bytes;
      return spent < perSecond ? 0 : Math.max(0, from + 1000 - present);
    },
  };
}
