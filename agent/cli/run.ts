/** `pgscope run`: a trace program on servers of this host, shown and exported. */

import { setTimeout as sleep } from 'node:timers/promises';
import {
  argumentWords,
  assertVersion,
  bpftraceVersion,
  openProgram,
  type Program,
  ProgramError,
  type ProgramExport,
  shippedPrograms,
} from '../programs.js';
import { createQueryDescriber } from '../queries.js';
import { createFollower, TargetError } from '../targets.js';
import { TelemetrySettingsError } from '../telemetry.js';
import { CommandError, type CommandIo, EXIT_OK, UsageError } from './command.js';
import { exportLossSentences } from './record/losses.js';
import { type RunArguments, runArguments } from './run/arguments.js';
import { openProgramExport } from './run/export.js';
import { programLossSentences } from './run/losses.js';
import { createProgramServers, type ProgramServers } from './run/servers.js';
import { showMetrics } from './run/show.js';
import { printable } from './top/width.js';

/** Each server has a bpftrace of its own, of some 55 MB. */
const MAX_SERVERS = 8;
const POLL_MS = 1000;
const END_DEADLINE_MS = 10_000;

export async function runRun(argv: string[], io: CommandIo): Promise<number> {
  const options = runArguments(argv);
  if (options.program === undefined) return list(io);
  const program = usable(() => openProgram(options.program ?? ''));
  usable(() => argumentWords(program, options.args));
  const output = await openOutput(options, io);
  try {
    await runForServers({ program, options, output, io });
  } catch (error) {
    if (error instanceof ProgramError || error instanceof TargetError) throw new CommandError(error.message);
    throw error;
  } finally {
    await output.shutdown(END_DEADLINE_MS);
  }
  return EXIT_OK;
}

function list({ stdout }: CommandIo): number {
  const shipped = usable(shippedPrograms);
  for (const { name, spec } of shipped) stdout.write(`${name}: ${spec.description}\n`);
  if (shipped.length === 0) stdout.write('no program comes with this version\n');
  return EXIT_OK;
}

/** A program that is refused is a mistake of whoever gives it. */
function usable<Result>(open: () => Result): Result {
  try {
    return open();
  } catch (error) {
    throw error instanceof ProgramError ? new UsageError(error.message) : error;
  }
}

async function openOutput(options: RunArguments, { env, stderr }: CommandIo): Promise<ProgramExport> {
  try {
    return await openProgramExport(options, env, (line) => void stderr.write(`${line}\n`));
  } catch (error) {
    throw error instanceof TelemetrySettingsError ? new UsageError(error.message) : error;
  }
}

interface Running {
  program: Program;
  options: RunArguments;
  output: ProgramExport;
  io: CommandIo;
}

async function runForServers({ program, options, output, io }: Running): Promise<void> {
  const bpftrace = io.env.PGSCOPE_BPFTRACE ?? 'bpftrace';
  assertVersion(program, await bpftraceVersion(bpftrace));
  const { describe } = await createQueryDescriber();
  const changed = new EventTarget();
  const { args, intervalMs, queryText, selection } = options;
  const servers = createProgramServers({
    program,
    run: { args, intervalMs, queryText, describe, bpftrace },
    follower: createFollower(selection, { maxTargets: MAX_SERVERS }),
    output,
    env: io.env,
    onShow: (line) => void io.stdout.write(`${printable(line)}\n`),
    onLog: (line) => void io.stderr.write(`${line}\n`),
    onChange: () => changed.dispatchEvent(new Event('change')),
  });
  try {
    servers.start();
    if (servers.runs.length === 0)
      throw new ProgramError('no PostgreSQL server runs on this host, or none that this process can see');
    await untilEnd({ options, servers, io, changed });
  } finally {
    await servers.stop();
  }
  show(servers, io);
  for (const line of [...programLossSentences(servers.losses), ...exportLossSentences(output.losses)])
    io.stdout.write(`${line}\n`);
  const { runs } = servers;
  if (runs.every(({ state }) => state === 'Failed'))
    throw new ProgramError(runs.map(({ message }) => message).join('\n'));
}

interface Ending {
  options: RunArguments;
  servers: ProgramServers;
  io: CommandIo;
  changed: EventTarget;
}

/** Collects at each interval, until the time is over, a signal comes, or no run is left. */
async function untilEnd({ options, servers, io, changed }: Ending): Promise<void> {
  const { intervalMs, durationMs, printsIntervals } = options;
  const end = new AbortController();
  const signal = AbortSignal.any([io.signal, end.signal]);
  let timer: NodeJS.Timeout | undefined;
  const onChange = (): void => {
    const states = servers.runs.map(({ state }) => state);
    if (states.every((state) => state === 'Failed' || state === 'Done')) end.abort();
    if (durationMs !== undefined && states.includes('Running')) timer ??= setTimeout(() => end.abort(), durationMs);
  };
  changed.addEventListener('change', onChange);
  onChange();
  try {
    for (let nextCollectAt = performance.now() + intervalMs; !signal.aborted; ) {
      const untilNextMs = Math.max(0, nextCollectAt - performance.now());
      await sleep(Math.min(POLL_MS, untilNextMs), undefined, { signal }).catch(() => {});
      if (signal.aborted) break;
      await servers.poll();
      if (performance.now() < nextCollectAt) continue;
      nextCollectAt += intervalMs;
      servers.collect();
      if (printsIntervals) show(servers, io);
    }
  } finally {
    clearTimeout(timer);
    changed.removeEventListener('change', onChange);
  }
}

function show({ shown }: ProgramServers, { stdout }: CommandIo): void {
  for (const { server, metrics } of shown) {
    if (shown.length > 1) stdout.write(`PostgreSQL in ${server.dataDirectory}\n`);
    stdout.write(showMetrics(metrics));
  }
}
