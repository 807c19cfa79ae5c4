import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { crdFiles } from '../../api/crd.js';

const COMMITTED = join(import.meta.dirname, '../../crds');

test('crds/ holds exactly what is generated (run scripts/generate-crds.ts after a change in api/)', async () => {
  expect((await readdir(COMMITTED)).sort()).toEqual([...crdFiles().keys()].sort());
  for (const [name, text] of crdFiles()) {
    expect(await readFile(join(COMMITTED, name), 'utf8')).toBe(text);
  }
});

describe('the CRD of PostgresProfile', () => {
  const crd = parse(crdFiles().get('pgscope.dev_postgresprofiles.yaml') ?? '');
  const [version] = crd.spec.versions;

  test('has its names, its scope and one stored version', () => {
    expect(crd.metadata.name).toBe('postgresprofiles.pgscope.dev');
    expect(crd.spec).toMatchObject({
      group: 'pgscope.dev',
      scope: 'Namespaced',
      names: { kind: 'PostgresProfile', shortNames: ['pgp'], categories: ['pgscope'] },
    });
    expect(version).toMatchObject({ name: 'v1alpha1', served: true, storage: true, subresources: { status: {} } });
  });

  test('shows a profile in one line, with the reason where there is room', () => {
    const columns: { name: string; priority?: number }[] = version.additionalPrinterColumns;
    expect(columns.map(({ name, priority = 0 }) => `${name}${priority}`)).toEqual(
      'Ready0 Targets0 Attached0 Nodes0 Lost0 Level0 Age0 Reason1'.split(' '),
    );
  });

  test('has a column path for fields that exist', () => {
    const schema = version.schema.openAPIV3Schema;
    for (const { jsonPath } of version.additionalPrinterColumns) {
      const [root, ...steps] = jsonPath
        .replace(/\[.*\]/, '[]')
        .split('.')
        .slice(1);
      if (root === 'metadata') continue;
      const leaf = steps.reduce((part: { properties: Record<string, { items?: unknown }> }, step: string) => {
        const property = part.properties[step.replace('[]', '')];
        return step.endsWith('[]') ? property?.items : property;
      }, schema.properties[root]);
      expect(leaf).toHaveProperty('description');
    }
  });
});
