/**
 * Rules that a field's type cannot say, such as "exactly one of". Each stands once, with its check for our own code and, beside it, what
 * makes the API server check the same: a CEL rule or a schema keyword. The CRD generator refuses a check that has no such mirror.
 */
import type { z } from 'zod';

export interface Rule<Value> {
  /** Completes "<value> …" or stands alone: `give exactly one of selector and podName`. Seen in kubectl too. */
  message: string;
  holds: (value: Value) => boolean;
  /** The same rule in CEL, where `self` is the value. */
  cel?: string;
  /** Schema keywords that say the same, such as `{maxProperties: 16}`. */
  keywords?: Record<string, unknown>;
}

const mirroredChecks = new WeakSet<object>();

/** The schema with these rules checked and mirrored in its JSON schema. */
export function withRules<Schema extends z.ZodType>(schema: Schema, ...rules: Rule<z.output<Schema>>[]): Schema {
  let result: Schema = schema;
  for (const { holds, message } of rules) {
    mirroredChecks.add(holds);
    result = result.refine(holds, { error: message });
  }
  const validations = rules.flatMap(({ cel, message }) => (cel === undefined ? [] : [{ rule: cel, message }]));
  return result.meta({
    ...Object.assign({}, ...rules.map(({ keywords }) => keywords)),
    ...(validations.length > 0 && { 'x-kubernetes-validations': validations }),
  }) as Schema;
}

/** Whether a refinement's function came from a rule, so that the API server checks the same. */
export function isMirrored(check: object): boolean {
  return mirroredChecks.has(check);
}
