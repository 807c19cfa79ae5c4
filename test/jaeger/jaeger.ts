/** A real Jaeger for tests: `startJaeger()` builds it if need be, and runs it on free loopback ports, with its spans in memory. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { waitUntil } from '../servers.js';
import { type QueryApi, queryApi } from './query-api.js';

const BUILD_SCRIPT = resolve(import.meta.dirname, '../../scripts/build-jaeger.sh');
const START_TIMEOUT_MS = 60_000;

export interface Jaeger extends QueryApi {
  /** Base URL of its OTLP receiver over HTTP. */
  otlpUrl: string;
  stop(): Promise<void>;
}

/** The caller stops it; it also ends with this process. */
export async function startJaeger(): Promise<Jaeger> {
  const { stdout: program } = await execa(BUILD_SCRIPT, { stderr: 'inherit' });
  const directory = mkdtempSync(join(tmpdir(), 'pgscope-jaeger-'));
  const [otlpPort, queryPort] = [await freePort(), await freePort()];
  const config = join(directory, 'jaeger.yaml');
  writeFileSync(config, JSON.stringify(configuration(otlpPort, queryPort))); // YAML, too
  const logFile = join(directory, 'log');
  const log = openSync(logFile, 'a');
  const args = ['--pdeathsig=KILL', program, '--config', config];
  const child = spawn('setpriv', args, { stdio: ['ignore', log, log], cwd: directory });
  const jaeger: Jaeger = {
    ...queryApi(`http://127.0.0.1:${queryPort}`),
    otlpUrl: `http://127.0.0.1:${otlpPort}`,
    stop: async () => {
      await end(child);
      rmSync(directory, { recursive: true, force: true });
    },
  };
  const answers = () =>
    jaeger.services().then(
      () => true,
      () => false,
    );
  if (await waitUntil(async () => hasEnded(child) || (await answers()), START_TIMEOUT_MS)) {
    if (!hasEnded(child)) return jaeger;
  }
  const said = readFileSync(logFile, 'utf8').slice(-2000);
  await jaeger.stop();
  throw new Error(`Jaeger did not start; its log ends with:\n${said}`);
}

/** Traces alone, as its own all-in-one configuration has it; without a batch processor what is accepted can be seen at once. */
function configuration(otlpPort: number, queryPort: number): object {
  return {
    service: {
      extensions: ['jaeger_storage', 'jaeger_query'],
      pipelines: { traces: { receivers: ['otlp'], exporters: ['jaeger_storage_exporter'] } },
      telemetry: { metrics: { level: 'none' } },
    },
    extensions: {
      jaeger_storage: { backends: { memory: { memory: { max_traces: 100_000 } } } },
      jaeger_query: {
        storage: { traces: 'memory' },
        http: { endpoint: `127.0.0.1:${queryPort}` },
        grpc: { endpoint: '127.0.0.1:0' },
      },
    },
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${otlpPort}` } } } },
    exporters: { jaeger_storage_exporter: { trace_storage: 'memory' } },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(timer);
}

function hasEnded({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid === undefined || exitCode !== null || signalCode !== null;
}

/** Free when asked; the kernel hands these out in random order. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
