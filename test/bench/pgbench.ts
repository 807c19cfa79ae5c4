/** One measurement: pgbench against a server, and the CPU time that the server's backends take for it. */
import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { type Server, waitUntil } from '../servers.js';
import { ALL_CPUS } from './cpus.js';
import { cpuNs, isZombie } from './processor.js';
import type { Protocol } from './workloads.js';

const PGBENCH = '/usr/lib/postgresql/15/bin/pgbench';
const LIMIT_MS = 30_000;
/** CPU time after which a backend is one that pgbench measures with. */
const WORKING_NS = 20e6;

export interface Load {
  server: Server;
  protocol: Protocol;
  script: readonly string[];
  statementsPerTransaction: number;
  clients: number;
  seconds: number;
  /** The one CPU of pgbench and its backends; default: all. */
  cpu: number | undefined;
  /** Transactions per second; default: as many as go. */
  rate?: number;
  signal: AbortSignal;
}

export interface Measurement {
  statements: number;
  /** Wall time of one statement as its client sees it. */
  latencyUs: number;
  /** CPU time of the backend for one statement. */
  cpuUs: number;
  statementsPerSecond: number;
}

/** pgbench's own tables: 100,000 accounts for each of `scale`. */
export async function fillTables(server: Server, scale: number): Promise<void> {
  await execa(PGBENCH, ['--initialize', '--quiet', `--scale=${scale}`], { env: addressOf(server) });
  await server.sql('select sum(abalance) from pgbench_accounts');
  await server.sql('checkpoint');
}

/**
 * The postmaster is stopped before pgbench ends, so that backends that have ended stay as zombies: there their exact CPU time
 * can be read, while their parent would have it in ticks of 10 ms. Connecting and ending are in it, about 3 ms a client.
 */
export async function measure(load: Load): Promise<Measurement> {
  const { server, clients, signal } = load;
  const before = new Set(childrenOf(server.pid));
  await pin(server.pid, load.cpu);
  const run = execa('taskset', ['--cpu-list', cpuList(load.cpu), PGBENCH, ...argumentsOf(load)], {
    env: addressOf(server),
    cancelSignal: signal,
    timeout: load.seconds * 1000 + LIMIT_MS,
  });
  run.catch(() => {}); // awaited below
  try {
    const backends = await backendsOf(server, before, clients);
    process.kill(server.pid, 'SIGSTOP');
    const { stdout } = await run;
    await expectWithin(() => backends.every(isZombie), 'the backends of pgbench have not ended');
    return measurementOf(
      stdout,
      load,
      backends.reduce((sum, pid) => sum + cpuNs(pid), 0),
    );
  } finally {
    process.kill(server.pid, 'SIGCONT');
    await run.catch(() => {});
    await pin(server.pid, undefined);
  }
}

function measurementOf(report: string, load: Load, backendsNs: number): Measurement {
  const transactions = field(report, /transactions actually processed: (\d+)/);
  const perSecond = field(report, /tps = ([\d.]+) \(without/) * load.statementsPerTransaction;
  const statements = transactions * load.statementsPerTransaction;
  return {
    statements,
    latencyUs: (1e6 * load.clients) / perSecond,
    cpuUs: backendsNs / 1000 / statements,
    statementsPerSecond: perSecond,
  };
}

function field(report: string, pattern: RegExp): number {
  const text = pattern.exec(report)?.[1];
  if (text === undefined) throw new Error(`pgbench's report has no ${pattern.source}:\n${report}`);
  return Number(text);
}

function argumentsOf({ protocol, script, clients, seconds, rate }: Load): string[] {
  return [
    '--no-vacuum',
    `--protocol=${protocol}`,
    `--client=${clients}`,
    `--time=${seconds}`,
    ...(rate === undefined ? [] : [`--rate=${rate}`]),
    ...script,
  ];
}

/** The unix socket: what a network adds is not what is measured. */
function addressOf({ socketDirectory, port }: Server): NodeJS.ProcessEnv {
  return { PGHOST: socketDirectory, PGPORT: String(port), PGUSER: 'postgres', PGDATABASE: 'postgres' };
}

/**
 * As many new children as clients, once each has worked for a while. pgbench first makes a connection that only looks around, in
 * less than half of that time: stopping the postmaster behind that one would leave pgbench waiting for its next.
 */
async function backendsOf(server: Server, before: ReadonlySet<number>, clients: number): Promise<number[]> {
  const working = () => childrenOf(server.pid).filter((pid) => !before.has(pid) && isWorking(pid));
  await expectWithin(() => working().length === clients, `pgbench has not got ${clients} backends to work`);
  return working();
}

function isWorking(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(' [local] ') && cpuNs(pid) > WORKING_NS;
  } catch {
    return false; // it has ended meanwhile
  }
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

async function expectWithin(condition: () => boolean, otherwise: string): Promise<void> {
  if (!(await waitUntil(condition, LIMIT_MS))) throw new Error(`${otherwise} within ${LIMIT_MS / 1000} s`);
}

/** Of the postmaster: what it starts from now on has the same. */
async function pin(pid: number, cpu: number | undefined): Promise<void> {
  await execa('taskset', ['--pid', '--cpu-list', cpuList(cpu), String(pid)]);
}

function cpuList(cpu: number | undefined): string {
  return cpu === undefined ? ALL_CPUS : String(cpu);
}
