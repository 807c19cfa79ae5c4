/** A map that forgets the entry that was used least recently when it is full. */

export interface BoundedMap<K, V> {
  get(key: K): V | undefined;
  set(key: K, value: V): void;
  /** Entries forgotten because of the limit. */
  readonly evicted: number;
}

export function createBoundedMap<K, V>(maxEntries: number): BoundedMap<K, V> {
  const entries = new Map<K, V>();
  let evicted = 0;
  return {
    get: (key) => {
      const value = entries.get(key);
      if (value === undefined) return undefined;
      entries.delete(key);
      entries.set(key, value);
      return value;
    },
    set: (key, value) => {
      entries.delete(key);
      entries.set(key, value);
      const [oldest] = entries.keys();
      if (entries.size <= maxEntries || oldest === undefined) return;
      entries.delete(oldest);
      evicted += 1;
    },
    get evicted() {
      return evicted;
    },
  };
}
