/** Writes docs/api.md (or the file given) from the definitions in api/: `node dist/scripts/generate-api-reference.js [FILE]`. */
import { writeFile } from 'node:fs/promises';
import { apiReference } from './api-reference/page.js';

const file = process.argv[2] ?? 'docs/api.md';
await writeFile(file, apiReference());
console.log(`wrote ${file}`);
