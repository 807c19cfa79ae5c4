/** Finds the part of a zod schema that a field's path leads to. */
import { z } from 'zod';

/** The schema without what only says that the value may be missing: optional, default, prefault. */
export function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return unwrapped(schema.def.innerType);
  }
  return schema;
}

/** The schema of the value at `path`, unwrapped; undefined where the schema knows no such field. */
export function schemaAt(root: z.core.$ZodType, path: readonly PropertyKey[]): z.core.$ZodType | undefined {
  let schema: z.core.$ZodType | undefined = unwrapped(root);
  for (const step of path) {
    const next: z.core.$ZodType | undefined = schema && child(schema, step);
    schema = next && unwrapped(next);
  }
  return schema;
}

function child(schema: z.core.$ZodType, step: PropertyKey): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodObject) return schema.shape[String(step)];
  if (schema instanceof z.ZodArray) return schema.element;
  return schema instanceof z.ZodRecord ? schema.valueType : undefined;
}
