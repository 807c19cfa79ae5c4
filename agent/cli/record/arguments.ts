/** The command line of `record` as settings; what is wrong is said in one sentence for each value. */

import { readFileSync } from 'node:fs';
import { durationMs } from '../../../api/duration.js';
import { checkRecordSpec, type RecordSpec, readRecordProfile } from '../../../api/postgres-profile.js';
import type { TargetSelection } from '../../targets.js';
import { UsageError } from '../command.js';
import { parseOptions } from '../parse-options.js';
import { targetSelection } from '../target-options.js';
import { type ProfileOption, profileFields, recordOptions } from './options.js';

export interface RecordArguments {
  selection: TargetSelection;
  spec: RecordSpec;
  /** Undefined: until a signal. */
  durationMs: number | undefined;
  values: RecordValues;
}

export type RecordValues = ReturnType<typeof parseRecordOptions>;

/** Reads the profile, too. Throws a UsageError. */
export function recordArguments(argv: string[]): RecordArguments {
  const values = parseRecordOptions(argv);
  const spec = readSpec(values);
  return {
    selection: targetSelection(values),
    spec,
    durationMs: spec.duration === undefined ? undefined : durationMs(spec.duration),
    values,
  };
}

function parseRecordOptions(argv: string[]) {
  return parseOptions(argv, recordOptions);
}

/** The profile's settings with those of the command line on top, and defaults below. */
function readSpec(values: RecordValues): RecordSpec {
  const spec: Record<string, unknown> = values.profile === undefined ? {} : readProfile(values.profile);
  const shownNames: Record<string, string> = {};
  const put = (path: readonly string[], option: string, value: unknown) => {
    setField(spec, path, value);
    const field = ['spec', ...path].join('.');
    for (const name of [field, `${field}[0]`, `${field}[1]`]) shownNames[name] = `--${option}`;
  };
  for (const [option, { path, kind }] of Object.entries(profileFields)) {
    const text = values[option as ProfileOption];
    if (text !== undefined) put(path, option, fieldValue(text, kind));
  }
  if (values.errors !== undefined) put(['spans', 'errors'], 'errors', values.errors);
  const reading = checkRecordSpec(spec, shownNames);
  if (!reading.ok) throw new UsageError(reading.errors.join('\n'));
  return reading.spec;
}

function readProfile(path: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`the profile ${path} cannot be read: ${(error as Error).message}`);
  }
  const reading = readRecordProfile(text);
  if (!reading.ok) throw new UsageError(reading.errors.map((error) => `${path}: ${error}`).join('\n'));
  return structuredClone(reading.spec);
}

function setField(spec: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first = '', ...rest] = path;
  if (rest.length === 0) {
    spec[first] = value;
    return;
  }
  const inner = (spec[first] ?? {}) as Record<string, unknown>;
  spec[first] = inner;
  setField(inner, rest, value);
}

/** What is no number stays text: the schema then says what was expected. */
function fieldValue(text: string, kind: 'text' | 'number' | 'list'): unknown {
  if (kind === 'list') return text === 'none' ? [] : text.split(',').map((item) => item.trim());
  if (kind === 'number' && text.trim() !== '' && Number.isFinite(Number(text))) return Number(text);
  return text;
}
