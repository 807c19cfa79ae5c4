/** Lists a collection in pages, all of one moment. */
import type { KubeClient } from '../client.js';
import type { Projected } from './project.js';

export interface ListOptions<T> {
  client: KubeClient;
  path: string;
  query?: { labelSelector?: string; fieldSelector?: string };
  pageSize?: number;
  project(raw: unknown): Projected<T>;
  signal: AbortSignal;
}

interface Page {
  metadata?: { resourceVersion?: unknown; continue?: unknown };
  items?: unknown;
}

const PAGE_SIZE = 500;
const PAGE_TIMEOUT_MS = 60_000;

/**
 * No `resourceVersion` is given, so the list is at least as new as the moment of the request: with `resourceVersion=0` a server may answer
 * from a cache that lags behind, so the copy could go back in time after a reconnect, and it ignores `limit`: 20,000 pods in one
 * answer of 100 MB. Since 1.31 a server reads a consistent list from its cache, too, so that costs etcd nothing.
 * Rejects with an expired error (410) if the server forgets the list's moment between two pages: the caller begins anew.
 */
export async function listAll<T>(options: ListOptions<T>): Promise<{ objects: T[]; resourceVersion: string }> {
  const { client, path, query, project, signal, pageSize = PAGE_SIZE } = options;
  const objects: T[] = [];
  let next: string | undefined;
  for (;;) {
    const page = await client.request<Page | undefined>({
      path,
      query: { ...query, limit: pageSize, continue: next },
      signal,
      timeoutMs: PAGE_TIMEOUT_MS,
    });
    // A Go server writes an empty list as null.
    for (const item of Array.isArray(page?.items) ? page.items : []) {
      const { object } = project(item);
      if (object !== undefined) objects.push(object);
    }
    const { resourceVersion, continue: more } = page?.metadata ?? {};
    if (!isText(resourceVersion))
      throw new Error(`GET ${path}: the answer is no list: it has no metadata.resourceVersion`);
    if (!isText(more)) return { objects, resourceVersion };
    next = more;
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
