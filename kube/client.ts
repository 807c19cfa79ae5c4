/** A client for Kubernetes' API on `node:https`: requests, watches, and nothing that depends on a kind. The door of `kube/client`. */
import type { IncomingMessage } from 'node:http';
import { readJson } from './client/body.js';
import type { KubeConnection } from './client/connection.js';
import { createExchange, type RequestObserver } from './client/exchange.js';
import type { KubeRequest } from './client/request.js';
import { followWatch, type WatchEvent } from './client/watch.js';
import { type Clock, systemClock } from './clock.js';

export { inClusterConnection, type KubeConnection, tokenFromFile } from './client/connection.js';
export { isExpired, KubeError } from './client/error.js';
export type { RequestObserver } from './client/exchange.js';
export type { KubeRequest } from './client/request.js';
export type { WatchEvent } from './client/watch.js';

export interface KubeClient {
  /**
   * Sends a request and gives the decoded body (undefined if it is empty). Rejects with a `KubeError`, or with the signal's reason when
   * the caller aborts. A token that is refused is read afresh and the request sent once more.
   */
  request<T = unknown>(request: KubeRequest): Promise<T>;
  /**
   * Opens a watch and gives its events as they come; `watch=true` is added to the query. Ends when the server ends it; throws a
   * `KubeError` when it cannot be opened, at an ERROR event, when the connection breaks, when a line is no JSON, is cut off or is longer than 16 MiB,
   * or when nothing came for `timeoutMs`. Leaving the loop closes the connection.
   */
  watch(request: KubeRequest): AsyncIterable<WatchEvent>;
  /** Closes all connections; what is under way fails. */
  close(): void;
}

/** `clock`: for time limits of requests and watches. */
export function createKubeClient(
  connection: KubeConnection,
  observer?: RequestObserver,
  clock: Clock = systemClock,
): KubeClient {
  const exchange = createExchange(connection, observer, clock);

  const open = async (request: KubeRequest): Promise<IncomingMessage> => {
    const response = await exchange.send(request, false);
    if (response.statusCode !== 401 || connection.token === undefined) return response;
    response.resume();
    return exchange.send(request, true);
  };

  return {
    request: async <T>(request: KubeRequest) => (await readJson(request, await open(request))) as T,
    watch: (request) => followWatch({ ...request, query: { ...request.query, watch: true } }, open, clock),
    close: () => exchange.close(),
  };
}
