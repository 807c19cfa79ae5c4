/** What goes into the images, and that both Dockerfiles begin alike. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { importsOf, packageOf, reachable } from '../../scripts/image-files/reachable.js';

const CHECKOUT = resolve(import.meta.dirname, '../..');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pgscope-image-files-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

test('every form of import is seen', () => {
  const source = [
    "import 'a';",
    "import b, { c } from 'b';",
    "import {\n  d,\n} from './d.js';",
    "export * from './e.js';",
    "export const text = 'from nowhere';",
    "const f = await import('f/part.js');",
    "const g = require('g');",
  ].join('\n');
  expect(importsOf(source)).toEqual(['a', 'b', './d.js', './e.js', 'f/part.js', 'g']);
});

test('a package is named without what follows its name', () => {
  expect(['yaml', 'libpg-query/wasm/x.js', '@kubernetes/client-node', '@a/b/c'].map(packageOf)).toEqual([
    ...['yaml', 'libpg-query', '@kubernetes/client-node', '@a/b'],
  ]);
});

test('files and packages that an entry reaches, and no others', async () => {
  await write('main.js', "import { x } from './part/x.js';\nimport 'node:fs';\nimport 'zod';\n");
  await write('part/x.js', "export * from '../y.js';\nexport const x = () => import('yaml');\n");
  await write('y.js', "import './main.js';\n");
  await write('other.js', "import 'never';\n");
  const { files, packages } = await reachable(join(folder, 'main.js'));
  expect(files).toEqual(['main.js', 'part/x.js', 'y.js'].map((path) => join(folder, path)));
  expect(packages).toEqual(['yaml', 'zod']);
});

test("both images are built alike, with the Node of package.json's", async () => {
  const [operator, agent] = await Promise.all(
    ['operator', 'agent'].map((name) => readFile(join(CHECKOUT, 'images', name, 'Dockerfile'), 'utf8')),
  );
  const stage = (dockerfile = '') => /^FROM \S+ AS build\n.*?(?=\n\nFROM)/ms.exec(dockerfile)?.[0];
  expect(stage(operator)).toBeDefined();
  expect(stage(agent)).toBe(stage(operator));
  const { devDependencies } = JSON.parse(await readFile(join(CHECKOUT, 'package.json'), 'utf8'));
  for (const dockerfile of [operator, agent]) {
    expect(dockerfile).toContain(`ARG NODE=node:${devDependencies.node}-bookworm-slim\n`);
  }
});
