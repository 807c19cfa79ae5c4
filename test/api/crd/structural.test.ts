import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { flatten, structuralSchema } from '../../../api/crd/structural.js';
import { withRules } from '../../../api/rule.js';

const text = () => z.string().max(9).describe('A text.');
const object = (shape: z.core.$ZodLooseShape) => z.strictObject(shape).describe('An object.');

describe('structuralSchema', () => {
  test('writes bounds, defaults, rules and documentation, and no additionalProperties: false', () => {
    const list = z.array(text()).max(3).describe('Texts.').meta({ 'x-kubernetes-list-type': 'atomic' });
    const schema = withRules(
      object({
        name: text()
          .min(1)
          .regex(/^[a-z]+$/),
        size: z.number().int().min(1).max(5).default(3).describe('A size.'),
        note: text().default(''),
        list: list.default(['a', 'b']),
        inner: object({ on: z.boolean().default(false).describe('A switch.') }).prefault({}),
        labels: z.record(z.string(), text()).meta({ maxProperties: 2, description: 'Labels.' }).optional(),
      }),
      { message: 'not x', holds: ({ name }) => name !== 'x', cel: "self.name != 'x'" },
    );
    expect(structuralSchema(schema, 'spec')).toEqual({
      type: 'object',
      description: 'An object.',
      'x-kubernetes-validations': [{ rule: "self.name != 'x'", message: 'not x' }],
      required: ['name'],
      properties: {
        name: { type: 'string', description: 'A text.', pattern: '^[a-z]+$', minLength: 1, maxLength: 9 },
        size: { type: 'integer', description: 'A size. Default: 3.', default: 3, minimum: 1, maximum: 5 },
        note: { type: 'string', description: 'A text.', default: '', maxLength: 9 },
        list: {
          type: 'array',
          description: 'Texts. Default: a, b.',
          default: ['a', 'b'],
          maxItems: 3,
          'x-kubernetes-list-type': 'atomic',
          items: { type: 'string', description: 'A text.', maxLength: 9 },
        },
        inner: {
          type: 'object',
          description: 'An object.',
          default: {},
          properties: { on: { type: 'boolean', description: 'A switch. Default: false.', default: false } },
        },
        labels: {
          type: 'object',
          description: 'Labels.',
          maxProperties: 2,
          additionalProperties: { type: 'string', description: 'A text.', maxLength: 9 },
        },
      },
    });
  });

  test('puts a schema with an id where it is used', () => {
    const named = z.string().max(5).meta({ id: 'Named', description: 'A name.' });
    expect(structuralSchema(object({ a: named, b: named.optional().describe('Another.') }), 'spec').properties).toEqual(
      {
        a: { type: 'string', description: 'A name.', maxLength: 5 },
        b: { type: 'string', description: 'Another.', maxLength: 5 },
      },
    );
  });

  const refused: [what: string, schema: z.ZodType, error: string][] = [
    ['a union', z.union([text(), z.number()]), 'uses union, which a structural schema cannot say'],
    ['a discriminated union', z.discriminatedUnion('a', [z.object({ a: z.literal('b') })]), 'uses union'],
    ['an intersection', z.intersection(object({}), object({})), 'uses intersection'],
    ['a tuple', z.tuple([text()]), 'uses tuple'],
    ['any', z.any(), 'uses any'],
    ['unknown', z.unknown(), 'uses unknown'],
    ['a nullable', text().nullable(), 'uses nullable'],
    ['a literal', z.literal('a'), 'uses literal'],
    ['a date', z.date(), 'uses date'],
    ['a bigint', z.bigint(), 'uses bigint'],
    ['a transform', text().transform(Number), 'uses pipe'],
    ['a lazy schema', z.lazy(() => text()), 'uses lazy'],
    ['a catch', text().catch(''), 'uses catch'],
    ['an ISO duration', z.iso.duration(), 'uses duration, which'],
    ['an e-mail address', z.email(), 'uses email, which'],
    ['a string that is changed', text().trim(), 'uses the check overwrite'],
    ['a multiple', z.number().min(0).max(9).multipleOf(3), 'uses the check multiple_of'],
    ['an exclusive bound', z.number().positive().max(9), 'has a bound that is not inclusive'],
    ['a 32-bit number', z.int32(), 'uses int32, which'],
    ['an enum of numbers', z.enum({ A: 1 }), 'uses enum'],
    ['an open object', z.object({ a: text() }), 'is an open object; use z.strictObject'],
    ['a loose object', z.looseObject({ a: text() }), 'is an open object; use z.strictObject'],
    ['a record with rules for its keys', z.record(text(), text()), 'has rules for its keys'],
    ['a regex with flags', text().regex(/a/i), 'has a regex with the flags i'],
    ['a regex with a lookahead', text().regex(/^(?=a)/), 'has a regex with a lookaround'],
    ['a regex with a lookbehind', text().regex(/(?<!a)b/), 'has a regex with a lookaround'],
    ['a regex with a back reference', text().regex(/(a)\1/), 'has a regex with a lookaround, a named group or a back'],
    ['a refinement without a mirror', text().refine(() => true), 'has a refinement that the API server does not know'],
    ['a string without a bound', z.string().describe('A text.'), 'lacks maxLength; everything must be bounded'],
    ['a list without a bound', z.array(text()).describe('Texts.'), 'lacks maxItems and x-kubernetes-list-type'],
    ['a map without a bound', z.record(z.string(), text()).describe('Texts.'), 'lacks maxProperties'],
    ['a number without a bound', z.number().min(0).describe('A number.'), 'lacks maximum'],
    ['a field without a description', z.string().max(3), 'lacks a description; give it one with .describe()'],
    ['an unknown keyword', text().meta({ deprecated: true }), 'deprecated is no keyword of the structural schemas'],
  ];

  test.each(refused)('refuses %s, wherever it stands', (_, schema, error) => {
    expect(() => structuralSchema(object({ field: schema }), 'spec')).toThrow(`spec.field: ${error}`);
    expect(() => structuralSchema(object({ field: schema.optional() }), 'spec')).toThrow(`spec.field: ${error}`);
    const list = z.array(schema).max(3).describe('A list.').meta({ 'x-kubernetes-list-type': 'atomic' });
    expect(() => structuralSchema(object({ list }), 'spec')).toThrow(`spec.list[]: ${error}`);
  });
});

