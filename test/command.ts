/**
 * The real command for tests: `Command.start(['record', …])` runs bin/pgscope, `stopCommands()` in afterEach() ends whatever a test has
 * left. A mark in the environment, which the tracer inherits, tells which processes belong to a command, whoever their parent is now.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { identify, waitUntil } from './servers.js';

const CHECKOUT = resolve(import.meta.dirname, '..');
const MARK = 'PGSCOPE_TEST_COMMAND';
const PATIENCE_MS = 60_000;

export interface CommandOptions {
  /** What bin/pgscope is started by, such as `['setpriv', '--reuid=nobody']`. It must become pgscope, not start it. */
  by?: readonly string[];
  env?: Record<string, string>;
}

export interface Ended {
  /** Undefined if a signal ended it. */
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
}

const running = new Set<Command>();
const directories = new Set<string>();

export class Command {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** What has been written so far. */
  stdout = '';
  stderr = '';
  #over = false;
  readonly #mark = `${MARK}=${randomBytes(8).toString('hex')}`;

  private constructor(args: readonly string[], { by = [], env = {} }: CommandOptions) {
    const program = join(CHECKOUT, 'bin/pgscope');
    if (!existsSync(join(CHECKOUT, 'dist/agent/cli.js'))) throw new Error('the command is not built; run make build');
    const [file = program, ...rest] = [...by, program, ...args];
    const [name = '', value = ''] = this.#mark.split('=');
    const child = execa(file, rest, {
      env: { ...env, [name]: value },
      stdin: 'ignore',
      reject: false,
      buffer: false,
      cleanup: false,
    });
    if (child.pid === undefined) throw new Error(`${file} cannot be started`);
    this.pid = child.pid;
    child.stdout.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    this.ended = child.then(({ exitCode }) => {
      this.#over = true;
      return { exitCode, stdout: this.stdout, stderr: this.stderr };
    });
  }

  static start(args: readonly string[], options: CommandOptions = {}): Command {
    const command = new Command(args, options);
    running.add(command);
    return command;
  }

  /** Resolves when stderr holds this so many times; rejects if the command ends before. */
  async says(text: string, times = 1): Promise<void> {
    const said = () => this.stderr.split(text).length > times;
    const happened = await waitUntil(() => said() || this.#over, PATIENCE_MS);
    if (happened && said()) return;
    throw new Error(`the command has not said "${text}" ${times} times but:\n${this.stderr}`);
  }

  /** Asks it to end in order, and waits. */
  async end(signal: 'SIGINT' | 'SIGTERM' = 'SIGINT'): Promise<Ended> {
    this.kill(signal);
    return await this.ended;
  }

  kill(signal: NodeJS.Signals): void {
    if (!this.#over) process.kill(this.pid, signal);
  }

  /** PIDs of the agent, its tracers, and whatever else it has started and still runs. */
  processes(): number[] {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0 && identify(pid) !== undefined && hasVariable(pid, this.#mark));
  }

  /** PID of its tracer; undefined while there is none. */
  tracer(): number | undefined {
    return this.processes().find((pid) => readProc(pid, 'comm').startsWith('pgscope-tracer'));
  }

  /** Resident memory, bytes. */
  memory(pid = this.pid): number {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readProc(pid, 'status'))?.[1] ?? 0) * 1024;
  }
}

/** For afterEach(): ends every command that was started, with its tracer, and removes the scratch directories. */
export async function stopCommands(): Promise<void> {
  for (const command of running) {
    command.kill('SIGKILL');
    await command.ended;
    await waitUntil(() => command.processes().length === 0, PATIENCE_MS);
  }
  running.clear();
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
  directories.clear();
}

/** Runs a command to its end. */
export async function run(args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  return await Command.start(args, options).ended;
}

/** A path for a file of this name in a directory of its own, with this text if any. */
export function scratchFile(name: string, text?: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'pgscope-command-'));
  directories.add(directory);
  const path = join(directory, name);
  if (text !== undefined) writeFileSync(path, text);
  return path;
}

/** Resolves as soon as `condition` holds; rejects, saying what has not happened. */
export async function eventually(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  if (await waitUntil(condition, PATIENCE_MS)) return;
  throw new Error(`not within ${PATIENCE_MS / 1000} s: ${what}`);
}

function hasVariable(pid: number, variable: string): boolean {
  return readProc(pid, 'environ').split('\0').includes(variable);
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // it has ended
  }
}
