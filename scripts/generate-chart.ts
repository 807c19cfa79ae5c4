/** Writes what is generated in charts/pgscope, or in the folder given: `node dist/scripts/generate-chart.js [FOLDER]`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { chartFiles } from './chart/files.js';

const chart = process.argv[2] ?? 'charts/pgscope';
for (const [path, text] of await chartFiles(chart)) {
  await mkdir(dirname(join(chart, path)), { recursive: true });
  await writeFile(join(chart, path), text);
  console.log(`wrote ${join(chart, path)}`);
}
