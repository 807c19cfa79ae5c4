/** A program that runs for one server: started, read, started again when bpftrace dies, stopped. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { QueryDescriber } from '../queries.js';
import type { ProgramLoss } from '../telemetry.js';
import { argumentWords } from './arguments.js';
import { type BpftraceProcess, MAX_MAP_ENTRIES, spawnBpftrace } from './bpftrace/process.js';
import { createProgramMetrics, type ProgramMetrics } from './metrics.js';
import type { ToldEvent } from './output/event.js';
import type { Program } from './program.js';
import { createReceiver, disclosing } from './run/receive.js';
import { expandSource, type TargetProcesses } from './source.js';

/** Running: its probes are attached. Done: it has ended by itself. */
export type RunState = 'Starting' | 'Running' | 'Restarting' | 'Done' | 'Failed' | 'Stopped';

export interface RunOptions {
  program: Program;
  /** Values by the names of its arguments; the rest have their defaults. */
  args: Readonly<Record<string, string>>;
  /** Its postmaster, as this process's /proc shows it. */
  pid: number;
  processes: TargetProcesses;
  /** How often maps are told; ms. */
  intervalMs: number;
  describe: QueryDescriber['describe'];
  queryText: 'none' | 'normalized' | 'raw';
  /** Another bpftrace than the one on the path. */
  bpftrace: string;
  env: NodeJS.ProcessEnv;
  onEvent(event: ToldEvent): void;
  /** A line of print() or printf() that is none of the program's events. */
  onLine(line: string): void;
  /** A map was told. */
  onMap(name: string): void;
  onState(state: RunState, message: string): void;
  /** How long bpftrace may take to compile and attach; default 120 s. */
  startLimitMs?: number;
  /** Wait before the first restart, doubled each time up to a minute; default 1000 ms. */
  restartDelayMs?: number;
}

export interface ProgramRun {
  readonly state: RunState;
  /** A sentence for people. */
  readonly message: string;
  readonly metrics: ProgramMetrics;
  readonly losses: Readonly<Record<ProgramLoss, number>>;
  /** Resolves when it is over: done, failed or stopped. */
  readonly over: Promise<void>;
  /** The last values of its maps come before this resolves. */
  stop(): Promise<void>;
}

const MAX_DELAY_MS = 60_000;

/** Throws a ProgramError if an argument is wrong. */
export function startProgram(options: RunOptions): ProgramRun {
  const { program, pid, processes, intervalMs, onState, startLimitMs = 120_000, restartDelayMs = 1000 } = options;
  const args = [String(pid), ...argumentWords(program, options.args)];
  const maps = program.maps.map(({ name }) => name);
  const executable = `/proc/${pid}/exe`;
  const source = expandSource({ source: program.source, processes, executable, maps, intervalMs });
  const metrics = createProgramMetrics(program, { disclose: disclosing(options), maxEntries: MAX_MAP_ENTRIES });
  const receiver = createReceiver(options, metrics, became, giveUp);
  const stopping = new AbortController();
  let restarts = 0;
  let mostOverflow = 0;
  let mostMissing = 0;
  let process: BpftraceProcess | undefined;
  let gaveUp: string | undefined;
  let state: RunState = 'Starting';
  let message = 'bpftrace compiles the program';

  /** A failure is the end: what bpftrace says while it is being ended changes nothing. */
  function became(next: RunState, why: string): void {
    if (state === 'Failed') return;
    state = next;
    message = why;
    onState(next, why);
  }

  /** It counts as failed at once, however long bpftrace takes to end. */
  function giveUp(why: string): void {
    gaveUp = why;
    became('Failed', why);
    void process?.stop();
  }

  /** Undefined: it is to be started again. */
  async function once(delayMs: number): Promise<[RunState, string] | undefined> {
    const { bpftrace: path, env } = options;
    const common = { path, source, args, env, stringLength: program.stringLength };
    process = spawnBpftrace({ ...common, onOutput: receiver.receive, onMalformed: receiver.malformed });
    const limit = setTimeout(() => {
      if (state !== 'Running') giveUp(`bpftrace has not attached it within ${startLimitMs / 1000} s`);
    }, startLimitMs);
    const end = await process.ended;
    clearTimeout(limit);
    if (stopping.signal.aborted) return ['Stopped', 'it was stopped'];
    if (gaveUp !== undefined) return ['Failed', gaveUp];
    if (end.kind === 'done') return ['Done', 'the program has ended itself'];
    if (end.kind === 'refused') return ['Failed', end.message];
    became('Restarting', `${end.message}; it is started again in ${delayMs / 1000} s`);
    restarts += 1;
    await sleep(delayMs, undefined, { signal: stopping.signal }).catch(() => {});
    metrics.restarted();
    return stopping.signal.aborted ? ['Stopped', 'it was stopped'] : undefined;
  }

  async function untilOver(): Promise<void> {
    for (let delayMs = restartDelayMs; ; ) {
      const startedAt = performance.now();
      const ended = await once(delayMs);
      if (ended !== undefined) return became(...ended);
      const isStable = performance.now() - startedAt > 2 * MAX_DELAY_MS;
      delayMs = isStable ? restartDelayMs : Math.min(2 * delayMs, MAX_DELAY_MS);
    }
  }

  const over = untilOver();
  return {
    get state() {
      return state;
    },
    get message() {
      return message;
    },
    metrics,
    get losses() {
      const { keysUnreadable, mapsFull } = metrics;
      // What is as of the last time can be less the next time, and a count of losses cannot.
      mostOverflow = Math.max(mostOverflow, metrics.seriesOverflow);
      mostMissing = Math.max(mostMissing, receiver.losses.probesMissing);
      return {
        ...receiver.losses,
        probesMissing: mostMissing,
        keysUnreadable,
        seriesOverflow: mostOverflow,
        mapsFull,
        programRestarts: restarts,
      };
    },
    over,
    async stop() {
      stopping.abort();
      await process?.stop();
      await over;
    },
  };
}
