/** Commands that wait for their answer: each is settled by the first event that answers it, by a timeout, or by the tracer's end. */

import { RefusedError, TracerError } from './errors.js';
import type { TracerEvent } from './events.js';

export interface Awaited<T extends TracerEvent> {
  /** For the error message: what was asked for, as a noun phrase. */
  what: string;
  timeoutMs: number;
  answers(event: TracerEvent): event is T;
  /** A refusal of this target is an answer, too. */
  target?: string;
}

export interface Answers {
  expect<T extends TracerEvent>(awaited: Awaited<T>): Promise<T>;
  /** Gives an event to the command that it answers; false if none waits for it. */
  settle(event: TracerEvent): boolean;
  failAll(error: Error): void;
}

interface Waiting {
  settle(event: TracerEvent): boolean;
  fail(error: Error): void;
}

export function createAnswers(): Answers {
  const waiting = new Set<Waiting>();

  return {
    expect<T extends TracerEvent>({ what, timeoutMs, answers, target }: Awaited<T>): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        const done = () => {
          clearTimeout(timer);
          waiting.delete(entry);
        };
        const entry: Waiting = {
          settle(event) {
            if (answers(event)) resolve(event);
            else if (event.type === 'refused' && event.target === target) reject(new RefusedError(event));
            else return false;
            done();
            return true;
          },
          fail(error) {
            reject(error);
            done();
          },
        };
        const timer = setTimeout(
          () => entry.fail(new TracerError(`the tracer has not answered ${what} within ${timeoutMs / 1000} s`)),
          timeoutMs,
        );
        timer.unref();
        waiting.add(entry);
      });
    },
    settle(event) {
      for (const entry of waiting) if (entry.settle(event)) return true;
      return false;
    },
    failAll(error) {
      for (const entry of [...waiting]) entry.fail(error);
    },
  };
}
