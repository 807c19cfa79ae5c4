/** One run of the tracer: started, fed with commands, read line by line, stopped by closing its stdin. */

import { execa } from 'execa';
import { createLineSplitter, type LineSplitter } from '../lines.js';
import { decodeEvent } from './decode.js';
import { TracerError } from './errors.js';
import type { TracerCommand, TracerEvent } from './events.js';

export interface ProcessOptions {
  path: string;
  args: readonly string[];
  /** Called in the order of the lines; the next bytes are read when it has returned, so a slow agent slows the tracer down. */
  onEvent(event: TracerEvent): void;
  /** A line that the tracer wrote for people. */
  onLog(line: string): void;
  /** A line that is no event, and why. */
  onMalformed(problem: string): void;
  /** How long the tracer may take to end after its stdin was closed, before it is killed. ms. */
  graceMs: number;
}

export interface TracerProcess {
  pid: number | undefined;
  /** Resolves when the pipe has taken the command; rejects when the tracer has ended. */
  send(command: TracerCommand): Promise<void>;
  /** Resolves when the tracer has ended and its last line was read; tells how, as a sentence. */
  ended: Promise<string>;
  /** Closes stdin, on which the tracer ends. */
  stop(): Promise<void>;
}

/** This kernel, or these rights, do not do: its last log line says what to do. */
const EXIT_UNSUPPORTED = 3;
const MAX_EVENT_BYTES = 4 * 1024 * 1024;
const MAX_LOG_BYTES = 4096;

export function spawnTracer(options: ProcessOptions): TracerProcess {
  const { path, args, onEvent, onLog, onMalformed, graceMs } = options;
  const child = execa(path, args, {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
    reject: false,
    // In a process group of its own: Ctrl-C in the terminal is ours alone to handle, the last drain still needs the tracer.
    // If this process dies, by whatever way, the tracer's stdin closes.
    detached: true,
    cleanup: false,
  });
  child.stdin.on('error', () => {}); // EPIPE: `ended` tells more
  let lastLog = '';

  const events = createLineSplitter({
    maxBytes: MAX_EVENT_BYTES,
    onLine(line) {
      const event = decodeEvent(line);
      if (typeof event === 'string') onMalformed(event);
      else onEvent(event);
    },
    onTooLong: () => onMalformed(`it is longer than ${MAX_EVENT_BYTES} bytes`),
  });
  const logs = createLineSplitter({
    maxBytes: MAX_LOG_BYTES,
    onLine(line) {
      lastLog = line;
      onLog(line);
    },
    onTooLong: () => onLog(`(a log line of more than ${MAX_LOG_BYTES} bytes was left out)`),
  });

  const ended = Promise.all([child, readAll(child.stdout, events), readAll(child.stderr, logs)]).then(([result]) => {
    const { exitCode, signal, originalMessage } = result;
    if (exitCode === undefined && signal === undefined) return `${path} cannot be started: ${originalMessage}`;
    const why = lastLog.replace(/^pgscope-tracer: /, '');
    if (exitCode === EXIT_UNSUPPORTED && why !== '') return why;
    const how = signal === undefined ? `ended with exit code ${exitCode}` : `was ended by ${signal}`;
    return why === '' ? `the tracer ${how}` : `the tracer ${how}: ${why}`;
  });

  return {
    pid: child.pid,
    ended,
    async send(command) {
      const written = new Promise<void>((resolve, reject) => {
        child.stdin.write(`${JSON.stringify(command)}\n`, (error) => (error ? reject(error) : resolve()));
      });
      await written.catch(async () => Promise.reject(new TracerError(await ended)));
    },
    async stop() {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

async function readAll(stream: NodeJS.ReadableStream, lines: LineSplitter): Promise<void> {
  try {
    for await (const chunk of stream) lines.push(chunk as Buffer);
  } catch {
    // A pipe that breaks is the tracer's end, which `ended` reports.
  }
  lines.end();
}
