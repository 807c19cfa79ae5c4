/**
 * Collects what an image needs to run: files that its entry reaches, and the packages these import, from node_modules.
 * `node dist/scripts/image-files.js operator|agent|shop-client FOLDER`, after `make build` (or as images/ does it).
 */
import { cp, mkdir, rm, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { copyPackages } from './image-files/packages.js';
import { reachable } from './image-files/reachable.js';

/** Node in the base image, where bin/pgscope looks for it. */
const NODE = '/usr/local/bin/node';

const IMAGES: Record<string, { entry: string; others: string[] }> = {
  operator: { entry: 'dist/operator/main.js', others: ['bpf/programs'] },
  agent: { entry: 'dist/agent/cli.js', others: ['bin/pgscope', 'build/pgscope-tracer', 'bpf/programs'] },
  'shop-client': { entry: 'test/cluster/images/shop-client/client.js', others: [] },
};

const [name = '', folder] = process.argv.slice(2);
const image = IMAGES[name];
if (image === undefined || folder === undefined) {
  console.error('usage: node dist/scripts/image-files.js operator|agent|shop-client FOLDER');
  process.exit(2);
}

await rm(folder, { recursive: true, force: true });
const { files, packages } = await reachable(image.entry);
for (const file of [...files, ...image.others, 'package.json', 'LICENSE'].map((path) => relative('.', path))) {
  await mkdir(join(folder, dirname(file)), { recursive: true });
  await cp(file, join(folder, file), { recursive: true });
}
const copied = await copyPackages(packages, folder);
await mkdir(join(folder, 'node_modules/.bin'), { recursive: true });
await symlink(NODE, join(folder, 'node_modules/.bin/node'));
console.log(`${folder}: ${files.length} files of our own, ${copied.length} packages`);
