/** What the tracer is told. */

/** What the tracer is told about one target; each field's default is the tracer's. */
export interface TracerSettings {
  level: 'waits' | 'statements' | 'phases';
  /** ns; null: no statement is captured for being slow. */
  minDurationNs: number | null;
  errors: boolean;
  /** 0 to 1. */
  sampleRatio: number;
  traceContext: ('sqlcomment' | 'application_name')[];
  maxPerSecond: number;
  rawText: boolean;
  /** Waits of captured statements that are told one by one, from this length on, ns. */
  minWaitNs: number;
  /** How deep statements of functions and triggers are told with captured statements, at level phases; 0 to 8, 0: none. */
  nestedDepth: number;
}

export type TracerCommand =
  | { command: 'attach'; target: string; pid: number; settings: TracerSettings }
  | { command: 'settings'; target: string; settings: TracerSettings }
  | { command: 'detach'; target: string }
  | { command: 'drain'; token?: string; locks?: true };
