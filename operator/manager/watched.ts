/** Everything of one kind that is watched: one reflector for the whole cluster or one for each namespace, seen as one store. */
import type { KubeClient } from '../../kube/client.js';
import type { Identified } from '../../kube/objects.js';
import { type Change, createReflector, type Reflector, type Store } from '../../kube/reflector.js';

export interface Watched<T> {
  readonly store: Store<T>;
  readonly reflectors: readonly NamedReflector<T>[];
  /** Must be called before the reflectors are started. */
  onChange(listener: (change: Change<T>) => void): void;
}

export interface NamedReflector<T> {
  /** `pods`, or `pods of shop`. */
  name: string;
  reflector: Reflector<T>;
}

export interface WatchedOptions<T> {
  client: KubeClient;
  /** `pods`. */
  name: string;
  /** The collection's path in one namespace, or in all. */
  path(namespace?: string): string;
  /** Undefined: one reflector for all. */
  namespaces: readonly string[] | undefined;
  labelSelector?: string;
  project(raw: unknown): T;
  onLog(line: string): void;
}

export function createWatched<T extends Identified>(options: WatchedOptions<T>): Watched<T> {
  const { client, path, namespaces, labelSelector, project, onLog } = options;
  const create = (namespace?: string): NamedReflector<T> => {
    const name = namespace === undefined ? options.name : `${options.name} of ${namespace}`;
    const query = labelSelector === undefined ? {} : { query: { labelSelector } };
    return { name, reflector: createReflector<T>({ client, path: path(namespace), ...query, name, project, onLog }) };
  };
  const byNamespace = new Map(namespaces?.map((namespace) => [namespace, create(namespace)]));
  const reflectors = namespaces === undefined ? [create()] : [...byNamespace.values()];
  const [only] = reflectors;
  return {
    store:
      reflectors.length === 1 && only !== undefined
        ? only.reflector.store
        : joined((key) => byNamespace.get(key.split('/', 1)[0] ?? '')?.reflector.store, stores(reflectors)),
    reflectors,
    onChange(listener) {
      for (const { reflector } of reflectors) reflector.onChange(listener);
    },
  };
}

function stores<T>(reflectors: readonly NamedReflector<T>[]): Store<T>[] {
  return reflectors.map(({ reflector }) => reflector.store);
}

/** The stores as one; `storeOf` finds the one that can have a key. */
function joined<T>(storeOf: (key: string) => Store<T> | undefined, all: readonly Store<T>[]): Store<T> {
  return {
    get: (key) => storeOf(key)?.get(key),
    *values() {
      for (const store of all) yield* store.values();
    },
    get size() {
      return all.reduce((sum, { size }) => sum + size, 0);
    },
  };
}
