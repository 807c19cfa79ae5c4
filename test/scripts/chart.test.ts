/** What is generated in the chart is up to date, and the chart's version is the package's. */
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { crdTemplate } from '../../scripts/chart/crd-template.js';
import { CRD_FOLDER, chartFiles } from '../../scripts/chart/files.js';
import { schemaOf } from '../../scripts/chart/schema.js';
import { readValues } from '../../scripts/chart/values.js';

const CHECKOUT = resolve(import.meta.dirname, '../..');
const CHART = join(CHECKOUT, 'charts/pgscope');

test('what is generated is up to date (run make generate after a change of values.yaml or api/)', async () => {
  const files = await chartFiles(CHART);
  for (const [path, text] of files) expect([path, await readFile(join(CHART, path), 'utf8')]).toEqual([path, text]);
  const templates = (await readdir(join(CHART, CRD_FOLDER))).map((name) => join(CRD_FOLDER, name));
  expect(templates.sort()).toEqual([...files.keys()].filter((path) => path.startsWith(CRD_FOLDER)).sort());
});

test("the chart has the package's version", async () => {
  const { version } = JSON.parse(await readFile(join(CHECKOUT, 'package.json'), 'utf8'));
  const chart = parse(await readFile(join(CHART, 'Chart.yaml'), 'utf8'));
  expect([chart.version, chart.appVersion]).toEqual([version, version]);
});

describe('values', () => {
  const VALUES = `# About the file.

# -- What it is,
# told in two lines.
# @schema
# minimum: 1
# maximum: 5
replicas: 1
image:
  # -- Where.
  repository: here
  # -- With a comment inside.
  list:
    # why
    - a
`;

  test('are read with their comments', () => {
    expect(readValues(VALUES)).toEqual([
      {
        path: ['replicas'],
        description: 'What it is, told in two lines.',
        constraints: { minimum: 1, maximum: 5 },
        preset: 1,
      },
      { path: ['image', 'repository'], description: 'Where.', constraints: {}, preset: 'here' },
      { path: ['image', 'list'], description: 'With a comment inside.', constraints: {}, preset: ['a'] },
    ]);
  });

  test('make a schema that refuses what is not there', () => {
    expect(schemaOf(readValues(VALUES))).toMatchObject({
      additionalProperties: false,
      properties: {
        replicas: { type: 'integer', minimum: 1, maximum: 5, description: 'What it is, told in two lines.' },
        image: { additionalProperties: false, properties: { repository: { type: 'string' }, list: { type: 'array' } } },
      },
    });
  });

  test('without a description are an error that names them', () => {
    expect(() => readValues('a:\n  # no dashes\n  b: 1\n')).toThrow('a.b has no comment "# -- …" above it');
  });
});

describe('a definition as a template', () => {
  test('is kept when the release goes', () => {
    const text = crdTemplate('kind: CustomResourceDefinition\nmetadata:\n  name: things.example.com\nspec: {}\n');
    expect(text).toContain('    helm.sh/resource-policy: keep\n');
    expect(text).toContain('  name: things.example.com\nspec: {}\n{{- end }}\n');
  });

  test('must not have what Helm evaluates', () => {
    expect(() => crdTemplate('metadata:\n  name: a\ndescription: "{{ x }}"\n')).toThrow(/Helm would evaluate/);
    expect(() => crdTemplate('kind: CustomResourceDefinition\n')).toThrow(/metadata\.name/);
  });
});
