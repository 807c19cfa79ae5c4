/** `pgscope record`: captures, exports, and ends with a table of the queries. */

import { type CapturedServer, type CaptureSettings, captureSettings, runCapture } from '../capture.js';
import { createQueryDescriber } from '../queries.js';
import { TelemetrySettingsError } from '../telemetry.js';
import { type CommandIo, EXIT_OK, UsageError } from './command.js';
import { type RecordArguments, recordArguments } from './record/arguments.js';
import { type Export, openExport } from './record/export.js';
import { createLedger } from './record/ledger.js';
import { exportLossSentences, lossSentences } from './record/losses.js';
import { formatSummary } from './record/summary.js';

export async function runRecord(argv: string[], io: CommandIo): Promise<number> {
  const options = recordArguments(argv);
  const onLog = (line: string) => void io.stderr.write(`${line}\n`);
  const settings = captureSettings(options.spec);
  const output = await openOutput(options, settings, io.env, onLog);
  try {
    await capture({ options, settings, output, io, onLog });
  } catch (error) {
    await output?.end();
    throw error;
  }
  return EXIT_OK;
}

async function openOutput(
  { values }: RecordArguments,
  settings: CaptureSettings,
  env: NodeJS.ProcessEnv,
  onLog: (line: string) => void,
): Promise<Export | undefined> {
  try {
    return await openExport({ values, settings, env, onLog });
  } catch (error) {
    throw error instanceof TelemetrySettingsError ? new UsageError(error.message) : error;
  }
}

interface Recording {
  options: RecordArguments;
  settings: CaptureSettings;
  output: Export | undefined;
  io: CommandIo;
  onLog(line: string): void;
}

async function capture({ options, settings, output, io, onLog }: Recording): Promise<void> {
  const ledger = createLedger();
  const describer = await createQueryDescriber();
  if (io.stderr.isTTY && options.durationMs === undefined) onLog('Ctrl-C ends the recording.');
  let seconds = 0;
  let losses: Record<string, number> = {};
  await runCapture({
    selection: options.selection,
    settings,
    describe: describer.describe,
    ...(output === undefined ? {} : { sink: output.sink }),
    ...(options.durationMs === undefined ? {} : { durationMs: options.durationMs }),
    signal: io.signal,
    env: io.env,
    onAttached: (server) => onLog(attachedLine(server)),
    onInterval(interval) {
      ledger.add(interval);
      seconds += interval.seconds;
      losses = interval.losses;
      output?.collect();
    },
    onLog,
  });
  const exportLosses = (await output?.end()) ?? [];
  io.stdout.write(
    formatSummary({
      level: settings.tracer.level,
      seconds,
      queries: ledger.queries,
      losses: [...lossSentences(losses), ...exportLossSentences(exportLosses)],
    }),
  );
}

function attachedLine({ version, verified, dataDirectory, pid, backends }: CapturedServer): string {
  const unverified = verified ? '' : ' (unverified version)';
  return `recording PostgreSQL ${version}${unverified} in ${dataDirectory}: PID ${pid}, ${backends} processes`;
}
