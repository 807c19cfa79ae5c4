/** Why a program is not run: the place in its source, and a sentence. */

export interface Refusal {
  /** From 1. */
  line: number;
  reason: string;
}

/** Thrown where reading cannot go on. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly at: number;

  constructor(at: number, reason: string) {
    super(reason);
    this.at = at;
  }
}
