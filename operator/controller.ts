/** The seam between the loop that runs reconciles and what they do. */

/** When to look at a key again although nothing may have changed. */
export interface Requeue {
  afterMs: number;
}

export interface Controller {
  /** As metrics and logs call it. */
  name: string;
  /**
   * Brings what belongs to `key` into the state it should be in, whatever happened before. Never runs twice at once for one key.
   * Throws what went wrong; the key is then tried again with growing pauses.
   */
  reconcile(key: string, signal: AbortSignal): Promise<Requeue | undefined>;
}
