/** Follows a collection from a resource version on and brings the copy up to date. */
import { type KubeClient, KubeError, type WatchEvent } from '../client.js';
import type { Clock } from '../clock.js';
import type { Identified } from '../objects.js';
import type { Projected } from './project.js';
import { isOlder } from './resource-version.js';
import type { Replica } from './store.js';

export interface WatchOptions<T extends Identified> {
  client: KubeClient;
  path: string;
  query?: { labelSelector?: string; fieldSelector?: string };
  replica: Replica<T>;
  project(raw: unknown): Projected<T>;
  clock: Clock;
  signal: AbortSignal;
  /** Is called with the resource version to go on from, after each event and bookmark that moves it. */
  onProgress(resourceVersion: string): void;
}

/** The server ends a watch after this time, or up to twice of it by chance, so that not all come back at once. */
const SHORTEST_WATCH_S = 180;
/** A watch that is silent for longer than the server lets it live is dead, whatever the connection says. */
const GRACE_MS = 30_000;

/** An event is missing or came in the wrong order: only a new list tells the truth. */
export class OutOfOrderError extends Error {}

/** Ends when the server ends the watch; throws what the client throws, or an `OutOfOrderError`. */
export async function follow<T extends Identified>(options: WatchOptions<T>, since: string): Promise<void> {
  const { client, path, query, signal, onProgress } = options;
  const timeoutSeconds = Math.round(SHORTEST_WATCH_S * (1 + Math.random()));
  let position = since;
  const events = client.watch({
    path,
    query: { ...query, resourceVersion: since, allowWatchBookmarks: true, timeoutSeconds },
    signal,
    timeoutMs: timeoutSeconds * 1000 + GRACE_MS,
  });
  for await (const event of events) {
    signal.throwIfAborted();
    position = event.type === 'BOOKMARK' ? bookmarked(path, event, position) : take(options, event, position);
    onProgress(position);
  }
}

function bookmarked(path: string, { object }: WatchEvent, position: string): string {
  const version = (object as Partial<Identified> | null | undefined)?.metadata?.resourceVersion;
  if (typeof version === 'string' && version !== '') return isOlder(position, version) ? version : position;
  throw new KubeError(`GET ${path}: a bookmark without a resource version`, { code: 0, reason: 'BadAnswer' });
}

/** Gives the position after the event. */
function take<T extends Identified>(
  options: WatchOptions<T>,
  { type, object: raw }: WatchEvent,
  position: string,
): string {
  const { replica, project, path } = options;
  const { identity, object } = readEvent(path, project, raw);
  const version = identity.metadata.resourceVersion;
  if (!isOlder(position, version)) {
    // Behind the stream's position: harmless if it was said before, else proof that the stream cannot be trusted.
    if (isRepeated(replica, type, identity)) return position;
    throw new OutOfOrderError(`${type} of version ${version} came after version ${position}`);
  }
  if (type === 'DELETED' || object === undefined) replica.remove(identity);
  else replica.put(object);
  return version;
}

function isRepeated<T>(replica: Replica<T>, type: WatchEvent['type'], identity: Identified): boolean {
  return replica.knows(identity) || (type === 'DELETED' && !replica.has(identity));
}

function readEvent<T>(path: string, project: (raw: unknown) => Projected<T>, raw: unknown): Projected<T> {
  try {
    return project(raw);
  } catch (error) {
    throw new KubeError(`GET ${path}: ${(error as Error).message}`, { code: 0, reason: 'BadAnswer' });
  }
}
