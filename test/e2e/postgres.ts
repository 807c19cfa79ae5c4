/** PostgreSQL in pods, from our own images that behave as the official ones do; statements are sent from inside of the pod. */
import { execa } from 'execa';
import { eventually, get, type KubeObject } from './kubernetes.js';

export interface ServerPod {
  namespace: string;
  name: string;
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

export function serverPod({ namespace, name, labels = { app: name }, ...server }: ServerPod): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name, labels },
    spec: podSpec(server),
  };
}

export function podSpec({ node, image = POSTGRES_15, command }: Omit<ServerPod, 'namespace' | 'name'>): KubeObject {
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

/** Waits until these pods are Ready. */
export async function podsReady(namespace: string, ...names: string[]): Promise<void> {
  for (const name of names) {
    await eventually(`pod ${namespace}/${name} to be Ready`, async () => isReady(await get(podPath(namespace, name))));
  }
}

export function isReady(pod: KubeObject | undefined): boolean {
  return (
    pod?.metadata.deletionTimestamp === undefined &&
    pod?.status.conditions?.some(({ type, status }: KubeObject) => type === 'Ready' && status === 'True') === true
  );
}

/** Sends statements to the server of a pod over its socket, one connection, each line a message of its own; gives psql's output. */
export async function sql(namespace: string, pod: string, ...statements: string[]): Promise<string> {
  return await inPod(namespace, pod, ['psql', ...PSQL, '--file=-'], statements.map((each) => `${each};\n`).join(''));
}

const PSQL = ['--username=postgres', '--no-psqlrc', '--quiet', '--tuples-only', '--no-align'];

/** Runs a program in the pod's first container. */
export async function inPod(namespace: string, pod: string, command: string[], input = ''): Promise<string> {
  const args = ['exec', '--stdin', '--namespace', namespace, pod, '--', ...command];
  return (await execa('kubectl', args, { input })).stdout;
}
