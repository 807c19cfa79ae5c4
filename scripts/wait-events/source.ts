/** PostgreSQL's sources: an unpacked tree, or a commit of a git repository. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SourceTree {
  /** The commit, where the tree is one. */
  commit?: string;
  /** Undefined if there is no such file. */
  read(path: string): string | undefined;
}

export function unpackedTree(directory: string): SourceTree {
  return {
    read(path) {
      const file = join(directory, path);
      return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
    },
  };
}

/** `repository` may be bare; `revision` is whatever git takes, such as REL_18_STABLE. */
export function committedTree(repository: string, revision: string): SourceTree {
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  const commit = git('rev-parse', '--verify', '--short=12', `${revision}^{commit}`).trim();
  return {
    commit,
    read(path) {
      const exists = git('ls-tree', '--name-only', commit, '--', path) !== '';
      return exists ? git('show', `${commit}:${path}`) : undefined;
    },
  };
}

/** The text of a file that every version has. */
export function readRequired(source: SourceTree, path: string): string {
  const text = source.read(path);
  if (text === undefined) throw new Error(`the sources have no ${path}: are they PostgreSQL 14 or newer?`);
  return text;
}