describe('flatten', () => {
  test('drops additionalProperties: false and keeps a schema there', () => {
    expect(
      flatten({ additionalProperties: false, properties: { a: { additionalProperties: { type: 'string' } } } }),
    ).toEqual({ properties: { a: { additionalProperties: { type: 'string' } } } });
  });

  test('follows references through references, and what stands beside one wins', () => {
    const definitions = { outer: { properties: { a: { $ref: '#/definitions/inner' } } }, inner: { maxLength: 3 } };
    expect(flatten({ $ref: '#/definitions/outer', description: 'Here.', definitions })).toEqual({
      description: 'Here.',
      properties: { a: { maxLength: 3 } },
    });
  });

  test('takes no field for the keyword that it is named after', () => {
    const fields = { default: { additionalProperties: false }, allOf: { type: 'string' }, $ref: { type: 'string' } };
    expect(flatten({ properties: fields })).toEqual({ properties: { ...fields, default: {} } });
  });

  test('leaves default values as they are', () => {
    const json = { default: { $ref: 'x', additionalProperties: false } };
    expect(flatten(json)).toEqual(json);
  });

  test('refuses a schema that refers to itself, and a reference to nothing', () => {
    const definitions = { tree: { items: { $ref: '#/definitions/tree' } } };
    expect(() => flatten({ $ref: '#/definitions/tree', definitions })).toThrow('#/definitions/tree refers to itself');
    expect(() => flatten({ $ref: '#/definitions/gone' })).toThrow('#/definitions/gone points to nothing');
  });
});
