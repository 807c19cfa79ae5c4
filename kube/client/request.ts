/** What is asked of an API server. */

export interface KubeRequest {
  /** Default GET. */
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Begins with a slash; names in it must be encoded. */
  path: string;
  /** Parameters that are undefined are left out. */
  query?: Record<string, string | number | boolean | undefined>;
  /** Sent as JSON. */
  body?: unknown;
  /** Of the body; default application/json. */
  contentType?:
    | 'application/json'
    | 'application/merge-patch+json'
    | 'application/apply-patch+yaml'
    | 'application/strategic-merge-patch+json';
  /** Ends the request; it rejects with the signal's reason. */
  signal?: AbortSignal;
  /** A request's whole time, or a watch's longest silence; default 30 s. */
  timeoutMs?: number;
}

export const DEFAULT_TIMEOUT_MS = 30_000;

/** For messages: `GET /api/v1/pods`. Queries are left out: a continue token says nothing to people. */
export function describe({ method = 'GET', path }: KubeRequest): string {
  return `${method} ${path}`;
}

/** The request's address on `server`, which may have a path of its own. */
export function urlOf(server: URL, { path, query = {} }: KubeRequest): URL {
  const url = new URL(server);
  url.pathname = server.pathname.replace(/\/$/, '') + path;
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
  return url;
}
