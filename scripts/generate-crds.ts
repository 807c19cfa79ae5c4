/** Writes crds/ (or the folder given) from the zod definitions in api/: `node dist/scripts/generate-crds.js [FOLDER]`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crdFiles } from '../api/crd.js';

const folder = process.argv[2] ?? 'crds';
await mkdir(folder, { recursive: true });
for (const [name, text] of crdFiles()) {
  await writeFile(join(folder, name), text);
  console.log(`wrote ${join(folder, name)}`);
}
