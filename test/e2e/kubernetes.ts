/** The cluster that the suite runs in: objects in and out, as its administrator or with another's token, and waiting for what becomes of them. */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { execa } from 'execa';
import { readRecord } from '../cluster/record.js';
import { waitFor } from '../cluster/wait.js';

/** Of a condition that has to come true; most take seconds. */
export const PATIENCE_MS = 180_000;

// biome-ignore lint/suspicious/noExplicitAny: objects of every kind
export type KubeObject = any;

export interface Answer {
  code: number;
  /** Of an error: what the server says about it. */
  message: string;
  body: KubeObject;
}

export interface RequestOptions {
  body?: KubeObject;
  contentType?: string;
  /** A bearer token; without it the administrator asks. */
  token?: string;
}

export const MERGE_PATCH = 'application/merge-patch+json';

const directory = process.env.PGSCOPE_CLUSTER;
if (process.env.PGSCOPE_KIND_CLUSTER !== undefined)
  throw new Error(
    'the suite is not run on kind: it sends statements by entering pods by their PIDs, has Jaeger and Prometheus in the control ' +
      "plane's network, and stops API server and kubelet; all of that is of the local cluster (PGSCOPE_CLUSTER_PROVIDER=local)",
  );
const found = directory === undefined ? undefined : readRecord(directory);
if (found === undefined) throw new Error('there is no cluster: run the suite by `make e2e`');
export const record = found;

const kubeconfig = JSON.parse(readFileSync(process.env.KUBECONFIG ?? '', 'utf8'));
const { server, 'certificate-authority-data': authority } = kubeconfig.clusters[0].cluster;
const { 'client-certificate-data': certificate, 'client-key-data': key } = kubeconfig.users[0].user;
const ca = Buffer.from(authority, 'base64');
const administrator = new Agent({
  ca,
  cert: Buffer.from(certificate, 'base64'),
  key: Buffer.from(key, 'base64'),
  keepAlive: true,
});
const nobody = new Agent({ ca, keepAlive: true });

export async function ask(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
  const { body, contentType = 'application/json', token } = options;
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    // Node leaves the length of a DELETE's body out: the server would take the body for the next request.
    ...(text === undefined ? {} : { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(text) }),
    ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
  };
  const agent = token === undefined ? administrator : nobody;
  const sent = request(new URL(path, server), { method, headers, agent, timeout: 20_000 }, async (response) => {
    try {
      const answer = (await response.setEncoding('utf8').toArray()).join('');
      const isJson = response.headers['content-type']?.startsWith('application/json');
      const content = isJson ? JSON.parse(answer) : undefined;
      const code = response.statusCode ?? 0;
      resolve({ code, message: code < 400 ? '' : (content?.message ?? answer), body: content });
    } catch (error) {
      reject(error);
    }
  });
  sent.once('error', reject);
  sent.once('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer within 20 s`)));
  sent.end(text);
  return await promise;
}

/** Gives the answer's object; rejects with the server's words if it is an error. */
export async function must(method: string, path: string, options: RequestOptions = {}): Promise<KubeObject> {
  const { code, message, body } = await ask(method, path, options);
  if (code >= 400) throw new Error(`${method} ${path}: ${code} ${message}`);
  return body;
}

/** Undefined if there is none. */
export async function get(path: string): Promise<KubeObject | undefined> {
  const { code, message, body } = await ask('GET', path);
  if (code === 404) return undefined;
  if (code >= 400) throw new Error(`GET ${path}: ${code} ${message}`);
  return body;
}

export async function list(path: string, query: Record<string, string> = {}): Promise<KubeObject[]> {
  return (await must('GET', `${path}?${new URLSearchParams(query)}`)).items;
}

export async function patch(path: string, body: KubeObject): Promise<void> {
  await must('PATCH', path, { body, contentType: MERGE_PATCH });
}

/** Deletes it and waits until it has gone; one that is not there is fine. */
export async function remove(path: string, options: KubeObject = {}): Promise<void> {
  const { code, message } = await ask('DELETE', path, { body: options });
  if (code >= 400 && code !== 404) throw new Error(`DELETE ${path}: ${code} ${message}`);
  await eventually(`${path} to be gone`, async () => (await get(path)) === undefined);
}

/** What an administrator would type. */
export async function kubectl(...args: string[]): Promise<string> {
  return (await execa('kubectl', args)).stdout;
}

/** `kubectl apply` of objects, as a user does it. */
export async function apply(...objects: KubeObject[]): Promise<void> {
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  await execa('kubectl', ['apply', '--server-side', '--filename', '-'], { input });
}

export async function eventually(what: string, condition: () => Promise<boolean> | boolean): Promise<void> {
  await waitFor(what, PATIENCE_MS, async () => await condition());
}

let namespaces = 0;

/** A namespace of its own; deleted, without waiting, by removeNamespaces. */
export async function createNamespace(purpose: string): Promise<string> {
  namespaces += 1;
  const name = `${purpose}-${namespaces}-${process.pid}`;
  await must('POST', '/api/v1/namespaces', {
    body: { metadata: { name, labels: { 'e2e.pgscope.dev/test': 'true' } } },
  });
  return name;
}

/** All those that tests have made, with what is in them. */
export async function removeNamespaces(): Promise<void> {
  const query = { labelSelector: 'e2e.pgscope.dev/test=true' };
  for (const { metadata } of await list('/api/v1/namespaces', query)) {
    await ask('DELETE', `/api/v1/namespaces/${metadata.name}`);
  }
  await eventually(
    'the test namespaces to be gone',
    async () => (await list('/api/v1/namespaces', query)).length === 0,
  );
}
