/** Runs a bpftrace program against a server and reads what it prints in the end. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { type Server, waitUntil } from './servers.js';

const PROGRAMS = resolve(import.meta.dirname, '../bpf/programs');
const PATIENCE_MS = 120_000;
const READY = 'every probe is attached';
/** For each CPU: a server that fills a table tells more at once than the default holds, and what finds no room is lost, also the maps at the end. */
const BUFFER_PAGES = 1024;
/** bpftrace reads tracepoints from tracefs, which need not be mounted; it is then, for this process alone. */
const WITH_TRACEFS =
  '[ -e /sys/kernel/tracing/events ] || mount -t tracefs nodev /sys/kernel/tracing && exec bpftrace "$@"';

interface Bucket {
  min: number;
  max?: number;
  count: number;
}

/** Of bpftrace: keys of several parts are joined by commas. */
interface Output {
  type: string;
  data: Record<string, Record<string, number | Bucket[]>> | string;
}

export class Traced {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #directory: string;
  #written = '';
  #failed = '';
  #hasEnded = false;

  private constructor(child: ChildProcessByStdio<null, Readable, Readable>, directory: string) {
    this.#child = child;
    this.#directory = directory;
    child.stdout.on('data', (bytes: Buffer) => {
      this.#written += bytes.toString();
    });
    child.stderr.on('data', (bytes: Buffer) => {
      this.#failed += bytes.toString();
    });
    for (const event of ['close', 'error'])
      child.once(event, () => {
        this.#hasEnded = true;
      });
  }

  /** Resolves when every probe is attached, and the program knows where the server keeps its statements if it asks for that. */
  static async start(program: string, server: Server, args: number[] = []): Promise<Traced> {
    const directory = mkdtempSync(join(tmpdir(), 'pgscope-program-'));
    const file = join(directory, program);
    const source = readFileSync(join(PROGRAMS, program), 'utf8');
    // bpftrace attaches uprobes last: they are when one has fired.
    const ready = source.includes('@entry[') ? '/@entry[$1] != 0/' : '';
    writeFileSync(file, `${source}\ninterval:ms:100\n${ready}\n{\n\tprintf("${READY}\\n");\n}\n`);
    const words = ['-B', 'line', '-f', 'json', file, String(server.pid), ...args.map(String)];
    const command = ['--pdeathsig=KILL', 'unshare', '--mount', 'sh', '-c', WITH_TRACEFS, 'sh', ...words];
    const env = { ...process.env, BPFTRACE_PERF_RB_PAGES: String(BUFFER_PAGES) };
    const child = spawn('setpriv', command, { stdio: ['ignore', 'pipe', 'pipe'], env });
    const traced = new Traced(child, directory);
    const attached = await waitUntil(async () => {
      if (traced.#hasEnded) return true;
      if (ready !== '') await server.sql('select 1'); // a session begins
      return traced.#written.includes(READY);
    }, PATIENCE_MS);
    if (attached && !traced.#hasEnded) return traced;
    await traced.end();
    throw new Error(`${program} has not attached; it wrote:\n${traced.#written}${traced.#failed}`);
  }

  #readies(): number {
    return this.#written.split(READY).length - 1;
  }

  /** Ends the program and gives its maps and its lines. */
  async end(): Promise<Report> {
    // All that was told before this has been read when the program has said twice more that it is there.
    const enough = this.#readies() + 2;
    await waitUntil(() => this.#hasEnded || this.#readies() >= enough, PATIENCE_MS);
    if (!this.#hasEnded) this.#child.kill('SIGINT');
    if (!(await waitUntil(() => this.#hasEnded, PATIENCE_MS))) this.#child.kill('SIGKILL');
    await waitUntil(() => this.#hasEnded, PATIENCE_MS);
    rmSync(this.#directory, { recursive: true, force: true });
    const lines = this.#written.split('\n').filter((line) => line.startsWith('{'));
    return new Report(lines.map((line) => JSON.parse(line) as Output));
  }
}

export class Report {
  readonly #maps = new Map<string, Record<string, number | Bucket[]>>();
  readonly lines: string[] = [];

  constructor(outputs: Output[]) {
    for (const { type, data } of outputs) {
      if (typeof data === 'string') this.lines.push(data);
      else if (type === 'map' || type === 'hist')
        for (const [name, values] of Object.entries(data)) this.#maps.set(name.slice(1), values);
    }
  }

  /** The sum of a map's values, or of a histogram's counts, over the keys whose parts `matches`. */
  sum(map: string, matches: (...parts: string[]) => boolean = () => true): number {
    return Object.entries(this.#maps.get(map) ?? {})
      .filter(([key]) => matches(...key.split(',')))
      .reduce((sum, [, value]) => sum + (typeof value === 'number' ? value : countOf(value)), 0);
  }

  /** Buckets of a histogram from `least` on. */
  countFrom(map: string, least: number, matches: (...parts: string[]) => boolean): number {
    return Object.entries(this.#maps.get(map) ?? {})
      .filter(([key]) => matches(...key.split(',')))
      .reduce(
        (sum, [, value]) => sum + (typeof value === 'number' ? 0 : countOf(value.filter(({ min }) => min >= least))),
        0,
      );
  }

  /** Of a map whose key is a statement's text. */
  ofStatement(map: string, text: string): number {
    return this.sum(map, (...parts) => parts.join(',') === text);
  }

  keys(map: string): string[] {
    return Object.keys(this.#maps.get(map) ?? {});
  }
}

function countOf(buckets: Bucket[]): number {
  return buckets.reduce((sum, { count }) => sum + count, 0);
}
