/** One running PostgreSQL server: its process, its addresses, and what tests do with it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import pg from 'pg';
import type { Build } from './builds.js';
import { type Cluster, command, configure, type Settings } from './cluster.js';
import { removeRecord, self, writeRecord } from './leftovers.js';
import { childrenOf, identify, type ProcessIdentity, signal, waitForEnd } from './processes.js';
import { waitUntil } from './wait.js';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 30_000;
/** Debian's client programs; any version talks to every server. */
const CLIENT_PROGRAMS = '/usr/lib/postgresql/15/bin';

/** smart waits for clients, fast ends them, immediate leaves recovery to the next start. */
const STOP_SIGNALS = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' } as const;
export type StopMode = keyof typeof STOP_SIGNALS;

export class Server {
  readonly build: Build;
  readonly port: number;
  readonly host = '127.0.0.1';
  /** Such as "17.10", as pg_stat_activity's server says it. */
  version = '';
  readonly cluster: Cluster;
  #child: ChildProcess | undefined;
  #postmaster: ProcessIdentity | undefined;

  constructor({ build, cluster, port }: { build: Build; cluster: Cluster; port: number }) {
    this.build = build;
    this.cluster = cluster;
    this.port = port;
  }

  /** The postmaster's PID on this host. */
  get pid(): number {
    if (this.#postmaster === undefined) throw new Error(`the ${this.build} server is not running`);
    return this.#postmaster.pid;
  }

  get major(): number {
    return this.cluster.installation.major;
  }

  /** Seen from the host, as everything here. */
  get dataDirectory(): string {
    return join(this.cluster.directory, 'data');
  }

  get socketDirectory(): string {
    return this.cluster.directory;
  }

  get executable(): string {
    return join(this.cluster.installation.root, this.cluster.installation.programs, 'postgres');
  }

  /** What the server has written to its standard error since its first start. */
  async log(): Promise<string> {
    return await readFile(this.#logFile, 'utf8');
  }

  /** Resolves when the server takes connections, with the end of its log in the error if it never does. */
  async start(): Promise<void> {
    const { directoryInRoot } = this.cluster;
    const [file, ...args] = command(this.cluster, 'postgres', ['-D', `${directoryInRoot}/data`]);
    const log = openSync(this.#logFile, 'a');
    const child = spawn(file, args, { stdio: ['ignore', log, log], cwd: '/' });
    closeSync(log);
    this.#child = child;
    this.#postmaster = child.pid === undefined ? undefined : identify(child.pid);
    this.#record();
    const ready = await waitUntil(async () => this.#hasEnded || (await this.#isReady()), START_TIMEOUT_MS);
    if (ready && !this.#hasEnded) return;
    const end = (await this.log()).slice(-2000);
    await this.stop('immediate');
    throw new Error(`the ${this.build} server did not start on port ${this.port}; its log ends with:\n${end}`);
  }

  async stop(mode: StopMode = 'fast'): Promise<void> {
    await this.#end(STOP_SIGNALS[mode]);
  }

  async restart(mode: StopMode = 'fast'): Promise<void> {
    await this.stop(mode);
    await this.start();
  }

  /** kill -9 of the postmaster; its children notice and end by themselves. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Stops the server if it runs, and removes its files. */
  async remove(): Promise<void> {
    await this.stop('immediate');
    await rm(this.cluster.directory, { recursive: true, force: true });
    removeRecord(this.#name);
  }

  async configure(settings: Settings): Promise<void> {
    await configure(this.cluster, settings);
  }

  /** Makes the server read its configuration again. */
  reload(): void {
    if (this.#postmaster !== undefined) signal(this.#postmaster, 'SIGHUP');
  }

  /** A connected client over TCP (or, with `host: server.socketDirectory`, over the unix socket); the caller ends it. */
  async client(options: pg.ClientConfig = {}): Promise<pg.Client> {
    const client = new pg.Client({ ...this.#address, ...options });
    await client.connect();
    return client;
  }

  /** Runs SQL in a connection of its own over TCP, in the simple protocol. */
  async sql<Row extends pg.QueryResultRow = pg.QueryResultRow>(text: string): Promise<Row[]> {
    const client = await this.client();
    try {
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  }

  /** psql's output, unaligned and without headers; stops at the first error. */
  async psql(text: string, args: string[] = []): Promise<string> {
    const options = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-f', '-', ...args];
    return (await this.#run('psql', options, text)).stdout;
  }

  /** pgbench's report. */
  async pgbench(args: string[]): Promise<string> {
    return (await this.#run('pgbench', args)).stdout;
  }

  async #run(program: string, args: string[], input = ''): Promise<{ stdout: string }> {
    const { host, port, user, database } = this.#address;
    const env = { PGHOST: host, PGPORT: String(port), PGUSER: user, PGDATABASE: database };
    return await execa(join(CLIENT_PROGRAMS, program), args, { env, input });
  }

  async #end(name: NodeJS.Signals): Promise<void> {
    const postmaster = this.#postmaster;
    if (postmaster === undefined) return;
    const family = [postmaster, ...childrenOf(postmaster.pid)];
    signal(postmaster, name);
    if (!(await waitForEnd(family, STOP_TIMEOUT_MS))) {
      for (const member of family) signal(member, 'SIGKILL');
      await waitForEnd(family, STOP_TIMEOUT_MS);
    }
    this.#postmaster = undefined;
    this.#child = undefined;
    this.#record();
  }

  /** The eighth line of the PID file says what the postmaster is about; asking there costs the server no connection. */
  async #isReady(): Promise<boolean> {
    const lines = await readFile(join(this.dataDirectory, 'postmaster.pid'), 'utf8').catch(() => '');
    const [pid, , , , , , , status] = lines.split('\n');
    return Number(pid) === this.#postmaster?.pid && status?.trim() === 'ready';
  }

  get #hasEnded(): boolean {
    const child = this.#child;
    return child === undefined || child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  }

  get #address() {
    return { host: this.host, port: this.port, user: 'postgres', database: 'postgres' };
  }

  get #name(): string {
    return basename(this.cluster.directory);
  }

  get #logFile(): string {
    return join(this.cluster.directory, 'log');
  }

  #record(): void {
    const postmaster = this.#postmaster;
    const record = { owner: self(), directory: this.cluster.directory };
    writeRecord(this.#name, postmaster === undefined ? record : { ...record, postmaster });
  }
}
