/** The type of a field with its bounds, in words. */
import { kindOfString } from './patterns.js';

/** The part of a structural schema that a page tells about. */
export interface FieldSchema {
  type: string;
  description?: string;
  default?: unknown;
  enum?: string[];
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  maxItems?: number;
  maxProperties?: number;
  required?: string[];
  properties?: Record<string, FieldSchema>;
  items?: FieldSchema;
  additionalProperties?: FieldSchema;
  'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-validations'?: { rule: string; message: string }[];
}

export function typeInWords(schema: FieldSchema): string {
  if (schema.enum) return schema.enum.map(code).join(', ');
  switch (schema.type) {
    case 'string':
      return stringInWords(schema);
    case 'integer':
    case 'number':
      return numberInWords(schema);
    case 'array':
      return listInWords(schema);
    case 'object':
      return mapInWords(schema) ?? 'object';
    default:
      return schema.type;
  }
}

function stringInWords({ format, pattern, minLength = 0, maxLength }: FieldSchema): string {
  if (format === 'date-time') return 'time (RFC 3339)';
  const kind = pattern === undefined ? 'string' : kindOfString(pattern);
  return `${kind} of ${minLength > 0 ? `${minLength} to ${maxLength}` : `at most ${maxLength}`} characters`;
}

function numberInWords({ type, minimum, maximum }: FieldSchema): string {
  return `${type} from ${minimum}${maximum === Number.MAX_SAFE_INTEGER ? ' on' : ` to ${maximum}`}`;
}

function listInWords(schema: FieldSchema): string {
  const { items, maxItems } = schema;
  const keys = schema['x-kubernetes-list-map-keys'];
  const keyed = keys === undefined ? '' : `, one for each ${keys.map(code).join(', ')}`;
  if (items === undefined || items.properties) return `list of at most ${maxItems} objects${keyed}`;
  const once = schema['x-kubernetes-list-type'] === 'set' ? ', none twice' : '';
  return `list of at most ${maxItems}, each ${items.enum ? 'one of' : 'a'} ${typeInWords(items)}${once}`;
}

function mapInWords({ additionalProperties, maxProperties }: FieldSchema): string | undefined {
  if (additionalProperties === undefined) return undefined;
  return `map of at most ${maxProperties} entries, each a ${typeInWords(additionalProperties)}`;
}

export function code(text: string): string {
  return `\`${text}\``;
}
