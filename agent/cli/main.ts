/** From the command line to a command's exit code: help, version, dispatch, and errors as sentences. */

import { nearestName } from '../../api/nearest-name.js';
import { CaptureError } from '../capture.js';
import { packageVersion } from '../package.js';
import {
  type Command,
  CommandError,
  type CommandIo,
  EXIT_FAILURE,
  EXIT_OK,
  EXIT_USAGE,
  UsageError,
} from './command.js';
import { commands } from './commands.js';

/** `argv` without node and script. Resolves to the exit code; never rejects. */
export async function main(argv: string[], io: CommandIo): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h') return say(io, overview());
  if (name === '--version' || name === '-V') return say(io, `pgscope ${packageVersion()}\n`);
  if (name === 'help') return help(rest[0], io);
  const command = commands.find((known) => known.name === name);
  if (command === undefined) return unknownCommand(name, io);
  if (asksForHelp(rest)) return say(io, command.help);
  return await run(command, rest, io);
}

/** What `pgscope` alone says. */
export function overview(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const list = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n');
  return `Usage: pgscope COMMAND [options]

Shows where PostgreSQL servers on this host spend their time, statement by
statement: no extension, no restart, no password.

Commands:
${list}

pgscope help COMMAND, or pgscope COMMAND --help, tells more.
Exit codes: 0 done, 1 could not be done, 2 wrong arguments or a bad profile.
`;
}

async function run(command: Command, argv: string[], io: CommandIo): Promise<number> {
  try {
    return await command.run(argv, io);
  } catch (error) {
    if (error instanceof UsageError) {
      complain(io, `${command.name}: `, error.message);
      io.stderr.write(`pgscope help ${command.name} lists the options.\n`);
      return EXIT_USAGE;
    }
    const expected = error instanceof CommandError || error instanceof CaptureError;
    complain(io, `${command.name}: `, expected ? error.message : `internal error: ${(error as Error).stack}`);
    return EXIT_FAILURE;
  }
}

function help(name: string | undefined, io: CommandIo): number {
  if (name === undefined) return say(io, overview());
  const command = commands.find((known) => known.name === name);
  return command === undefined ? unknownCommand(name, io) : say(io, command.help);
}

function unknownCommand(name: string, io: CommandIo): number {
  const names = [...commands.map((command) => command.name), 'help'];
  const meant = nearestName(name, names);
  complain(
    io,
    '',
    `${name}: there is no such command; ${meant === undefined ? `there are ${names.join(', ')}` : `did you mean ${meant}?`}`,
  );
  return EXIT_USAGE;
}

/** Behind `--` nothing is an option. */
function asksForHelp(argv: string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? argv.length : end).some((argument) => argument === '--help' || argument === '-h');
}

function say(io: CommandIo, text: string): number {
  io.stdout.write(text);
  return EXIT_OK;
}

/** Each line of the message, with `pgscope` and the prefix in front. */
function complain(io: CommandIo, prefix: string, message: string): void {
  for (const line of message.split('\n')) io.stderr.write(`pgscope ${prefix}${line}\n`);
}
