/**
 * Writes agent/waits/tables/postgres-NN.ts from the sources of PostgreSQL NN: an unpacked tree, or a revision of a git repository.
 *
 *   node dist/scripts/generate-wait-events.js DIRECTORY
 *   node dist/scripts/generate-wait-events.js REPOSITORY REVISION…        e.g. ../postgres REL_17_STABLE REL_18_STABLE
 *
 * A stable branch is better than a tag: it may know events of the next minor version.
 */
import { writeFile } from 'node:fs/promises';
import { readTable } from './wait-events/read-table.js';
import { committedTree, unpackedTree } from './wait-events/source.js';
import { majorOf, renderTable } from './wait-events/typescript.js';

const [place, ...revisions] = process.argv.slice(2);
if (place === undefined) {
  console.error('usage: generate-wait-events DIRECTORY | REPOSITORY REVISION…');
  process.exit(2);
}
const sources =
  revisions.length === 0 ? [unpackedTree(place)] : revisions.map((revision) => committedTree(place, revision));
for (const source of sources) {
  const table = readTable(source);
  const file = `agent/waits/tables/postgres-${majorOf(table)}.ts`;
  await writeFile(file, renderTable(table, source.commit));
  console.log(`wrote ${file}`);
}
