/** Copies packages from node_modules with all that they depend on, without what only people and compilers read. */
import { existsSync } from 'node:fs';
import { cp, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const NOT_RUN = /\.(d\.[cm]?ts|[cm]?ts|map|md|markdown|flow)$/;
/** Types, and what stands in for Node's own modules in another runtime. */
const NOT_NODE = /^(@types\/|bare-)/;
/** What bundlers load of a package that has it for Node, too. */
const SECOND_BUILD = /@opentelemetry\/[^/]+\/build\/(esm|esnext)$/;

interface PackageJson {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

/** Paths of what was copied, such as `node_modules/a/node_modules/b`; the same below `folder`. */
export async function copyPackages(names: string[], folder: string): Promise<string[]> {
  const found = new Set(names.map((name) => installed(name, '.')).filter((path) => path !== undefined));
  // A set that grows is still walked to its end.
  for (const path of found) {
    const json: PackageJson = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'));
    const { dependencies, optionalDependencies, peerDependencies } = json;
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
      const dependency = NOT_NODE.test(name) ? undefined : installed(name, path);
      if (dependency !== undefined) found.add(dependency);
    }
    await cp(path, join(folder, path), { recursive: true, filter: (source) => isRun(source, path) });
  }
  return [...found].sort();
}

/** Where Node finds a package from a folder; undefined for one that is optional and not installed. */
function installed(name: string, from: string): string | undefined {
  const path = join(from, 'node_modules', name);
  if (existsSync(join(path, 'package.json'))) return path;
  return from === '.' ? undefined : installed(name, dirname(from));
}

function isRun(source: string, packagePath: string): boolean {
  // Packages inside of a package are found on their own.
  return (
    source === packagePath ||
    !(basename(source) === 'node_modules' || NOT_RUN.test(source) || SECOND_BUILD.test(source))
  );
}
