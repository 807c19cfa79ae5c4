/**
 * A process that speaks the tracer's protocol by a script, for what the real one cannot be made to do: malformed lines, silence, sudden death.
 * Started as `node scripted-tracer.ts SCRIPT`, SCRIPT being the JSON of a `Script`.
 */

import { createInterface } from 'node:readline';

export interface Step {
  /** A line on stdout; $target, $token and $pid stand for those of the command that is answered. */
  line?: string;
  /** A line on stderr. */
  log?: string;
  /** Ends at once with this code. */
  exit?: number;
  /** Ends at once by this signal. */
  signal?: NodeJS.Signals;
  /** Bytes of one endless line on stdout. */
  noise?: number;
}

export interface Script {
  /** Instead of the `ready` line. */
  start?: Step[];
  /** Instead of the plain answer to a command. */
  on?: Record<string, Step[]>;
  /** The same for the first command of a kind alone. */
  first?: Record<string, Step[]>;
  /** Goes on when stdin closes. */
  immortal?: boolean;
}

const plainAnswers: Record<string, string> = {
  attach:
    '{"type":"attached","target":"$target","pid":$pid,"version":"18.4","major":18,"verified":true,"backends":3,"executable":"/usr/bin/postgres","hooks":[],"missing":[]}',
  settings: '{"type":"settings","target":"$target"}',
  detach: '{"type":"detached","target":"$target","reason":"Requested"}',
  drain:
    '{"type":"drained","token":"$token","unixNano":"1","targets":[],"losses":{},"bpf":{"runTimeNs":0,"runCount":0}}',
};
export const READY =
  '{"type":"ready","kernel":"6.18.0","features":{"uprobeMulti":true,"sockets":"tracepoints"},"limits":{}}';

function perform(steps: Step[], command: Record<string, unknown>): void {
  for (const { line, log, exit, signal, noise } of steps) {
    if (line !== undefined) console.log(line.replace(/\$(\w+)/g, (_match, name: string) => String(command[name])));
    if (log !== undefined) console.error(log);
    if (noise !== undefined) process.stdout.write('x'.repeat(noise));
    if (exit !== undefined) process.exit(exit);
    if (signal !== undefined) process.kill(process.pid, signal);
  }
}

function run({ start = [{ line: READY }], on = {}, first = {}, immortal = false }: Script): void {
  const unused = { ...first };
  const keepAlive = setInterval(() => {}, 60_000);
  const commands = createInterface({ input: process.stdin });
  commands.on('line', (text) => {
    const command = JSON.parse(text) as Record<string, unknown>;
    const name = String(command.command);
    perform(unused[name] ?? on[name] ?? [{ line: plainAnswers[name] ?? '' }], command);
    delete unused[name];
  });
  commands.on('close', () => {
    if (!immortal) clearInterval(keepAlive);
  });
  perform(start, {});
}

if (process.argv[1] === import.meta.filename) run(JSON.parse(process.argv[2] ?? '{}') as Script);
