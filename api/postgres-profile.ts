/** The PostgresProfile: its types, and the ways to read one. The door of api/postgres-profile/. */
import { check, fieldName, sentences } from './fault.js';
import { withoutUnknownFields } from './postgres-profile/lenient.js';
import { type PostgresProfileSpec, profileSpec } from './postgres-profile/spec.js';
import type { Reading } from './reading.js';

export type { ProfileProgram } from './postgres-profile/programs.js';
export { checkRecordSpec, type RecordSpec, readRecordProfile } from './postgres-profile/record.js';
export type { Level, PostgresProfileSpec } from './postgres-profile/spec.js';
export type { PostgresProfileStatus } from './postgres-profile/status.js';
export type { Reading } from './reading.js';

/** Checks a spec as the API server does under fieldValidation=Strict: unknown fields are refused. Fills in the defaults. */
export function checkSpec(input: unknown): Reading<PostgresProfileSpec> {
  const result = check(profileSpec, input);
  if ('value' in result) return { ok: true, spec: result.value };
  return { ok: false, errors: sentences(result.faults, ({ path, text }) => `${fieldName('spec', path)}: ${text}`) };
}

/** Reads a spec that the API server has stored, perhaps for a newer version of us: unknown fields are ignored. Fills in the defaults. */
export function readStoredSpec(input: unknown): Reading<PostgresProfileSpec> {
  return checkSpec(withoutUnknownFields(profileSpec, input));
}
