/** Lenient reading of stored objects: fields that a newer version of the schema has are passed over. */
import type { z } from 'zod';
import { check } from '../fault.js';

/** A copy of `input` without the fields that `schema` does not know; every other fault stays for the check that follows. */
export function withoutUnknownFields(schema: z.ZodType, input: unknown): unknown {
  const result = check(schema, input);
  if ('value' in result) return input;
  const known = structuredClone(input);
  for (const issue of result.issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const holder = issue.path.reduce<unknown>((value, step) => (value as Record<PropertyKey, unknown>)[step], known);
    for (const key of issue.keys) delete (holder as Record<string, unknown>)[key];
  }
  return known;
}
