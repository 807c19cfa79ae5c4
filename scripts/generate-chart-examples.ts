/** Renders charts/pgscope/examples anew, with helm: `node dist/scripts/generate-chart-examples.js`. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderExamples } from './chart/helm.js';

const CHART = 'charts/pgscope';
for (const [path, text] of await renderExamples(CHART)) {
  await writeFile(join(CHART, path), text);
  console.log(`wrote ${join(CHART, path)}`);
}
