/** Everything in charts/pgscope that is generated. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crdFiles } from '../../api/crd.js';
import { crdTemplate } from './crd-template.js';
import { readmeOf } from './readme.js';
import { schemaOf } from './schema.js';
import { readValues } from './values.js';

export const CRD_FOLDER = 'templates/crds';

/** Paths below the chart's folder, with their text. */
export async function chartFiles(chart: string): Promise<Map<string, string>> {
  const values = readValues(await readFile(join(chart, 'values.yaml'), 'utf8'));
  return new Map([
    ['README.md', readmeOf(values)],
    ['values.schema.json', `${JSON.stringify(schemaOf(values), undefined, 2)}\n`],
    ...[...crdFiles()].map(([name, text]): [string, string] => [join(CRD_FOLDER, name), crdTemplate(text)]),
  ]);
}
