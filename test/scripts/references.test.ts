/** Pages of docs/ that are generated are up to date, and tell everything. (docs/commands.md and docs/telemetry.md have tests beside what they are made of.) */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { crdFiles } from '../../api/crd.js';
import { operatorReference } from '../../operator/metrics.js';
import { fieldsOf, rulesOf } from '../../scripts/api-reference/fields.js';
import { apiReference } from '../../scripts/api-reference/page.js';
import { kindOfString } from '../../scripts/api-reference/patterns.js';
import { type FieldSchema, typeInWords } from '../../scripts/api-reference/type.js';

const DOCS = resolve(import.meta.dirname, '../../docs');

test.each([
  ['operator.md', operatorReference],
  ['api.md', apiReference],
])('docs/%s is what is generated (run make generate)', async (name, generate) => {
  expect(await readFile(join(DOCS, name), 'utf8')).toBe(generate());
});

test("docs/operations.md has every metric of the agent's page", async () => {
  const source = await readFile(resolve(DOCS, '../agent/node/metrics-page.ts'), 'utf8');
  const page = await readFile(join(DOCS, 'operations.md'), 'utf8');
  const names = [...source.matchAll(/family\(\s*'(\w+)'/g)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

describe('the API reference', () => {
  const page = apiReference();

  test.each([...crdFiles().keys()])('has every field of %s', (name) => {
    const { properties } = parse(crdFiles().get(name) ?? '').spec.versions[0].schema.openAPIV3Schema;
    const described = JSON.stringify([properties.spec, properties.status ?? {}]).split('"description":"').length - 1;
    const fields = [
      ...fieldsOf('spec', properties.spec, true),
      ...(properties.status ? fieldsOf('status', properties.status, false) : []),
    ];
    for (const { path } of fields) expect(page).toContain(`| \`${path}\` |`);
    // An entry of a list or map is described, too, and has no line of its own.
    const entries = fields.filter(({ schema }) => schema.items ?? schema.additionalProperties);
    expect(fields.length + entries.length).toBe(described);
  });

  test('has every CEL rule with its message', () => {
    for (const text of crdFiles().values()) {
      const { properties } = parse(text).spec.versions[0].schema.openAPIV3Schema;
      const rules = [...rulesOf('spec', properties.spec), ...rulesOf('status', properties.status ?? {})];
      expect(rules.length).toBe([...text.matchAll(/- rule: /g)].length);
      for (const { rule, message } of rules) expect(page).toContain(`: ${message}. \`${rule}\``);
    }
  });

  test.each<[FieldSchema, string]>([
    [{ type: 'boolean' }, 'boolean'],
    [{ type: 'string', minLength: 1, maxLength: 9 }, 'string of 1 to 9 characters'],
    [{ type: 'string', format: 'date-time', maxLength: 35 }, 'time (RFC 3339)'],
    [{ type: 'string', enum: ['a', 'b'] }, '`a`, `b`'],
    [{ type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER }, 'integer from 0 on'],
    [{ type: 'number', minimum: 0, maximum: 1 }, 'number from 0 to 1'],
    [
      { type: 'array', maxItems: 2, items: { type: 'string', enum: ['a', 'b'] }, 'x-kubernetes-list-type': 'set' },
      'list of at most 2, each one of `a`, `b`, none twice',
    ],
    [
      { type: 'array', maxItems: 3, items: { type: 'object', properties: {} }, 'x-kubernetes-list-map-keys': ['name'] },
      'list of at most 3 objects, one for each `name`',
    ],
    [
      { type: 'object', maxProperties: 4, additionalProperties: { type: 'string', maxLength: 5 } },
      'map of at most 4 entries, each a string of at most 5 characters',
    ],
    [{ type: 'object' }, 'object'],
  ])('says %j in words', (schema, words) => {
    expect(typeInWords(schema)).toBe(words);
  });

  test('does not print a pattern that nobody has named', () => {
    expect(() => kindOfString('^x+$')).toThrow('the pattern ^x+$ has no name');
  });
});
