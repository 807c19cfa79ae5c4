/** What there is to clean up, read page by page. */
import { type KubeClient, KubeError } from '../../kube/client.js';
import type { Stored } from '../apply.js';
import { AGENT_LABEL, customPath, isShipped } from '../names.js';
import { type Profile, projectProfile } from '../views.js';

export interface ListPlace {
  client: KubeClient;
  namespace: string;
  watchNamespaces?: readonly string[] | undefined;
  agentSelector: string;
  signal: AbortSignal;
}

interface Listed {
  metadata: { name: string; namespace: string; uid: string; labels?: Record<string, string> };
}

interface Page {
  metadata?: { continue?: string };
  items?: unknown[];
}

const PAGE = 500;

export function listNodeProfiles(place: ListPlace): Promise<Listed[]> {
  return watched(place, 'nodeprofiles', (raw) => {
    const { name, namespace, uid } = (raw as Listed).metadata;
    return { metadata: { name, namespace, uid } };
  });
}

export function listProfiles(place: ListPlace): Promise<Profile[]> {
  return watched(place, 'postgresprofiles', projectProfile);
}

/** Those that came with pgscope; none where the cluster does not know the kind. */
export async function listInstalledPrograms({ client, signal }: ListPlace): Promise<Stored[]> {
  const project = (raw: unknown) => {
    const { name, uid, labels } = (raw as Listed).metadata;
    return { metadata: { name, uid }, shipped: isShipped({ name, ...(labels && { labels }) }) };
  };
  try {
    const all = await list({ client, signal, path: customPath('traceprograms'), project });
    return all.filter(({ shipped }) => shipped);
  } catch (error) {
    if (error instanceof KubeError && error.code === 404) return [];
    throw error;
  }
}

/** Names of the nodes that have the label, whatever its value. */
export function listLabelledNodes({ client, signal }: ListPlace): Promise<string[]> {
  const project = (raw: unknown) => (raw as Listed).metadata.name;
  return list({ client, signal, path: '/api/v1/nodes', labelSelector: AGENT_LABEL, project });
}

/** Names of the agents' pods, also of those that are ending; of those that have ended, not. */
export async function listAgents({ client, namespace, agentSelector, signal }: ListPlace): Promise<string[]> {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const project = (raw: unknown) => {
    const { metadata, status } = raw as Listed & { status?: { phase?: string } };
    return { name: metadata.name, ended: status?.phase === 'Succeeded' || status?.phase === 'Failed' };
  };
  const pods = await list({ client, signal, path, labelSelector: agentSelector, project });
  return pods.filter(({ ended }) => !ended).map(({ name }) => name);
}

async function watched<T>(
  { client, watchNamespaces, signal }: ListPlace,
  plural: 'nodeprofiles' | 'postgresprofiles',
  project: (raw: unknown) => T,
): Promise<T[]> {
  const found: T[] = [];
  for (const namespace of watchNamespaces ?? [undefined]) {
    found.push(...(await list({ client, signal, path: customPath(plural, namespace), project })));
  }
  return found;
}

interface ListRequest<T> {
  client: KubeClient;
  path: string;
  labelSelector?: string;
  project(raw: unknown): T;
  signal: AbortSignal;
}

async function list<T>({ client, path, labelSelector, project, signal }: ListRequest<T>): Promise<T[]> {
  const found: T[] = [];
  let next: string | undefined;
  do {
    const query = { limit: PAGE, labelSelector, continue: next };
    const page = await client.request<Page>({ path, query, signal });
    found.push(...(page.items ?? []).map(project));
    next = page.metadata?.continue || undefined;
  } while (next !== undefined);
  return found;
}
