/** One run of bpftrace: started with the program on its standard input, read line by line, stopped by SIGINT. */

import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { createLineSplitter } from '../../lines.js';
import { decodeOutput, type Output } from '../output/decode.js';
import { createByteBudget } from './budget.js';
import { createComplaints } from './complaints.js';

export interface BpftraceOptions {
  path: string;
  source: string;
  /** $1, $2 and on. */
  args: readonly string[];
  stringLength: number;
  env: NodeJS.ProcessEnv;
  /** Called in the order of the lines. */
  onOutput(output: Output): void;
  onMalformed(problem: 'linesMalformed' | 'linesTooLong'): void;
}

/** refused: bpftrace, or this kernel, does not take the program. */
export type BpftraceEnd = { kind: 'done' } | { kind: 'refused' | 'crashed'; message: string };

export interface BpftraceProcess {
  pid: number | undefined;
  /** Resolves when it has ended and its last line was read. */
  ended: Promise<BpftraceEnd>;
  /** END of the program runs, and all maps are told a last time. */
  stop(): Promise<BpftraceEnd>;
}

export const MAX_MAP_ENTRIES = 4096;
const MAX_LINE_BYTES = 4 * 1024 * 1024;
/** What a program tells above it waits in the pipe and in bpftrace's buffer, and is counted as lost there when that is full. */
const MAX_BYTES_PER_SECOND = 4 * 1024 * 1024;
const MAX_COMPLAINT_BYTES = 4096;
const GRACE_MS = 10_000;
/** What it allocates: ten times what it takes for a usual program. One that grows beyond fails alone, and takes no memory from databases. */
const MAX_DATA_BYTES = 512 * 1024 * 1024;

export function spawnBpftrace(options: BpftraceOptions): BpftraceProcess {
  const { path, source, args, onOutput, onMalformed } = options;
  const [file, ...before] = starter();
  const child = execa(file, [...before, path, '-f', 'json', '-B', 'none', '--', '-', ...args], {
    input: source,
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
    reject: false,
    extendEnv: false,
    env: environment(options),
    // In a process group of its own: Ctrl-C in the terminal is ours alone to handle.
    detached: true,
    cleanup: false,
  });
  const complaints = createComplaints();
  const stopping = new AbortController();
  let isAttached = false;
  let hasTold = false;

  const lines = createLineSplitter({
    maxBytes: MAX_LINE_BYTES,
    onLine(line) {
      const output = decodeOutput(line);
      if (output === undefined) return onMalformed('linesMalformed');
      if (output.type === 'attached') isAttached = true;
      else hasTold = true;
      onOutput(output);
    },
    onTooLong: () => onMalformed('linesTooLong'),
  });
  const errors = createLineSplitter({ maxBytes: MAX_COMPLAINT_BYTES, onLine: complaints.add, onTooLong: () => {} });

  const ended = Promise.all([
    child,
    readAll(child.stdout, lines, stopping.signal),
    readAll(child.stderr, errors, stopping.signal),
  ]).then(([{ exitCode, signal, originalMessage }]): BpftraceEnd => {
    const why = complaints.first === undefined ? '' : `: ${complaints.first}`;
    if (exitCode === 0) return { kind: 'done' };
    // So LLVM ends where it gets no memory: trying again would take it anew each time.
    if (signal === 'SIGABRT' && !isAttached) return { kind: 'refused', message: OUT_OF_MEMORY + why };
    if (signal !== undefined) return { kind: 'crashed', message: `bpftrace was ended by ${signal}` };
    if (exitCode === undefined) return { kind: 'refused', message: `bpftrace cannot be started: ${originalMessage}` };
    if (!hasTold) return { kind: 'refused', message: `bpftrace does not take it${why || ` (exit code ${exitCode})`}` };
    return { kind: 'crashed', message: `bpftrace ended with exit code ${exitCode}${why}` };
  });

  return {
    pid: child.pid,
    ended,
    async stop() {
      stopping.abort();
      child.kill('SIGINT');
      const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
      const end = await ended;
      clearTimeout(timer);
      return end;
    },
  };
}

const OUT_OF_MEMORY = `bpftrace gave up before it had attached, perhaps for want of more than the ${MAX_DATA_BYTES / 1024 ** 2} MB that it may allocate`;

/** Where the kernel tells of its tracepoints. A container, or a small machine, may not have it mounted. */
const TRACEFS = ['/sys/kernel/tracing', '/sys/kernel/debug/tracing'];
const MOUNT = `mount -t tracefs tracefs ${TRACEFS[0]} 2>/dev/null; exec "$@"`;

/**
 * When this process dies, by whatever way, the kernel kills bpftrace, and takes its probes away with it. A file system that bpftrace needs is
 * mounted for it alone.
 */
function starter(): [string, ...string[]] {
  const withDeath = ['prlimit', `--data=${MAX_DATA_BYTES}`, 'setpriv', '--pdeathsig=KILL'] as const;
  if (TRACEFS.some((directory) => existsSync(`${directory}/events`))) return [...withDeath];
  return ['unshare', '--mount', '--propagation=slave', 'sh', '-c', MOUNT, 'sh', ...withDeath];
}

const KERNEL_TYPES = '/sys/kernel/btf/vmlinux';

/** bpftrace's own settings are ours to make; the rest of the environment is passed on. */
function environment({ env, stringLength }: BpftraceOptions): Record<string, string | undefined> {
  const others = Object.entries(env).filter(([name]) => !name.startsWith('BPFTRACE_'));
  const limits = {
    STRLEN: stringLength,
    MAX_STRLEN: stringLength,
    STR_TRUNC_TRAILER: '',
    MAP_KEYS_MAX: MAX_MAP_ENTRIES,
    MAX_MAP_KEYS: MAX_MAP_ENTRIES,
    MAX_PROBES: 512,
    MAX_BPF_PROGS: 512,
  };
  // Where it looks for it by itself it wants CAP_SYS_ADMIN.
  const types = existsSync(KERNEL_TYPES) ? { BTF: KERNEL_TYPES } : {};
  const ours = Object.entries({ ...limits, ...types }).map(([name, value]) => [`BPFTRACE_${name}`, String(value)]);
  return Object.fromEntries([...others, ...ours]);
}

/** Reads no faster than the budget allows, until the end is near. */
async function readAll(
  stream: NodeJS.ReadableStream,
  lines: { push(chunk: Buffer): void; end(): void },
  stopping: AbortSignal,
): Promise<void> {
  const budget = createByteBudget(MAX_BYTES_PER_SECOND, () => performance.now());
  try {
    for await (const chunk of stream) {
      lines.push(chunk as Buffer);
      const waitMs = budget.spend((chunk as Buffer).length);
      if (waitMs > 0) await sleep(waitMs, undefined, { signal: stopping }).catch(() => {});
    }
  } catch {
    // A pipe that breaks is bpftrace's end, which `ended` reports.
  }
  lines.end();
}
