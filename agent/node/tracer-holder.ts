/** The tracer on a node: tried again for as long as it cannot be started, since a node's kernel and rights can be mended under us. */

import { setTimeout } from 'node:timers/promises';
import { startTracer, type Tracer, TracerError, type TracerOptions } from '../tracer.js';

export type TracerState =
  | { kind: 'starting' }
  | { kind: 'running' }
  /** It died and is being started again. */
  | { kind: 'restarting' }
  /** It cannot be started here; words of a row. */
  | { kind: 'failed'; reason: string; message: string };

export interface TracerHolder {
  readonly state: TracerState;
  /** Undefined until it has started for the first time. */
  readonly tracer: Tracer | undefined;
  stop(): Promise<void>;
}

export interface HolderOptions extends TracerOptions {
  /** The state has changed for the first time: it runs, or it cannot. */
  onChange(): void;
}

const FIRST_RETRY_MS = 10_000;
const MAX_RETRY_MS = 300_000;

export function holdTracer(options: HolderOptions): TracerHolder {
  const { onLog, onChange } = options;
  const stopping = new AbortController();
  let tracer: Tracer | undefined;
  let failure: TracerState | undefined;

  async function start(): Promise<void> {
    for (let delayMs = FIRST_RETRY_MS; !stopping.signal.aborted; delayMs = Math.min(delayMs * 2, MAX_RETRY_MS)) {
      try {
        tracer = await startTracer(options);
        return onChange();
      } catch (error) {
        if (!(error instanceof TracerError)) throw error;
        failure = { kind: 'failed', reason: reasonOf(error.message), message: error.message };
        onLog(`${error.message}; trying again in ${delayMs / 1000} s`);
        onChange();
      }
      await setTimeout(delayMs, undefined, { signal: stopping.signal, ref: false }).catch(() => {});
    }
  }
  const started = start();

  return {
    get state() {
      if (tracer !== undefined) return { kind: tracer.running ? ('running' as const) : ('restarting' as const) };
      return failure ?? { kind: 'starting' };
    },
    get tracer() {
      return tracer;
    },
    async stop() {
      stopping.abort();
      await started;
      await tracer?.stop();
    },
  };
}

/** The tracer says why it cannot run in a sentence alone (bpf/engine.c). */
function reasonOf(message: string): string {
  if (/the kernel refused|Operation not permitted|Permission denied/.test(message)) return 'NotPermitted';
  if (/Linux \S+ is too old|type information|could not be loaded|cannot be attached/.test(message))
    return 'UnsupportedKernel';
  return 'TracerFailed';
}
