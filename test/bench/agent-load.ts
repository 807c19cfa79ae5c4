/** What agent and tracer take themselves while a server runs many statements of 100 different queries. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { childrenOf, type Server } from '../servers.js';
import { measure } from './pgbench.js';
import { cpuNs, type Memory, memoryOf } from './processor.js';
import { pgscope } from './watchers.js';
import { hundredQueries } from './workloads.js';

const CLIENTS = 8;
/** All queries are described, V8 has compiled what is hot, and memory has settled. */
const WARM_UP_SECONDS = 10;

export interface AgentLoadOptions {
  server: Server;
  level: string;
  /** pgscope's `--interval`. */
  interval: string;
  /** Statements per second that pgbench tries to make. */
  rate: number;
  seconds: number;
  signal: AbortSignal;
}

export interface AgentLoad {
  level: string;
  interval: string;
  statementsPerSecond: number;
  agent: ProcessLoad;
  tracer: ProcessLoad;
}

export interface ProcessLoad extends Memory {
  /** Percent of one core. */
  cpuPercent: number;
}

export async function agentLoad(options: AgentLoadOptions): Promise<AgentLoad> {
  const { server, level, interval, rate, seconds, signal } = options;
  const directory = join(server.socketDirectory, 'queries');
  const script = await writeScripts(directory);
  const watcher = await pgscope(server, level, interval);
  try {
    const tracerPid = childrenOf(watcher.pid)[0]?.pid;
    if (tracerPid === undefined) throw new Error(`the agent (PID ${watcher.pid}) has no tracer`);
    const load = measure({
      server,
      protocol: 'prepared',
      script,
      statementsPerTransaction: 1,
      clients: CLIENTS,
      seconds: WARM_UP_SECONDS + seconds + 1,
      cpu: undefined,
      rate,
      signal,
    });
    const [measured, { statementsPerSecond }] = await Promise.all([
      watch([watcher.pid, tracerPid], seconds, signal),
      load,
    ]);
    const [agent, tracer] = measured;
    if (agent === undefined || tracer === undefined) throw new Error('agent or tracer was not measured');
    return { level, interval, statementsPerSecond, agent, tracer };
  } finally {
    await watcher.detach();
    await rm(directory, { recursive: true, force: true });
  }
}

async function watch(pids: number[], seconds: number, signal: AbortSignal): Promise<ProcessLoad[]> {
  await sleep(WARM_UP_SECONDS * 1000, undefined, { signal });
  const startedAt = performance.now();
  const before = pids.map(cpuNs);
  await sleep(seconds * 1000, undefined, { signal });
  const elapsedNs = (performance.now() - startedAt) * 1e6;
  return pids.map((pid, i) => ({
    cpuPercent: (100 * (cpuNs(pid) - (before[i] ?? Number.NaN))) / elapsedNs,
    ...memoryOf(pid),
  }));
}

/** pgbench's options for them. */
async function writeScripts(directory: string): Promise<string[]> {
  await mkdir(directory);
  const scripts = hundredQueries().map(async (text, i) => {
    const file = join(directory, `${i}.sql`);
    await writeFile(file, text);
    return `--file=${file}`;
  });
  return await Promise.all(scripts);
}
