/** parseArgs of node:util, with errors as one sentence and the option that was probably meant. */

import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { nearestName } from '../../api/nearest-name.js';
import { UsageError } from './command.js';

/** The values of a command that takes options and nothing else. Throws a UsageError. */
export function parseOptions<Options extends ParseArgsOptionsConfig>(argv: string[], options: Options) {
  const { values, positionals } = parseWords(argv, options);
  refuseExtra(positionals);
  return values;
}

/** Of a command that takes options and one word, the first one that is no option; undefined if it is missing. Throws a UsageError. */
export function parseOptionsAndWord<Options extends ParseArgsOptionsConfig>(argv: string[], options: Options) {
  const { values, positionals } = parseWords(argv, options);
  const [word, ...extra] = positionals;
  refuseExtra(extra);
  return { values, word };
}

function refuseExtra([extra]: readonly string[]): void {
  if (extra !== undefined) throw new UsageError(`${extra}: not an option; write options as --name value`);
}

function parseWords<Options extends ParseArgsOptionsConfig>(argv: string[], options: Options) {
  try {
    return parseArgs({ args: argv, options, allowNegative: true, allowPositionals: true, strict: true });
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw code.startsWith('ERR_PARSE_ARGS') ? new UsageError(sentence(message, argv, Object.keys(options))) : error;
  }
}

function sentence(message: string, argv: string[], names: string[]): string {
  const [firstSentence = message] = message.split(/\.? To specify|\.$|\n/, 1);
  const unknown = /^Unknown option '(.+)'/.exec(firstSentence)?.[1];
  if (unknown === undefined) return firstSentence;
  const meant = nearestName(unknown.replace(/^-+/, ''), names);
  const written = argv.find((argument) => argument === unknown || argument.startsWith(`${unknown}=`)) ?? unknown;
  return `${written}: there is no such option${meant === undefined ? '' : `; did you mean --${meant}?`}`;
}
