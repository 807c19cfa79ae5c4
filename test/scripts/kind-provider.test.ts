/** What the test cluster's provider `kind` has kind do, by a stub in its place. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { providerOf } from '../cluster/provider.js';

const CONFIG = resolve(import.meta.dirname, '../../kind-config.yaml');
const kind = providerOf({ PGSCOPE_CLUSTER_PROVIDER: 'kind' });
const path = process.env.PATH;
const said: string[] = [];
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pgscope-kind-'));
  process.env.PATH = `${folder}${delimiter}${path}`;
  said.length = 0;
});
afterEach(async () => {
  process.env.PATH = path;
  await rm(folder, { recursive: true });
});

/** A program `kind` that writes down its arguments, and then does what the lines of shell say. */
async function stub(lines = ''): Promise<void> {
  const program = join(folder, 'kind');
  await writeFile(program, `#!/bin/sh\necho "$*" >>${join(folder, 'calls')}\n${lines}\n`);
  await chmod(program, 0o755);
}

/** Name and kubeconfig differ each time. */
async function calls(): Promise<string[]> {
  const text = await readFile(join(folder, 'calls'), 'utf8');
  return text
    .trim()
    .replaceAll(/--kubeconfig \S+/g, '--kubeconfig FILE')
    .replaceAll(/pgscope-test-[0-9a-f]{6}/g, 'NAME')
    .split('\n');
}

const start = (...images: string[]) => kind.start({ images, onLog: (line) => said.push(line) });

test('a cluster is made, gets every image, and is removed', async () => {
  await stub();
  const cluster = await start('/images/a.tar', '/images/b.tar');
  expect(cluster.enter).toEqual([]);
  expect(cluster.environment).toEqual({
    KUBECONFIG: expect.stringMatching(/\/kubeconfig$/),
    PGSCOPE_KIND_CLUSTER: expect.stringMatching(/^pgscope-test-/),
  });
  expect(await calls()).toEqual([
    `create cluster --name NAME --config ${CONFIG} --kubeconfig FILE --wait 3m`,
    'load image-archive /images/a.tar --name NAME',
    'load image-archive /images/b.tar --name NAME',
  ]);
  await cluster.remove();
  expect((await calls()).at(-1)).toBe('delete cluster --name NAME --kubeconfig FILE');
  expect(said).toHaveLength(1);
});

test('a cluster that does not take an image is removed, and the error is of the image', async () => {
  await stub('[ "$1" != load ] || { echo "no space left" >&2; exit 1; }');
  await expect(start('/images/a.tar')).rejects.toThrow(/image-archive.*no space left/s);
  expect((await calls()).at(-1)).toMatch(/^delete cluster/);
});

test('without kind the error says what to do', async () => {
  process.env.PATH = folder;
  await expect(start()).rejects.toThrow('kind is missing: install it, or leave PGSCOPE_CLUSTER_PROVIDER out');
});

test('clean removes the clusters of its own names, and no others', async () => {
  await stub('[ "$1" != get ] || printf "pgscope\\npgscope-test-0a1b2c\\nother\\npgscope-test-x\\n"');
  expect(await kind.clean()).toEqual(['pgscope-test-0a1b2c']);
  expect(await calls()).toEqual(['get clusters', 'delete cluster --name NAME']);
});

test('an unknown provider is refused', () => {
  expect(() => providerOf({ PGSCOPE_CLUSTER_PROVIDER: 'minikube' })).toThrow(/minikube; there are local, kind/);
});
