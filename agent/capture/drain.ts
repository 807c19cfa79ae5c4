/** One drain at a time: the tracer tells what it has counted, and who has ended is forgotten. */

import type { Tracer } from '../tracer.js';
import type { Router } from './route.js';

export interface DrainOptions {
  tracer: Pick<Tracer, 'drain' | 'running'>;
  router: Router;
  /** Whether it is asked who waits for a lock; default no. */
  locks?: boolean;
  /** What a drain has told is complete; before ended servers are forgotten. */
  onDrained(): void | Promise<void>;
  onLog(line: string): void;
}

/** Never rejects for what the tracer does: a drain that fails is counted, and the first one in a row is told. */
export function createDrain({ tracer, router, locks = false, onDrained, onLog }: DrainOptions): () => Promise<void> {
  let failing = false;

  return async () => {
    try {
      await tracer.drain({ locks });
      failing = false;
    } catch (error) {
      router.lost('drainsFailed');
      if (!failing && tracer.running) onLog((error as Error).message);
      failing = true;
    }
    await onDrained();
    router.forgetEnded();
  };
}
