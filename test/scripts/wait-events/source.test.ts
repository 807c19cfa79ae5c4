/** PostgreSQL's sources as a directory and as a commit. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { committedTree, readRequired, unpackedTree } from '../../../scripts/wait-events/source.js';

let directory = '';
const git = (...args: string[]) => execa('git', ['-C', directory, ...args]);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pgscope-sources-'));
  await mkdir(join(directory, 'src'));
  await writeFile(join(directory, 'src/a.c'), 'committed\n');
  await git('init', '--quiet', '--initial-branch=REL_99_STABLE');
  await git('add', '.');
  const author = ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.org', '-c', 'commit.gpgsign=false'];
  await git(...author, 'commit', '--quiet', '--message=Begin');
  await writeFile(join(directory, 'src/a.c'), 'changed\n');
});
afterAll(() => rm(directory, { recursive: true }));

test('a directory is read as it is', () => {
  const source = unpackedTree(directory);
  expect([source.read('src/a.c'), source.read('src/b.c'), source.commit]).toEqual(['changed\n', undefined, undefined]);
});

test('a revision is read as it was committed, and says which commit it is', () => {
  const source = committedTree(directory, 'REL_99_STABLE');
  expect([source.read('src/a.c'), source.read('src/b.c')]).toEqual(['committed\n', undefined]);
  expect(source.commit).toMatch(/^[0-9a-f]{12,}$/);
});

test('a file that must be there is named', () => {
  expect(() => readRequired(unpackedTree(directory), 'src/b.c')).toThrow(
    'the sources have no src/b.c: are they PostgreSQL',
  );
});
