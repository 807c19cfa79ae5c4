/** What the command line of `top` says. */
import { durationMs } from '../../../api/duration.js';
import type { Level } from '../../../api/postgres-profile.js';
import type { TargetSelection } from '../../targets.js';
import { UsageError } from '../command.js';
import { parseOptions } from '../parse-options.js';
import { targetOptions, targetSelection } from '../target-options.js';
import { SORT_KEYS, type SortKey } from './sort.js';

export interface TopOptions {
  selection: TargetSelection;
  level: Level;
  sort: SortKey;
  intervalMs: number;
  /** Pictures until the end; undefined: until it is stopped. */
  iterations: number | undefined;
}

/** Drains more often than this would cost more than they show; less often than this is no live view. */
const SHORTEST_MS = 100;
const LONGEST_MS = 3_600_000;
const LEVELS: readonly Level[] = ['waits', 'statements', 'phases'];

const options = {
  ...targetOptions,
  level: { type: 'string' },
  sort: { type: 'string' },
  interval: { type: 'string' },
  iterations: { type: 'string' },
} as const;

/** Throws a `UsageError` that names the option and the remedy. */
export function topOptions(argv: string[]): TopOptions {
  const values = parseOptions(argv, options);
  return {
    selection: targetSelection(values),
    level: levelOf(values.level ?? 'statements'),
    sort: sortOf(values.sort ?? 'time'),
    intervalMs: intervalOf(values.interval ?? '1s'),
    iterations: values.iterations === undefined ? undefined : iterationsOf(values.iterations),
  };
}

function levelOf(text: string): Level {
  const level = LEVELS.find((each) => each === text);
  if (level === undefined) throw new UsageError(`--level ${text}: unknown; give waits, statements or phases`);
  return level;
}

function sortOf(text: string): SortKey {
  const found = SORT_KEYS.find((key) => key === text);
  if (found === undefined) throw new UsageError(`--sort ${text}: unknown; give one of ${SORT_KEYS.join(', ')}`);
  return found;
}

function intervalOf(text: string): number {
  const intervalMs = parsedDuration(text);
  if (intervalMs < SHORTEST_MS || intervalMs > LONGEST_MS) throw new UsageError(`--interval ${text}: give 100ms to 1h`);
  return intervalMs;
}

function parsedDuration(text: string): number {
  try {
    return durationMs(text);
  } catch (error) {
    throw new UsageError(`--interval: ${(error as Error).message}`);
  }
}

function iterationsOf(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`--iterations ${text}: give a whole number from 1`);
}
