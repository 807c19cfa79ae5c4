/** What can go wrong with the tracer, with messages for people. */

import type { RefusedEvent } from './events.js';

/** The tracer cannot run, has ended, or does not answer. */
export class TracerError extends Error {
  override readonly name = 'TracerError';
}

/** The tracer refuses a command; the message is its own sentence. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly target: string;
  /** One CamelCase word of docs/tracer-protocol.md. */
  readonly reason: string;

  constructor({ target, reason, message }: RefusedEvent) {
    super(message);
    this.target = target;
    this.reason = reason;
  }
}
