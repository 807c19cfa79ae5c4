/** From the operator's command line to its exit code. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { createKubeClient } from '../kube/client.js';
import { CleanupError, type CleanupOptions, cleanUp } from './cleanup.js';
import { InstallError, installPrograms } from './install-programs.js';
import { KubeConfigError, kubeConnection } from './kube-config.js';
import { createLog, type Log } from './log.js';
import { runManager } from './manager.js';
import { createMetrics } from './metrics.js';
import { PortError } from './server.js';
import { type Command, helpText, type OperatorSettings, readSettings, SettingsError } from './settings.js';
import { startTraces } from './traces.js';

export interface OperatorIo {
  stdout: { write(text: string): unknown };
  /** Log lines. */
  stderr: { write(text: string): unknown };
  env: NodeJS.ProcessEnv;
  /** Aborted when the operator is to stop. */
  signal: AbortSignal;
  /** Is told the port that the pages have. */
  onListening?(port: number): void;
}

export const EXIT_OK = 0;
export const EXIT_FAILURE = 1;
export const EXIT_USAGE = 2;
/** The Lease was lost: whoever started the process starts it again, as a candidate. */
export const EXIT_LOST = 3;

/** `argv` without node and script. Never rejects. */
export async function run(argv: readonly string[], io: OperatorIo): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    io.stdout.write(helpText());
    return EXIT_OK;
  }
  const log = createLog({ write: (line) => io.stderr.write(line) });
  try {
    const settings = readSettings(argv, io.env);
    return await COMMANDS[settings.command](settings, log, io);
  } catch (error) {
    if (error instanceof SettingsError) {
      for (const line of error.message.split('\n')) io.stderr.write(`pgscope operator: ${line}\n`);
      io.stderr.write('pgscope operator: --help lists the options\n');
      return EXIT_USAGE;
    }
    const expected = [KubeConfigError, PortError, CleanupError, InstallError].some((known) => error instanceof known);
    const { message, stack } = error as Error;
    log.error(expected ? message : `failed: ${message}`, expected ? {} : { stack });
    return EXIT_FAILURE;
  }
}

const COMMANDS: Record<Command, (settings: OperatorSettings, log: Log, io: OperatorIo) => Promise<number>> = {
  run: operate,
  cleanup: (...rest) => once(cleanUp, ...rest),
  'install-programs': (...rest) => once(installPrograms, ...rest),
};

async function operate(
  settings: OperatorSettings,
  log: Log,
  { env, signal, onListening }: OperatorIo,
): Promise<number> {
  const metrics = createMetrics();
  const client = createKubeClient(await kubeConnection(settings.kubeconfig, env), metrics.requests);
  const traces = await startTraces(env, log);
  const instance = env.POD_NAME || hostname();
  const identity = `${instance}_${randomUUID()}`;
  const listening = onListening && { onListening };
  const end = await runManager({ settings, client, identity, instance, metrics, traces, log, ...listening }, signal);
  if (end === 'lost') return EXIT_LOST;
  await traces.shutdown();
  client.close();
  return EXIT_OK;
}

/** What a hook of the chart does, and is done with. */
type Task = (options: OperatorSettings & Pick<CleanupOptions, 'client' | 'signal' | 'onLog'>) => Promise<void>;

async function once(task: Task, settings: OperatorSettings, log: Log, { env, signal }: OperatorIo): Promise<number> {
  const client = createKubeClient(await kubeConnection(settings.kubeconfig, env));
  try {
    await task({ ...settings, client, signal, onLog: (line) => log.info(line) });
    return EXIT_OK;
  } finally {
    client.close();
  }
}
