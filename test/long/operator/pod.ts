/**
 * The real operator, with what a pod of the chart's Deployment gives it: arguments, the service account's token and rights, the memory
 * limit. This process is its kubelet: it starts it again when it exits, and asks /healthz.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ApiServer } from '../../chart/api-server.js';
import { NAMESPACE } from '../../chart/installation.js';
import type { Administrator } from '../administrator.js';
import { authorityOf } from './authority.js';
import { operatorDeployment } from './deployment.js';
import { freePort } from './free-port.js';
import { createMemoryGroup, type MemoryGroup } from './memory-group.js';

const CHECKOUT = resolve(import.meta.dirname, '../../..');
/** In a mount namespace of its own, where the service account is found at the path that it has in every pod. */
const START = `mount -t tmpfs tmpfs /run
folder=/run/secrets/kubernetes.io/serviceaccount
mkdir -p $folder
printf %s "$TOKEN" >$folder/token
printf %s "$CA" >$folder/ca.crt
unset TOKEN CA
echo $$ >"$GROUP"
exec "$@"`;

export class OperatorPod {
  /** Of the processes that have ended: exit code, or the signal's name. */
  readonly exits: (number | string)[] = [];
  #child: ChildProcess | undefined;
  readonly #start: () => ChildProcess;
  readonly #group: MemoryGroup;
  readonly #folder: string;
  readonly #port: number;
  #stopped = false;

  static async start(api: ApiServer, administrator: Administrator): Promise<OperatorPod> {
    const path = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/pgscope-operator/token`;
    const { status } = await administrator.ask('POST', path, { body: { spec: { expirationSeconds: 7200 } } });
    const { args, memoryLimitBytes } = await operatorDeployment();
    const [port, ca, folder] = await Promise.all([
      freePort(),
      authorityOf(new URL(api.url)),
      mkdtemp(join(tmpdir(), 'pgscope-operator-')),
    ]);
    const group = createMemoryGroup(memoryLimitBytes);
    const log = openSync(join(folder, 'log'), 'a');
    const { hostname, port: apiPort } = new URL(api.url);
    const node = [join(CHECKOUT, 'node_modules/.bin/node'), join(CHECKOUT, 'dist/operator/main.js')];
    // Of two equal options the last one holds.
    const operator = [...node, ...args, '--port', String(port)];
    const command = ['--pdeathsig', 'KILL', 'unshare', '--mount', 'sh', '-euc', START, 'sh', ...operator];
    const env = {
      ...{ PATH: process.env.PATH, POD_NAMESPACE: NAMESPACE, POD_NAME: 'pgscope-operator-0' },
      ...{ KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: apiPort },
      ...{ TOKEN: status.token, CA: ca, GROUP: group.processesFile },
    };
    const start = () => spawn('setpriv', command, { env, stdio: ['ignore', log, log] });
    return new OperatorPod({ start, group, folder, port });
  }

  private constructor(options: { start: () => ChildProcess; group: MemoryGroup; folder: string; port: number }) {
    this.#start = options.start;
    this.#group = options.group;
    this.#folder = options.folder;
    this.#port = options.port;
    this.#run();
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get logEnd(): string {
    return readFileSync(join(this.#folder, 'log'), 'utf8').slice(-2000);
  }

  async page(path: string): Promise<{ status: number; text: string }> {
    const response = await fetch(`http://127.0.0.1:${this.#port}${path}`);
    return { status: response.status, text: await response.text() };
  }

  /** Ends it as a kubelet does, and removes what it needed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const child = this.#child;
    if (child !== undefined) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const kill = setTimeout(() => child.kill('SIGKILL'), 30_000);
      await ended;
      clearTimeout(kill);
    }
    await this.#group.remove();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #run(): void {
    const child = this.#start();
    this.#child = child;
    child.once('exit', (code, signal) => {
      this.#child = undefined;
      this.exits.push(code ?? signal ?? 'unknown');
      // A kubelet would wait longer and longer; a test that fails shows it all the same.
      if (!this.#stopped && this.exits.length < 10) this.#run();
    });
  }
}
