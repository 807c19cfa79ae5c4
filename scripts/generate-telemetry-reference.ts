/** Writes docs/telemetry.md (or the file given) from agent/telemetry/names.ts: `node dist/scripts/generate-telemetry-reference.js [FILE]`. */
import { writeFile } from 'node:fs/promises';
import { telemetryReference } from '../agent/telemetry.js';

const file = process.argv[2] ?? 'docs/telemetry.md';
await writeFile(file, telemetryReference());
console.log(`wrote ${file}`);
