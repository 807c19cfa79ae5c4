/** A program that runs for one server of this node, with its way out to one destination. */

import type { CapturedServer } from '../../capture.js';
import {
  type ExportedRun,
  type Program,
  type ProgramExport,
  type ProgramRun,
  processesOf,
  startProgram,
} from '../../programs.js';
import type { QueryDescriber } from '../../queries.js';
import type { Attributes } from '../../telemetry.js';
import { nextTime } from '../source.js';
import type { Args } from './plan.js';

export interface WantedRun {
  /** Server, destination and name: what there is one run of. */
  key: string;
  server: CapturedServer;
  destination: string;
  name: string;
  args: Args;
  intervalMs: number;
  queryText: 'none' | 'normalized' | 'raw';
  /** Of the server's telemetry. */
  resource: Attributes;
}

export interface HeldRun {
  /** Of the program, and its arguments, as it was begun with them. */
  version: string;
  words: readonly string[];
  wanted: WantedRun;
  run: Pick<ProgramRun, 'state' | 'message' | 'losses'>;
  /** What is to be known about it besides, as a sentence; undefined if nothing. */
  note: string | undefined;
  /** Monotonic ms of its end, undefined while it goes on. */
  readonly overAt: number | undefined;
  /** When its metrics are due, monotonic ms. */
  readonly dueAt: number;
  collect(): void;
  /** The last values leave, and the ends of its series. */
  end(): Promise<void>;
}

/** Signals that a destination has an endpoint for. */
export interface Takes {
  metrics: boolean;
  logs: boolean;
}

export interface HeldRunOptions {
  version: string;
  words: readonly string[];
  wanted: WantedRun;
  program: Program;
  output: ProgramExport;
  takes: Takes;
  describe: QueryDescriber['describe'];
  bpftrace: string;
  env: NodeJS.ProcessEnv;
  /** Its state is another one. */
  onChange(): void;
  onLog(line: string): void;
  /** Monotonic ms. */
  now(): number;
}

/** Throws a ProgramError if it cannot be restricted to this server, or an argument is wrong. */
export function holdRun(options: HeldRunOptions): HeldRun {
  const { version, words, wanted, program, output, takes, onChange, onLog, now } = options;
  const { server, destination, args, intervalMs, queryText, resource } = wanted;
  const processes = program.scope === 'node' ? 'node' : processesOf(server.pid);
  const exported: ExportedRun = output.begin(program, { key: wanted.key, resource });
  let dueAt = nextTime(intervalMs, now());
  let overAt: number | undefined;
  const run = startProgram({
    program,
    args,
    pid: server.pid,
    processes,
    intervalMs,
    queryText,
    describe: options.describe,
    bpftrace: options.bpftrace,
    env: options.env,
    onEvent: (told) => exported.event(told),
    onLine: () => {},
    onMap: () => {},
    onState(state, message) {
      if (state === 'Failed' || state === 'Done') {
        overAt = now();
        // Nothing is due any more; its series end with the profile.
        exported.collect(run);
      }
      if (state !== 'Stopped') onLog(`program ${program.name} for ${server.name ?? server.target}: ${message}`);
      onChange();
    },
  });
  return {
    version,
    words,
    wanted,
    run,
    note: whatGoesNowhere(program, takes, destination),
    get overAt() {
      return overAt;
    },
    get dueAt() {
      return dueAt;
    },
    collect() {
      dueAt = nextTime(intervalMs, now());
      exported.collect(run);
    },
    async end() {
      await run.stop();
      exported.end(run.metrics);
    },
  };
}

function whatGoesNowhere({ maps, events }: Program, takes: Takes, destination: string): string | undefined {
  const missing = [
    ...(maps.length > 0 && !takes.metrics ? [['maps', 'metrics']] : []),
    ...(events.length > 0 && !takes.logs ? [['events', 'logs']] : []),
  ];
  if (missing.length === 0) return undefined;
  const [what, signals] = [0, 1].map((index) => missing.map((one) => one[index]).join(' and '));
  return `its ${what} go nowhere, since the destination "${destination}" has no endpoint for ${signals}`;
}
