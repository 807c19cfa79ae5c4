/** Waiting until something happens or a time has come, whichever is first. */

export interface Wake {
  /** Ends the wait that is going on, or the next one. */
  now(): void;
  /** Resolves after `ms` at the latest. */
  within(ms: number): Promise<void>;
}

export function createWake(): Wake {
  let pending = false;
  let end: (() => void) | undefined;
  return {
    now() {
      pending = true;
      end?.();
    },
    async within(ms) {
      if (!pending) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          end = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      end = undefined;
      pending = false;
    },
  };
}
