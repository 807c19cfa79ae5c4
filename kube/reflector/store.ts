/** The local copy and the differences that bring it up to date. An object is one UID; a name is only where it is found. */
import { type Identified, keyOf } from '../objects.js';
import { isOlder } from './resource-version.js';

/** One difference. An object deleted and recreated under one name is `deleted`, then `added`. `deleted` gives the object as it was known. */
export type Change<T> =
  | { type: 'added'; object: T }
  | { type: 'updated'; object: T; previous: T }
  | { type: 'deleted'; object: T };

export interface Store<T> {
  /** `key`: as `keyOf` makes it. */
  get(key: string): T | undefined;
  values(): IterableIterator<T>;
  readonly size: number;
}

export interface Replica<T> {
  store: Store<T>;
  /** Takes a complete list in place of all that was known. */
  replace(objects: readonly T[]): void;
  /** Takes an object that was added or modified. */
  put(object: T): void;
  /** Takes the deletion of `identity`, or of what had its name before. */
  remove(identity: Identified): void;
  /** Whether an event about `identity` tells nothing new: what is known of it is as new, or newer. */
  knows(identity: Identified): boolean;
  /** Whether there is anything under its name. */
  has(identity: Identified): boolean;
}

export function createReplica<T extends Identified>(tell: (change: Change<T>) => void): Replica<T> {
  const objects = new Map<string, T>();

  const drop = (object: T): void => {
    objects.delete(keyOf(object));
    tell({ type: 'deleted', object });
  };

  const put = (object: T): void => {
    const key = keyOf(object);
    const previous = objects.get(key);
    if (previous?.metadata.uid === object.metadata.uid) {
      if (previous.metadata.resourceVersion === object.metadata.resourceVersion) return;
      objects.set(key, object);
      tell({ type: 'updated', object, previous });
      return;
    }
    if (previous !== undefined) drop(previous);
    objects.set(key, object);
    tell({ type: 'added', object });
  };

  return {
    store: {
      get: (key) => objects.get(key),
      values: () => objects.values(),
      get size() {
        return objects.size;
      },
    },
    replace: (listed) => {
      const uids = new Set(listed.map(({ metadata }) => metadata.uid));
      for (const known of [...objects.values()]) if (!uids.has(known.metadata.uid)) drop(known);
      for (const object of listed) put(object);
    },
    put,
    remove: (identity) => {
      const known = objects.get(keyOf(identity));
      if (known !== undefined) drop(known);
    },
    knows: (identity) => {
      const known = objects.get(keyOf(identity));
      return known !== undefined && !isOlder(known.metadata.resourceVersion, identity.metadata.resourceVersion);
    },
    has: (identity) => objects.has(keyOf(identity)),
  };
}
