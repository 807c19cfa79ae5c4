/** `pgscope top`: the live view, on a terminal or as blocks of plain text. */
import {
  type CapturedServer,
  CaptureError,
  type CaptureInterval,
  type CaptureSettings,
  runCapture,
} from '../capture.js';
import { createQueryDescriber } from '../queries.js';
import { TargetError } from '../targets.js';
import { TracerError } from '../tracer.js';
import { CommandError, type CommandIo, EXIT_OK } from './command.js';
import { Live } from './top/live.js';
import { type TopOptions, topOptions } from './top/options.js';
import { openOutput } from './top/output.js';

export async function runTop(argv: string[], io: CommandIo): Promise<number> {
  const options = topOptions(argv);
  try {
    await watch(options, io);
  } catch (error) {
    if (error instanceof CaptureError || error instanceof TargetError || error instanceof TracerError) {
      throw new CommandError(error.message);
    }
    throw error;
  }
  return EXIT_OK;
}

async function watch({ selection, level, sort, intervalMs, iterations }: TopOptions, io: CommandIo): Promise<void> {
  const describer = await createQueryDescriber();
  const live = new Live(sort, level);
  const quit = new AbortController();
  const signal = AbortSignal.any([io.signal, quit.signal]);
  const output = openOutput({ io, live, onQuit: () => quit.abort() });
  const servers = new Map<string, CapturedServer>();
  let pictures = 0;
  try {
    await runCapture({
      selection,
      settings: settings(level, intervalMs),
      describe: describer.describe,
      signal,
      env: io.env,
      onAttached(server) {
        servers.set(server.target, server);
        live.attached([...servers.values()]);
        output.begin();
      },
      onInterval(interval: CaptureInterval) {
        // The last drain comes at once after a stop: too short a time to show.
        if (signal.aborted) return;
        live.interval(interval);
        output.draw();
        pictures++;
        if (pictures === iterations) quit.abort();
      },
      onLog: (line) => output.log(line),
    });
  } finally {
    output.close();
  }
}

const FAILURES_PER_SECOND = 50;

/** Sums are all that is shown; only of failed statements some become records, for their SQLSTATE. */
function settings(level: TopOptions['level'], intervalMs: number): CaptureSettings {
  return {
    tracer: {
      level,
      minDurationNs: null,
      errors: true,
      sampleRatio: 0,
      traceContext: [],
      maxPerSecond: FAILURES_PER_SECOND,
      rawText: false,
      minWaitNs: 1_000_000,
      nestedDepth: 0,
    },
    intervalMs,
    queryText: 'normalized',
    maxQueries: 500,
    lockWaits: true,
  };
}
