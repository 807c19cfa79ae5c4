/** The programs that come with pgscope, and those of files: what a source is and means, from one place or from two. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { nearestName } from '../../api/nearest-name.js';
import { readTraceProgramFile, type TraceProgramSpec } from '../../api/trace-program.js';
import { packageRoot } from '../package.js';
import { ProgramError } from './errors.js';
import { bareProgram, checkedProgram, type Program } from './program.js';

const SOURCE_ENDINGS = ['.bt', '.bpftrace'];
const DESCRIPTION_ENDINGS = ['.yaml', '.yml'];
/** A source has at most 64 KiB; this bounds what a mistaken file name costs. */
const MAX_BYTES = 256 * 1024;

export interface Shipped {
  /** `pg-cpudist`. */
  name: string;
  spec: TraceProgramSpec;
}

function shippedFolder(): string {
  return join(packageRoot(), 'bpf/programs');
}

/** Names of the sources that lie there, each with a description beside it. */
export function shippedNames(folder = shippedFolder()): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => SOURCE_ENDINGS.includes(extname(file)))
    .map(nameOf)
    .sort();
}

/** Reads all of them; throws a ProgramError. */
export function shippedPrograms(folder = shippedFolder()): Shipped[] {
  return shippedNames(folder).map((name) => describedIn(join(folder, `${name.replaceAll('-', '_')}.yaml`)));
}

/** `which`: the name of a shipped program, or a file: a TraceProgram, or a source alone. Throws a ProgramError. */
export function openProgram(which: string): Program {
  const names = shippedNames();
  if (names.includes(which)) {
    const { name, spec } = describedIn(join(shippedFolder(), `${which.replaceAll('-', '_')}.yaml`));
    return checkedProgram(name, spec);
  }
  const ending = extname(which);
  if (DESCRIPTION_ENDINGS.includes(ending)) {
    const { name, spec } = describedIn(which);
    return checkedProgram(name, spec);
  }
  if (SOURCE_ENDINGS.includes(ending)) return bareProgram(nameOf(which), textOf(which));
  const meant = nearestName(which, names);
  const known = names.length === 0 ? '' : `; there are ${names.join(', ')}`;
  throw new ProgramError(
    `${which}: there is no such program${meant === undefined ? known : `; did you mean ${meant}?`}; a file ends in .yaml, .bt or .bpftrace`,
  );
}

/** A description, with the source that has the same name beside it unless it holds one. */
function describedIn(file: string): Shipped {
  const stem = file.slice(0, -extname(file).length);
  const beside = SOURCE_ENDINGS.map((ending) => stem + ending).find(existsSync);
  const result = readTraceProgramFile(textOf(file), beside === undefined ? undefined : textOf(beside));
  if ('errors' in result) throw new ProgramError(result.errors.map((error) => `${file}: ${error}`).join('\n'));
  return { name: result.name ?? nameOf(file), spec: result.spec };
}

/** `pg-cpudist` of `…/pg_cpudist.bt`. */
function nameOf(file: string): string {
  return basename(file, extname(file)).replaceAll('_', '-');
}

function textOf(file: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new ProgramError(`${file} cannot be read: ${(error as Error).message}`);
  }
  if (bytes.length > MAX_BYTES)
    throw new ProgramError(`${file} has ${bytes.length} bytes; at most ${MAX_BYTES} are read`);
  return bytes.toString();
}
