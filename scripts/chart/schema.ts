/** The chart's values.schema.json: a value that is not in values.yaml is refused, so that a misspelt one is. */
import type { Value } from './values.js';

export interface Schema {
  [keyword: string]: unknown;
  properties?: Record<string, Schema>;
}

export function schemaOf(values: Value[]): Schema {
  const root: Schema = { $schema: 'http://json-schema.org/draft-07/schema#', title: 'Values of pgscope', ...group() };
  for (const value of values) {
    const last = value.path.at(-1) ?? '';
    propertiesOf(value.path.slice(0, -1), root)[last] = {
      description: value.description,
      type: typeOf(value.preset),
      ...value.constraints,
    };
  }
  // Helm adds it where this chart is a part of another one.
  propertiesOf([], root).global = { type: 'object', description: 'Not used.' };
  return root;
}

function propertiesOf(path: string[], root: Schema): Record<string, Schema> {
  let { properties = {} } = root;
  for (const name of path) {
    properties[name] ??= group();
    ({ properties = {} } = properties[name]);
  }
  return properties;
}

function group(): Schema {
  return { type: 'object', additionalProperties: false, properties: {} };
}

function typeOf(preset: unknown): string {
  if (Array.isArray(preset)) return 'array';
  return Number.isInteger(preset) ? 'integer' : typeof preset;
}
