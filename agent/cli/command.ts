/** What a subcommand of `pgscope` is, so that each one lives in its own file and agent/cli.ts only dispatches. */

/** The outside world of a command: tests hand in their own streams, environment and stop signal. */
export interface CommandIo {
  /** Results: tables, pages, JSON. */
  stdout: NodeJS.WritableStream & { isTTY?: boolean; columns?: number; rows?: number };
  /** Progress and log lines. */
  stderr: NodeJS.WritableStream & { isTTY?: boolean };
  env: NodeJS.ProcessEnv;
  /** Aborted on the first SIGINT or SIGTERM: the command stops, says what it has, and resolves. */
  signal: AbortSignal;
}

export interface Command {
  name: string;
  /** One line for the list of commands, without a full stop. */
  summary: string;
  /** The whole text of `pgscope help NAME`, at most 80 columns, ending in a newline. */
  help: string;
  /** Resolves to the exit code; throws a `UsageError` for wrong arguments, a `CommandError` for what else people can mend. */
  run(argv: string[], io: CommandIo): Promise<number>;
}

/** Exit codes of every command (docs/commands.md). */
export const EXIT_OK = 0;
/** What was asked for could not be done: nothing to attach to, no privileges, the tracer failed, a file cannot be written. */
export const EXIT_FAILURE = 1;
/** Wrong arguments or a bad profile: nothing was started. */
export const EXIT_USAGE = 2;

/** Wrong arguments: printed as one sentence with a pointer to --help; exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A failure that people can mend: printed as its message, without a stack trace; exit code 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
