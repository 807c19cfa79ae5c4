/** Whether this version can run trace programs. */
import type { PostgresProfileSpec } from './spec.js';

/** Why programs cannot be run by this version, as a sentence that completes the field's name; undefined if none is asked for. */
export function programsRefusal({ length }: PostgresProfileSpec['programs']): string | undefined {
  return length === 0 ? undefined : 'trace programs are not available yet; take this field out';
}
