/** Takes an API server away and brings it back, with the same address, certificate and store. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { ApiServer } from '../chart/api-server.js';
import { childrenOf, identify, waitUntil } from '../servers.js';

const PATIENCE_MS = 120_000;

export interface Outage {
  /** Starts the server again and waits until it is ready. */
  end(): Promise<void>;
  /** For afterAll(): ends the process that `end` has started. */
  stop(): Promise<void>;
}

/** Its etcd goes on. */
export async function stopApiServer(api: ApiServer): Promise<Outage> {
  const option = `--secure-port=${new URL(api.url).port}`;
  const running = childrenOf(process.pid).find(({ pid }) => commandOf(pid).includes(option));
  if (running === undefined) throw new Error(`no child of this process listens at ${api.url}`);
  const command = commandOf(running.pid);
  process.kill(running.pid, 'SIGTERM');
  // It lets requests end, and watches never do.
  if (!(await waitUntil(() => identify(running.pid) === undefined, 5_000))) process.kill(running.pid, 'SIGKILL');
  let child: ChildProcess | undefined;
  return {
    async end() {
      child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], { stdio: 'ignore' });
      const ready = () =>
        api.ask('GET', '/readyz').then(
          ({ code }) => code === 200,
          () => false,
        );
      if (!(await waitUntil(ready, PATIENCE_MS))) throw new Error(`${basename(command[0] ?? '')} does not come back`);
    },
    async stop() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child?.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function commandOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
}
