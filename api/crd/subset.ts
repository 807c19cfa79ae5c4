/**
 * The part of zod that custom resources may be written in: what a Kubernetes structural schema can say too. Everything else is refused
 * when the CRDs are generated, so that our own check and the API server's never part ways.
 */
import { z } from 'zod';
import { isMirrored } from '../rule.js';

/** Throws an Error that names the field and what it uses, if `schema` uses anything outside of the subset. */
export function assertSubset(schema: z.core.$ZodType, field: string): void {
  assertChecks(schema, field);
  if (schema instanceof z.ZodObject) {
    if (!(schema.def.catchall instanceof z.ZodNever)) refuse(field, 'is an open object; use z.strictObject');
    for (const [name, value] of Object.entries(schema.shape)) assertSubset(value, `${field}.${name}`);
  } else if (schema instanceof z.ZodArray) {
    assertSubset(schema.element, `${field}[]`);
  } else if (schema instanceof z.ZodRecord) {
    assertPlainKey(schema.keyType, field);
    assertSubset(schema.valueType, `${field}{}`);
  } else if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    assertSubset(schema.def.innerType, field);
  } else if (!isScalar(schema)) {
    refuse(field, `uses ${nameOf(schema)}, which a structural schema cannot say`);
  }
}

/** `string` and `number` stand for the plain ones; `z.email()` and `z.int32()` are known by their format. */
function nameOf(schema: z.core.$ZodType): string {
  const def = schema._zod.def as { type: string; format?: string };
  return def.format ?? def.type;
}

function isScalar(schema: z.core.$ZodType): boolean {
  if (schema instanceof z.ZodEnum) return schema.options.every((option) => typeof option === 'string');
  return ['string', 'number', 'boolean', 'safeint'].includes(nameOf(schema));
}

/** A structural schema has no rules for keys: `record(z.string().max(9), …)` would lose its bound. */
function assertPlainKey(key: z.core.$ZodType, field: string): void {
  if (!(key instanceof z.ZodString) || (key.def.checks ?? []).length > 0) {
    refuse(field, 'has rules for its keys; use z.string() and a rule about the whole map');
  }
}

const KNOWN_CHECKS = [
  'min_length',
  'max_length',
  'greater_than',
  'less_than',
  'number_format',
  'string_format',
  'custom',
];

function assertChecks(schema: z.core.$ZodType, field: string): void {
  for (const check of schema._zod.def.checks ?? []) {
    const def = check._zod.def as {
      check: string;
      format?: string;
      pattern?: RegExp;
      inclusive?: boolean;
      fn?: object;
    };
    if (!KNOWN_CHECKS.includes(def.check)) refuse(field, `uses the check ${def.check}`);
    if (def.inclusive === false) refuse(field, 'has a bound that is not inclusive; name the last allowed value');
    if (def.check === 'number_format' && def.format !== 'safeint')
      refuse(field, `uses the number format ${def.format}`);
    if (def.check === 'string_format') assertPattern(def, field);
    if (def.check === 'custom' && !(def.fn && isMirrored(def.fn))) {
      refuse(field, 'has a refinement that the API server does not know; use withRules');
    }
  }
}

function assertPattern({ format, pattern }: { format?: string; pattern?: RegExp }, field: string): void {
  if (format !== 'regex' || pattern === undefined) refuse(field, `uses the string format ${format}; use a regex`);
  if (pattern.flags !== '') refuse(field, `has a regex with the flags ${pattern.flags}`);
  if (/\(\?[=!<]|\\[1-9k]/.test(pattern.source)) {
    refuse(field, `has a regex with a lookaround, a named group or a back reference, which Go's regexp does not know`);
  }
}

function refuse(field: string, problem: string): never {
  throw new Error(`${field}: ${problem}`);
}
