/** Whether there is a bpftrace in this image that can be run, and which. */

import { bpftraceVersion, ProgramError } from '../../programs.js';
import type { Obstacle } from './library.js';

export interface Bpftrace {
  /** Undefined while it is being asked. */
  readonly found: { version: string } | Obstacle | undefined;
  /** Asks once; again after a while if there was none. */
  look(): void;
}

const AGAIN_MS = 60_000;

/** `now`: monotonic ms. */
export function findBpftrace(path: string, now: () => number, onFound: () => void): Bpftrace {
  let found: Bpftrace['found'];
  let askedAt: number | undefined;

  async function ask(): Promise<void> {
    try {
      found = { version: await bpftraceVersion(path) };
    } catch (error) {
      if (!(error instanceof ProgramError)) throw error;
      found = { reason: 'NoBpftrace', message: error.message };
    }
    onFound();
  }

  return {
    get found() {
      return found;
    },
    look() {
      if (found !== undefined && 'version' in found) return;
      if (askedAt !== undefined && now() - askedAt < AGAIN_MS) return;
      askedAt = now();
      void ask();
    },
  };
}
