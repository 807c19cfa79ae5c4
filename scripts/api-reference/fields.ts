/** The fields of a schema as a flat list, each with its path, in the order in which the schema has them. */
import type { FieldSchema } from './type.js';

export interface Field {
  /** `spec.targets[].podName` */
  path: string;
  schema: FieldSchema;
  /** Whether the object that holds it must have it. */
  required: boolean;
}

/** The field itself, then what is in it. Entries of lists and maps that are objects have no line of their own, their fields have. */
export function fieldsOf(path: string, schema: FieldSchema, required: boolean): Field[] {
  return [{ path, schema, required }, ...inside(path, schema), ...inside(`${path}[]`, schema.items)];
}

function inside(path: string, schema: FieldSchema | undefined): Field[] {
  return Object.entries(schema?.properties ?? {}).flatMap(([name, field]) =>
    fieldsOf(`${path}.${name}`, field, schema?.required?.includes(name) ?? false),
  );
}

export interface Rule {
  path: string;
  rule: string;
  message: string;
}

/** The CEL rules of a schema and of all in it. */
export function rulesOf(path: string, schema: FieldSchema): Rule[] {
  const { properties = {}, items, additionalProperties } = schema;
  return [
    ...(schema['x-kubernetes-validations'] ?? []).map(({ rule, message }) => ({ path, rule, message })),
    ...Object.entries(properties).flatMap(([name, field]) => rulesOf(`${path}.${name}`, field)),
    ...(items ? rulesOf(`${path}[]`, items) : []),
    ...(additionalProperties ? rulesOf(`${path}.*`, additionalProperties) : []),
  ];
}
