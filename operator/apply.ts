/** Makes it so: applies what is wanted and differs from what is stored, deletes what is stored and not wanted. */
import { type KubeClient, KubeError } from '../kube/client.js';
import { FIELD_MANAGER } from './names.js';

export interface AppliedObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; uid?: string };
}

export interface Stored {
  metadata: { name: string; uid: string };
}

export interface MakeItSo<Wanted extends AppliedObject, Present extends Stored> {
  client: KubeClient;
  wanted: readonly Wanted[];
  /** All that are stored and belong to the same owner. */
  present: readonly Present[];
  /** Whether the stored object has all that is wanted; then nothing is written. */
  isMet(wanted: Wanted, present: Present): boolean;
  /** The path of an object of this name. */
  path(name: string): string;
  signal: AbortSignal;
}

/** At a time, so that a profile for a thousand nodes is no burst. */
const CONCURRENCY = 8;

/**
 * Every object is tried, also after one that failed. Throws what failed: the error itself, or an AggregateError of several. Names of
 * what was written come back.
 */
export async function makeItSo<Wanted extends AppliedObject, Present extends Stored>(
  options: MakeItSo<Wanted, Present>,
): Promise<{ applied: string[]; deleted: string[] }> {
  const { client, wanted, present, isMet, path, signal } = options;
  const storedByName = new Map(present.map((object) => [object.metadata.name, object]));
  const wantedNames = new Set(wanted.map(({ metadata }) => metadata.name));
  const missing = wanted.filter((object) => {
    const stored = storedByName.get(object.metadata.name);
    return stored === undefined || !isMet(object, stored);
  });
  const superfluous = present.filter(({ metadata }) => !wantedNames.has(metadata.name));
  await eachOf(missing, (object) => applyObject(client, path(object.metadata.name), object, signal));
  await eachOf(superfluous, ({ metadata }) => deleteObject(client, path(metadata.name), metadata.uid, signal));
  return {
    applied: missing.map(({ metadata }) => metadata.name),
    deleted: superfluous.map(({ metadata }) => metadata.name),
  };
}

/** Server-side apply; with a `metadata.uid`, only to the object that has it. `path` may end with `/status`. */
export async function applyObject(client: KubeClient, path: string, body: AppliedObject, signal: AbortSignal) {
  await client.request({
    method: 'PATCH',
    path,
    query: { fieldManager: FIELD_MANAGER, force: true },
    contentType: 'application/apply-patch+yaml',
    body,
    signal,
  });
}

/** Deletes exactly this object; one that has gone, or made way for another of its name, is no error. */
export async function deleteObject(client: KubeClient, path: string, uid: string, signal: AbortSignal): Promise<void> {
  try {
    await client.request({ method: 'DELETE', path, body: { preconditions: { uid } }, signal });
  } catch (error) {
    if (!(error instanceof KubeError && (error.code === 404 || error.code === 409))) throw error;
  }
}

/** Runs `task` for each entry, a few at a time; throws at the end what failed. */
export async function eachOf<T>(entries: readonly T[], task: (entry: T) => Promise<unknown>): Promise<void> {
  const queue = entries.values();
  const errors: unknown[] = [];
  const worker = async () => {
    for (const entry of queue) await task(entry).catch((error: unknown) => errors.push(error));
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, entries.length) }, worker));
  if (errors.length > 1) throw new AggregateError(errors, `${errors.length} requests failed; the first: ${errors[0]}`);
  if (errors.length === 1) throw errors[0];
}
