/** The command line of `run`; what is wrong is said in one sentence. */

import { durationMs, durationProblem } from '../../../api/duration.js';
import type { TargetSelection } from '../../targets.js';
import { UsageError } from '../command.js';
import { otlpOptions } from '../otlp-options.js';
import { parseOptionsAndWord } from '../parse-options.js';
import { targetOptions, targetSelection } from '../target-options.js';

const options = {
  ...targetOptions,
  arg: { type: 'string', multiple: true },
  duration: { type: 'string' },
  interval: { type: 'string' },
  print: { type: 'boolean' },
  'query-text': { type: 'string' },
  list: { type: 'boolean' },
  ...otlpOptions,
} as const;

export interface RunArguments {
  /** Undefined: the programs are to be listed. */
  program: string | undefined;
  selection: TargetSelection;
  args: Record<string, string>;
  /** Undefined: until a signal. */
  durationMs: number | undefined;
  intervalMs: number;
  printsIntervals: boolean;
  queryText: 'none' | 'normalized' | 'raw';
  values: ReturnType<typeof parseOptionsAndWord<typeof options>>['values'];
}

const QUERY_TEXTS = ['none', 'normalized', 'raw'] as const;

/** Throws a UsageError. */
export function runArguments(argv: string[]): RunArguments {
  const { values, word } = parseOptionsAndWord(argv, options);
  if (word === undefined && !values.list)
    throw new UsageError('which program? Give a name of pgscope run --list, or a file');
  return {
    program: values.list ? undefined : word,
    selection: targetSelection(values),
    args: Object.fromEntries((values.arg ?? []).map(argumentOf)),
    durationMs: values.duration === undefined ? undefined : timeOf('duration', values.duration, ['1ms', '720h']),
    intervalMs: timeOf('interval', values.interval ?? '10s', ['100ms', '1h']),
    printsIntervals: values.print ?? false,
    queryText: queryTextOf(values['query-text'] ?? 'normalized'),
    values,
  };
}

function argumentOf(text: string): [string, string] {
  const equals = text.indexOf('=');
  if (equals < 1) throw new UsageError(`--arg ${text}: write it as --arg name=value`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}

function timeOf(option: string, text: string, [shortest, longest]: [string, string]): number {
  const problem = durationProblem(text);
  if (problem !== undefined) throw new UsageError(`--${option}: ${JSON.stringify(text)} ${problem}`);
  const ms = durationMs(text);
  if (ms >= durationMs(shortest) && ms <= durationMs(longest)) return ms;
  throw new UsageError(`--${option} ${text}: give ${shortest} to ${longest}`);
}

function queryTextOf(text: string): RunArguments['queryText'] {
  const mode = QUERY_TEXTS.find((each) => each === text);
  if (mode === undefined) throw new UsageError(`--query-text ${text}: unknown; give ${QUERY_TEXTS.join(', ')}`);
  return mode;
}
