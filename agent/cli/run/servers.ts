/** A program on the servers of this host: one run for each, begun anew when a server has restarted. */

import {
  type ExportedRun,
  type Program,
  type ProgramExport,
  type ProgramRun,
  processesOf,
  type RunOptions,
  startProgram,
} from '../../programs.js';
import { type Follower, isStillThere, type Postmaster } from '../../targets.js';
import { hostResource, type Metric, thisHost } from '../../telemetry.js';

export interface ServersOptions {
  program: Program;
  run: Omit<RunOptions, 'program' | 'pid' | 'processes' | 'onEvent' | 'onLine' | 'onMap' | 'onState' | 'env'>;
  follower: Follower;
  output: ProgramExport;
  env: NodeJS.ProcessEnv;
  /** A line for stdout. */
  onShow(line: string): void;
  onLog(line: string): void;
  /** The probes of one more run are attached, or one is over. */
  onChange(): void;
}

export interface ProgramServers {
  /** Throws a TargetError or a ProgramError. */
  start(): void;
  /** Looks for servers that have ended or come (back). */
  poll(): Promise<void>;
  collect(): void;
  /** Ends all, with their last values. */
  stop(): Promise<void>;
  /** Of each server the last one. */
  readonly runs: readonly ProgramRun[];
  /** Sums over all runs, also those that are over. */
  readonly losses: Record<string, number>;
  /** What is to be shown, by server. */
  readonly shown: readonly { server: Postmaster; metrics: Metric[] }[];
}

interface Running {
  server: Postmaster;
  run: ProgramRun;
  exported: ExportedRun;
}

const ANY_TIME = { startUnixNano: 0n, timeUnixNano: 0n };

export function createProgramServers(options: ServersOptions): ProgramServers {
  const { program, follower, output, env, onShow, onLog, onChange } = options;
  const running = new Map<string, Running>();
  /** The last run of each server that has ended. */
  const over = new Map<string, Running>();
  /** Of all runs that are over. */
  const lost: Record<string, number> = {};

  function begin(server: Postmaster): void {
    const resource = hostResource(server, thisHost(), env);
    const exported = output.begin(program, { key: server.id, resource });
    const where = `the server in ${server.dataDirectory} (PID ${server.pid})`;
    const run = startProgram({
      ...options.run,
      program,
      env,
      pid: server.pid,
      processes: program.scope === 'node' ? 'node' : processesOf(server.pid),
      onEvent: (told) => {
        exported.event(told);
        onShow(`${told.name} ${words(told.attributes)}`);
      },
      onLine: (line) => {
        if (program.isBare) onShow(line);
      },
      onMap: () => {},
      onState: (state, message) => {
        if (state !== 'Stopped') onLog(`${program.name} for ${where}: ${message}`);
        onChange();
      },
    });
    running.set(server.id, { server, run, exported });
  }

  async function end(one: Running): Promise<void> {
    await one.run.stop();
    one.exported.end(one.run.metrics);
    running.delete(one.server.id);
    over.set(one.server.id, one);
    addTo(lost, one.run.losses);
  }

  const last = () => [...new Map([...over, ...running]).values()];
  const losses = (): Record<string, number> => {
    const sums = { ...lost };
    for (const { run } of running.values()) addTo(sums, run.losses);
    return sums;
  };

  return {
    start() {
      for (const server of follower.start()) begin(server);
      if (follower.leftOut > 0)
        onLog(`${follower.leftOut} more servers run here and are left out; name those that matter with --pid`);
    },
    async poll() {
      for (const one of [...running.values()])
        if (!isStillThere(one.server)) {
          onLog(`the server in ${one.server.dataDirectory} (PID ${one.server.pid}) has ended`);
          await end(one);
          follower.ended(one.server);
        }
      for (const server of follower.poll()) begin(server);
    },
    collect() {
      for (const { run, exported } of running.values()) exported.collect(run);
      output.collectOwn(losses());
    },
    async stop() {
      await Promise.all([...running.values()].map(end));
      output.collectOwn(losses());
    },
    get runs() {
      return last().map(({ run }) => run);
    },
    get losses() {
      return losses();
    },
    get shown() {
      return last().map(({ server, run }) => ({ server, metrics: run.metrics.metrics(ANY_TIME, false) }));
    },
  };
}

function addTo(sums: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count;
}

function words(attributes: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return given
    .map(
      ([name, value]) =>
        `${name}=${JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part))}`,
    )
    .join(' ');
}
