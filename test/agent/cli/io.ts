/** The outside world of a command, kept in memory. */

import { Writable } from 'node:stream';
import type { CommandIo } from '../../../agent/cli/command.js';

export interface CapturedIo {
  io: CommandIo;
  stdout(): string;
  stderr(): string;
}

export function capturedIo(change: Partial<CommandIo> = {}): CapturedIo {
  const stdout = collector();
  const stderr = collector();
  const io = { stdout: stdout.stream, stderr: stderr.stream, env: {}, signal: new AbortController().signal, ...change };
  return { io, stdout: stdout.text, stderr: stderr.text };
}

function collector() {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  return { stream, text: () => chunks.join('') };
}
