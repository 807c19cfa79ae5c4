/** Writes docs/operator.md (or the file given) from the operator's tables: `node dist/scripts/generate-operator-reference.js [FILE]`. */
import { writeFile } from 'node:fs/promises';
import { operatorReference } from '../operator/metrics.js';

const file = process.argv[2] ?? 'docs/operator.md';
await writeFile(file, operatorReference());
console.log(`wrote ${file}`);
