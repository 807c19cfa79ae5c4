/**
 * `make bench`: what pgscope costs per statement, beside pg_stat_statements, one empty uprobe and a bpftrace script, and what agent
 * and tracer take themselves. Prints the tables and writes them into docs/cost.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../agent/package.js';
import { type Server, startServer, stopServers } from '../servers.js';
import { type AgentLoad, agentLoad } from './agent-load.js';
import { type BenchOptions, benchOptions } from './options.js';
import { type Circumstances, measuredPart, replaceMeasured } from './page.js';
import { perStatement } from './per-statement.js';
import { fillTables } from './pgbench.js';
import { LEVELS, type Servers } from './variants.js';

/** 1,000,000 accounts, which fit into shared buffers; nothing waits for a disk and nothing works in the background meanwhile. */
const SCALE = 10;
const SETTINGS = {
  shared_buffers: '512MB',
  synchronous_commit: 'off',
  autovacuum: 'off',
  max_wal_size: '8GB',
  checkpoint_timeout: '1h',
};

const ending = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => ending.abort(name));

try {
  await bench(benchOptions(process.env));
} catch (error) {
  if (ending.signal.aborted) console.error(`ended by ${ending.signal.reason}; docs/cost.md is as it was`);
  else console.error(`bench: ${(error as Error).message}`);
  process.exitCode = 1;
} finally {
  await stopServers();
}

async function bench(options: BenchOptions): Promise<void> {
  const circumstances = circumstancesOf(options);
  const servers = await startServers();
  const { signal } = ending;
  const costs = await perStatement({ ...options, servers, signal, onProgress: (line) => console.error(line) });
  const loads = await agentLoads(servers.plain, options);
  const facts = { ...circumstances, PostgreSQL: `${servers.plain.version} (embedded npm build)` };
  const measured = measuredPart(facts, costs, loads);
  console.log(measured);
  const page = join(packageRoot(), 'docs/cost.md');
  writeFileSync(page, replaceMeasured(readFileSync(page, 'utf8'), measured));
}

async function startServers(): Promise<Servers> {
  const plain = await startServer({ build: 'n18', settings: SETTINGS });
  const statistics = await startServer({ build: 'n18', settings: SETTINGS, statementStatistics: true });
  for (const server of [plain, statistics]) {
    ending.signal.throwIfAborted();
    await fillTables(server, SCALE);
  }
  return { plain, statistics };
}

/** At pgscope's default interval, and at the shortest sensible one. */
async function agentLoads(
  server: Server,
  { agentRate: rate, agentSeconds: seconds }: BenchOptions,
): Promise<AgentLoad[]> {
  const loads: AgentLoad[] = [];
  for (const level of LEVELS) {
    for (const interval of ['15s', '1s']) {
      console.error(`agent and tracer, level ${level}, interval ${interval}`);
      loads.push(await agentLoad({ server, level, interval, rate, seconds, signal: ending.signal }));
    }
  }
  return loads;
}

function circumstancesOf({ rounds, secondsPerRound, agentSeconds, agentRate }: BenchOptions): Circumstances {
  const chosen = process.env.WORKLOADS ? `WORKLOADS=${process.env.WORKLOADS} ` : '';
  const given = `${chosen}ROUNDS=${rounds} SECONDS_PER_ROUND=${secondsPerRound} AGENT_SECONDS=${agentSeconds} AGENT_RATE=${agentRate}`;
  return {
    Command: `\`${given} make bench\``,
    Date: new Date().toISOString().slice(0, 10),
    Kernel: release(),
    CPUs: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    'Load before': `${loadavg()[0]?.toFixed(2)} (one minute)`,
  };
}
