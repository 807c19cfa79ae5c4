/** The programs that come with pgscope, and those of files: what a source is and means, from one place or from two. */

import { extname } from 'node:path';
import { nearestName } from '../../api/nearest-name.js';
import {
  type NamedProgram,
  programName,
  programNames,
  readDescription,
  readProgram,
  readText,
  SOURCE_ENDINGS,
  shippedFolder,
} from '../../api/trace-program-files.js';
import { ProgramError } from './errors.js';
import { bareProgram, checkedProgram, type Program } from './program.js';

const DESCRIPTION_ENDINGS = ['.yaml', '.yml'];

export type Shipped = NamedProgram;

/** Names of the sources that lie there, each with a description beside it. */
export function shippedNames(folder = shippedFolder()): string[] {
  return programNames(folder);
}

/** Reads all of them; throws a ProgramError. */
export function shippedPrograms(folder = shippedFolder()): Shipped[] {
  return shippedNames(folder).map((name) => readable(readProgram(folder, name)));
}

/** `which`: the name of a shipped program, or a file: a TraceProgram, or a source alone. Throws a ProgramError. */
export function openProgram(which: string): Program {
  const names = shippedNames();
  if (names.includes(which)) {
    const { name, spec } = readable(readProgram(shippedFolder(), which));
    return checkedProgram(name, spec);
  }
  const ending = extname(which);
  if (DESCRIPTION_ENDINGS.includes(ending)) {
    const { name, spec } = readable(readDescription(which));
    return checkedProgram(name, spec);
  }
  if (SOURCE_ENDINGS.includes(ending)) return bareProgram(programName(which), readable(readText(which)).text);
  const meant = nearestName(which, names);
  const known = names.length === 0 ? '' : `; there are ${names.join(', ')}`;
  throw new ProgramError(
    `${which}: there is no such program${meant === undefined ? known : `; did you mean ${meant}?`}; a file ends in .yaml, .bt or .bpftrace`,
  );
}

function readable<T extends object>(reading: T | { errors: string[] }): T {
  if ('errors' in reading) throw new ProgramError(reading.errors.join('\n'));
  return reading;
}
