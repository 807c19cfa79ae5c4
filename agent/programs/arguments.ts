/** The arguments of a run: checked by their types, and handed to bpftrace as words of its command line, never as a part of the source. */

import { nearestName } from '../../api/nearest-name.js';
import { argumentProblem, argumentWord } from '../../api/trace-program.js';
import { ProgramError } from './errors.js';
import type { Program } from './program.js';

/** The words for $2 and on. Throws a ProgramError that names each argument that is wrong. */
export function argumentWords(program: Program, given: Readonly<Record<string, string>>): string[] {
  const names = program.arguments.map(({ name }) => name);
  const faults = Object.keys(given)
    .filter((name) => !names.includes(name))
    .map((name) => unknown(name, names));
  const words = program.arguments.map((argument) => {
    const { name } = argument;
    const value = Object.hasOwn(given, name) ? given[name] : argument.default;
    if (value === undefined) {
      faults.push(`the argument ${name} is missing`);
      return '';
    }
    const problem = argumentProblem(argument, value) ?? lengthProblem(value, program.stringLength);
    if (problem !== undefined) faults.push(`the argument ${name}: ${JSON.stringify(value)} ${problem}`);
    return problem === undefined ? argumentWord(argument, value) : '';
  });
  if (faults.length > 0) throw new ProgramError(faults.map((fault) => `${program.name}: ${fault}`).join('\n'));
  return words;
}

function unknown(name: string, names: readonly string[]): string {
  const meant = nearestName(name, names);
  if (meant !== undefined) return `there is no argument ${name}; did you mean ${meant}?`;
  return `there is no argument ${name}; ${names.length === 0 ? 'it has none' : `there are ${names.join(', ')}`}`;
}

/** bpftrace refuses a string that does not fit where str() puts it. */
function lengthProblem(value: string, stringLength: number): string | undefined {
  return value.length < stringLength ? undefined : `has ${value.length} characters; at most ${stringLength - 1} fit`;
}
