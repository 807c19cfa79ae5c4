/** Objects of a store by something they have in common, kept up to date by the store's changes: pods by namespace, agents by node. */
import type { Change } from '../kube/reflector.js';

interface Named {
  metadata: { name: string; namespace?: string };
}

export interface StoreIndex<T> {
  /** To be called for every change, in order. */
  apply(change: Change<T & Named>): void;
  /** The objects of this key; none is an empty iterator. */
  of(key: string): IterableIterator<T>;
}

/** `keyOf` may give undefined for an object that belongs nowhere. */
export function createStoreIndex<T extends Named>(keyOf: (object: T) => string | undefined): StoreIndex<T> {
  const groups = new Map<string, Map<string, T>>();

  const remove = (object: T) => {
    const key = keyOf(object);
    const group = key === undefined ? undefined : groups.get(key);
    group?.delete(nameOf(object));
    if (key !== undefined && group?.size === 0) groups.delete(key);
  };

  return {
    apply(change) {
      if (change.type === 'updated') remove(change.previous);
      if (change.type === 'deleted') return remove(change.object);
      const key = keyOf(change.object);
      if (key === undefined) return;
      const group = groups.get(key) ?? new Map<string, T>();
      groups.set(key, group.set(nameOf(change.object), change.object));
    },
    of: (key) => (groups.get(key) ?? new Map<string, T>()).values(),
  };
}

function nameOf({ metadata }: Named): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}
