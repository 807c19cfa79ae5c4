/** A real API server with its own etcd, from the local cluster's programs: no kubelet, no controllers. Ends with this process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { openSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { helm } from '../../scripts/chart/helm.js';

const TOKEN = 'chart-tests';
const START_LIMIT_MS = 120_000;

/** Who asks: the administrator, or whom the administrator impersonates. */
export interface User {
  name: string;
  groups?: string[];
  extra?: Record<string, string>;
}

export interface Answer {
  code: number;
  /** Of an error: its message. */
  message: string;
  // biome-ignore lint/suspicious/noExplicitAny: objects of any kind
  body: any;
}

export interface ApiServer {
  url: string;
  token: string;
  ask(method: string, path: string, options?: { as?: User; body?: unknown; contentType?: string }): Promise<Answer>;
  stop(): Promise<void>;
}

export async function startApiServer(): Promise<ApiServer> {
  const programs = dirname(helm());
  const folder = await mkdtemp(join(tmpdir(), 'pgscope-api-server-'));
  const [etcdPort, peerPort, port] = await Promise.all([freePort(), freePort(), freePort()]);
  const children: ChildProcess[] = [];
  const start = (name: string, options: Record<string, string>) => {
    const log = openSync(join(folder, `${name}.log`), 'w');
    const flags = Object.entries(options).map(([option, value]) => `--${option}=${value}`);
    // Whatever becomes of this process, they end with it.
    const command = ['--pdeathsig', 'KILL', join(programs, name), ...flags];
    children.push(spawn('setpriv', command, { stdio: ['ignore', log, log] }));
  };
  const stop = async () => {
    await Promise.all(children.map(ended));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = join(folder, 'service-accounts.key');
    await writeFile(key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    await writeFile(join(folder, 'tokens'), `${TOKEN},admin,admin,system:masters\n`, { mode: 0o600 });
    const etcd = `http://127.0.0.1:${etcdPort}`;
    const peer = `http://127.0.0.1:${peerPort}`;
    start('etcd', {
      'data-dir': join(folder, 'etcd'),
      'unsafe-no-fsync': 'true',
      'listen-client-urls': etcd,
      'advertise-client-urls': etcd,
      'listen-peer-urls': peer,
      'initial-advertise-peer-urls': peer,
      'initial-cluster': `default=${peer}`,
    });
    start('kube-apiserver', {
      'etcd-servers': etcd,
      'bind-address': '127.0.0.1',
      'secure-port': String(port),
      'cert-dir': folder,
      'endpoint-reconciler-type': 'none',
      'service-cluster-ip-range': '10.0.0.0/24',
      'authorization-mode': 'RBAC',
      'token-auth-file': join(folder, 'tokens'),
      'service-account-issuer': 'https://kubernetes.default.svc',
      'service-account-key-file': key,
      'service-account-signing-key-file': key,
      'allow-privileged': 'true',
    });
    const url = `https://127.0.0.1:${port}`;
    await ready(url, folder, children);
    return { url, token: TOKEN, ask: (method, path, options) => ask(url, method, path, options), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function ready(url: string, folder: string, children: ChildProcess[]): Promise<void> {
  const endMs = Date.now() + START_LIMIT_MS;
  for (;;) {
    const answer = await ask(url, 'GET', '/readyz').catch(() => undefined);
    if (answer?.code === 200) return;
    if (Date.now() > endMs || children.some(({ exitCode }) => exitCode !== null)) {
      const logs = ['etcd', 'kube-apiserver'].map((name) => readFile(join(folder, `${name}.log`), 'utf8'));
      throw new Error(
        `the API server does not start: ${(await Promise.all(logs)).map((log) => log.slice(-2000)).join('\n')}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

type AskOptions = Parameters<ApiServer['ask']>[2];

function ask(url: string, method: string, path: string, options: AskOptions = {}): Promise<Answer> {
  const { as, body, contentType = 'application/json' } = options;
  const extra = Object.entries(as?.extra ?? {}).map(([key, value]) => [
    `Impersonate-Extra-${encodeURIComponent(key)}`,
    value,
  ]);
  const headers = {
    Authorization: `Bearer ${TOKEN}`,
    ...(body === undefined ? {} : { 'Content-Type': contentType }),
    ...(as && { 'Impersonate-User': as.name, ...(as.groups && { 'Impersonate-Group': as.groups }) }),
    ...Object.fromEntries(extra),
  };
  return new Promise((resolve, reject) => {
    // Its certificate is one that it has just made for itself.
    const sent = request(
      new URL(path, url),
      { method, headers, rejectUnauthorized: false, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          text += part;
        });
        response.on('end', () => {
          const json = response.headers['content-type']?.startsWith('application/json') ? JSON.parse(text) : undefined;
          const code = response.statusCode ?? 0;
          resolve({ code, message: code < 400 ? '' : (json?.message ?? text), body: json });
        });
        response.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
