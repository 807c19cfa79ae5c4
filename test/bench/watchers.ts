/** What can watch a server while pgbench runs, each attached as its user would, on the CPUs that pgbench leaves free. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { packageRoot } from '../../agent/package.js';
import { startTracer, tracerPath } from '../../agent/tracer.js';
import type { Server } from '../servers.js';
import { OTHER_CPUS } from './cpus.js';

export interface Watcher {
  pid: number;
  detach(): Promise<void>;
}

const READY_LIMIT_MS = 60_000;

/** At the place where the tracer itself hooks EndCommand. */
export async function emptyUprobe(server: Server): Promise<Watcher> {
  const args = [server.executable, await endCommandOffset(server)];
  return await start({
    program: join(packageRoot(), 'build/bench/empty_uprobe'),
    args,
    ready: 'attached',
    end: 'stdin',
  });
}

/** As a user runs it; `interval` is pgscope's own default unless given. */
export async function pgscope(server: Server, level: string, interval?: string): Promise<Watcher> {
  const file = join(server.socketDirectory, 'bench.otlp.jsonl');
  const every = interval === undefined ? [] : ['--interval', interval];
  const args = ['record', '--pid', String(server.pid), '--level', level, '--otlp-file', file, ...every];
  return await start({ program: join(packageRoot(), 'bin/pgscope'), args, ready: 'recording', end: 'SIGINT' });
}

/** The script is killed in the end: it would write all of its histograms. */
export async function bpftrace(server: Server): Promise<Watcher> {
  const script = readFileSync(join(import.meta.dirname, 'histogram.bt'), 'utf8');
  const args = ['-e', script.replaceAll('POSTGRES', server.executable)];
  return await start({ program: 'bpftrace', args, ready: 'attached', end: 'SIGKILL' });
}

interface Program {
  program: string;
  args: string[];
  /** A line that begins so says that it is attached. */
  ready: string;
  /** How it is told to end. */
  end: 'stdin' | NodeJS.Signals;
}

async function start({ program, args, ready, end }: Program): Promise<Watcher> {
  const child = execa('taskset', ['--cpu-list', OTHER_CPUS, program, ...args], { reject: false });
  let written = '';
  const attached = await new Promise<boolean>((resolve) => {
    const look = (bytes: Buffer) => {
      written = (written + bytes.toString()).slice(-4000);
      if (written.startsWith(ready) || written.includes(`\n${ready}`)) resolve(true);
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    void child.then(() => resolve(false));
    setTimeout(() => resolve(false), READY_LIMIT_MS).unref();
  });
  if (!attached || child.pid === undefined) {
    child.kill('SIGKILL');
    throw new Error(`${program} has not attached; it wrote:\n${written}`);
  }
  return {
    pid: child.pid,
    async detach() {
      if (end === 'stdin') child.stdin.end();
      else child.kill(end);
      await child;
    },
  };
}

const offsets = new Map<string, string>();

async function endCommandOffset(server: Server): Promise<string> {
  const offset = offsets.get(server.executable) ?? (await askTracer(server));
  offsets.set(server.executable, offset);
  return offset;
}

async function askTracer(server: Server): Promise<string> {
  let offset: string | undefined;
  const tracer = await startTracer({
    path: tracerPath(process.env),
    onEvent(event) {
      if (event.type === 'attached') offset = event.hooks.find(({ name }) => name === 'EndCommand')?.offset;
    },
    onLog: () => {},
  });
  try {
    await tracer.attach('bench', server.pid, {
      level: 'statements',
      minDurationNs: null,
      errors: false,
      sampleRatio: 0,
      traceContext: [],
      maxPerSecond: 1,
      rawText: false,
      minWaitNs: 1_000_000,
      nestedDepth: 1,
    });
  } finally {
    await tracer.stop();
  }
  if (offset === undefined) throw new Error(`the tracer does not hook EndCommand of ${server.executable}`);
  return offset;
}
