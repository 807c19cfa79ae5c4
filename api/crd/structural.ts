/** Turns a zod schema into a Kubernetes structural schema (OpenAPI v3), documented and bounded in every part. */
import { z } from 'zod';
import { assertSubset } from './subset.js';

export interface StructuralSchema {
  [keyword: string]: unknown;
  type?: string;
  description?: string;
  properties?: Record<string, StructuralSchema>;
  items?: StructuralSchema;
  additionalProperties?: StructuralSchema;
}

/** Keywords that a structural schema may have and that zod's subset leads to, in the order in which they are written. */
const KEYWORDS = (
  'type description default enum format pattern minLength maxLength minimum maximum minItems maxItems maxProperties ' +
  'x-kubernetes-list-type x-kubernetes-list-map-keys x-kubernetes-validations ' +
  'required properties items additionalProperties'
).split(' ');

/** The keyword that bounds each type; booleans and objects with fields are bounded by themselves. */
const BOUNDS: Record<string, string[]> = {
  string: ['maxLength'],
  array: ['maxItems', 'x-kubernetes-list-type'],
  integer: ['minimum', 'maximum'],
  number: ['minimum', 'maximum'],
};

/** Throws an Error that names the field, where `schema` leaves the subset, lacks a bound or lacks a description. */
export function structuralSchema(schema: z.ZodType, field: string): StructuralSchema {
  assertSubset(schema, field);
  const json = z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input' }) as Record<string, unknown>;
  return complete(flatten(json), field);
}

/**
 * What zod writes and a structural schema cannot have: `additionalProperties: false` is dropped (the API server prunes or refuses unknown
 * fields by itself), each `$ref` is replaced by what it points to. Throws an Error on a schema that refers to itself.
 */
export function flatten(json: Record<string, unknown>): StructuralSchema {
  const { definitions, ...root } = json;
  return flattened(root, { definitions }, []) as StructuralSchema;
}

function flattened(value: unknown, root: unknown, open: string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => flattened(item, root, open));
  if (typeof value !== 'object' || value === null) return value;
  const { $ref, ...own } = withoutAllOf(value as Record<string, unknown>);
  if (typeof $ref === 'string') {
    if (open.includes($ref)) throw new Error(`${$ref} refers to itself; a structural schema cannot`);
    return flattened({ ...referred(root, $ref), ...own }, root, [...open, $ref]);
  }
  if (own.additionalProperties === false) delete own.additionalProperties;
  return mapValues(own, (item, keyword) => {
    if (keyword === 'default') return item;
    // The names in `properties` are fields', whatever keyword they look like.
    if (keyword === 'properties')
      return mapValues(item as Record<string, unknown>, (property) => flattened(property, root, open));
    return flattened(item, root, open);
  });
}

function mapValues<Value, Result>(object: Record<string, Value>, map: (value: Value, key: string) => Result) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]));
}

/** Where something stands beside a reference, zod wraps the reference: `{allOf: [{$ref}], description}`. */
function withoutAllOf({ allOf, ...own }: Record<string, unknown>): Record<string, unknown> {
  if (allOf === undefined) return own;
  if (Array.isArray(allOf) && allOf.length === 1) return { ...allOf[0], ...own };
  throw new Error('allOf with several schemas is no part of the structural schemas that we write');
}

function referred(root: unknown, ref: string): object {
  const steps = ref.replace(/^#\//, '').split('/');
  const found = steps.reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], root);
  if (typeof found !== 'object' || found === null) throw new Error(`${ref} points to nothing`);
  return found;
}

/** Checks keywords, bounds and descriptions, and tells each default in its description, where kubectl explain shows it. */
function complete(schema: StructuralSchema, field: string): StructuralSchema {
  for (const keyword of Object.keys(schema)) {
    if (!KEYWORDS.includes(keyword))
      throw new Error(`${field}: ${keyword} is no keyword of the structural schemas that we write`);
  }
  const bounds = schema.additionalProperties ? ['maxProperties'] : (BOUNDS[schema.type ?? ''] ?? []);
  const missing = schema.enum ? [] : bounds.filter((bound) => !(bound in schema));
  if (missing.length > 0) throw new Error(`${field}: lacks ${missing.join(' and ')}; everything must be bounded`);
  const completed = { ...schema, ...parts(schema, field), ...documentation(schema, field) };
  return Object.fromEntries(
    KEYWORDS.flatMap((keyword) => (keyword in completed ? [[keyword, completed[keyword]]] : [])),
  );
}

function parts({ properties, items, additionalProperties }: StructuralSchema, field: string): StructuralSchema {
  return {
    ...(properties && {
      properties: mapValues(properties, (property, name) => complete(property, `${field}.${name}`)),
    }),
    ...(items && { items: complete(items, `${field}[]`) }),
    ...(additionalProperties && { additionalProperties: complete(additionalProperties, `${field}{}`) }),
  };
}

function documentation({ description, default: value }: StructuralSchema, field: string): StructuralSchema {
  if (description === undefined) throw new Error(`${field}: lacks a description; give it one with .describe()`);
  const told =
    value === undefined || value === '' || JSON.stringify(value) === '{}' ? '' : ` Default: ${inWords(value)}.`;
  return { description: `${description}${told}` };
}

function inWords(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  return value.length === 0 ? 'none' : value.join(', ');
}
