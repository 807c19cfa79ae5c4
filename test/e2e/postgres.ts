/**
 * PostgreSQL in pods, from our own images that behave as the official ones do. Statements are sent from inside of the pod, by a program that
 * enters its namespaces: that needs no API server.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { execa } from 'execa';
import { eventually, get, type KubeObject } from './kubernetes.js';

export interface ServerSettings {
  labels?: Record<string, string>;
  /** Name of the node; default: where the scheduler puts it. */
  node?: string;
  /** Default: PostgreSQL 15 of Debian. */
  image?: string;
  /** In place of the image's own command. */
  command?: string[];
}

export const POSTGRES_15 = 'localhost/postgres:15';
export const POSTGRES_17 = 'localhost/postgres:17';
export const POSTGRES_18 = 'localhost/postgres:18';

/** A pod of this name with the label `app` of the same value. */
export function serverPod(namespace: string, name: string, settings: ServerSettings = {}): KubeObject {
  const { labels = { app: name } } = settings;
  return { apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name, labels }, spec: serverSpec(settings) };
}

export function statefulSet(namespace: string, name: string, settings: ServerSettings = {}): KubeObject {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { namespace, name },
    spec: {
      serviceName: name,
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: serverSpec(settings) },
    },
  };
}

function serverSpec({ node, image = POSTGRES_15, command }: ServerSettings): KubeObject {
  return {
    terminationGracePeriodSeconds: 5,
    ...(node && { nodeSelector: { 'kubernetes.io/hostname': node } }),
    containers: [
      {
        name: 'postgres',
        image,
        imagePullPolicy: 'Never',
        ...(command && { command }),
        ports: [{ containerPort: 5432 }],
        readinessProbe: {
          exec: { command: ['pg_isready', '--quiet', '--username=postgres'] },
          periodSeconds: 1,
          timeoutSeconds: 5,
        },
      },
    ],
  };
}

export function podPath(namespace: string, name: string): string {
  return `/api/v1/namespaces/${namespace}/pods/${name}`;
}

/** Waits until the pod is Ready, and gives it. `not`: UID of one before it. */
export async function podReady(namespace: string, name: string, not?: string): Promise<KubeObject> {
  let pod: KubeObject;
  await eventually(`pod ${namespace}/${name} to be Ready`, async () => {
    pod = await get(podPath(namespace, name));
    return isReady(pod) && pod.metadata.uid !== not;
  });
  return pod;
}

export function isReady(pod: KubeObject | undefined): boolean {
  return (
    pod !== undefined &&
    pod.metadata.deletionTimestamp === undefined &&
    pod.status.conditions?.some(({ type, status }: KubeObject) => type === 'Ready' && status === 'True') === true
  );
}

const PSQL = ['psql', '--username=postgres', '--no-psqlrc', '--quiet', '--tuples-only', '--no-align', '--file=-'];

/** Sends statements to the server of a pod over its socket, on one connection, each a message of its own; gives what psql printed. */
export async function sql(pod: KubeObject, ...statements: string[]): Promise<string> {
  return await inPod(pod, PSQL, statements.map((each) => `${each};\n`).join(''));
}

/** Sends a statement every 50 ms on one connection, until the function that it gives is called. */
export function keepAsking(pod: KubeObject, statement: string): () => Promise<void> {
  const client = execa('nsenter', entering(pod, PSQL), { stdout: 'ignore' });
  const timer = setInterval(() => client.stdin.write(`${statement};\n`), 50);
  return async () => {
    clearInterval(timer);
    client.stdin.end();
    await client;
  };
}

/** Runs a program of the image in the pod of a server. */
export async function inPod(pod: KubeObject, command: string[], input = ''): Promise<string> {
  const { stdout } = await execa('nsenter', entering(pod, command), { input, timeout: 120_000 });
  return stdout;
}

function entering(pod: KubeObject, command: string[]): string[] {
  const namespaces = ['--mount', '--pid', '--net', '--ipc', '--uts', '--root', '--wd'];
  return ['--target', String(postmasterOf(pod)), ...namespaces, '--', 'env', 'PGHOST=127.0.0.1', ...command];
}

/** PID, as this machine shows it, of the server in a pod. */
export function postmasterOf(pod: KubeObject): number {
  const servers = processesOf(pod, 'postgres');
  // A backend that has just ended has no parent any more.
  const [postmaster] = servers.filter((pid) => parentOf(pid) > 0 && !servers.includes(parentOf(pid)));
  if (postmaster === undefined) throw new Error(`no server runs in pod ${pod.metadata.name}`);
  return postmaster;
}

/** What Node calls its processes. */
export const NODE_JS = 'MainThread';

/** PIDs, as this machine shows them, of a pod's processes by their name (15 characters at most). */
export function processesOf({ metadata }: KubeObject, comm: string): number[] {
  const uid = String(metadata.uid);
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && read(pid, 'comm').trim() === comm && read(pid, 'cgroup').includes(uid));
}

export function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(read(pid, 'status'))?.[1] ?? 0);
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // it has ended
  }
}
