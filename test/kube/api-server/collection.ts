/** Objects with resource versions, their history, and snapshots for lists in pages: what an API server keeps of one kind. */
import { randomUUID } from 'node:crypto';

export interface Pod {
  metadata: { name: string; namespace: string; uid: string; resourceVersion: string; labels: Record<string, string> };
  spec: { nodeName: string };
}

export interface HistoryEntry {
  version: number;
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: Pod;
}

export interface Page {
  objects: Pod[];
  version: number;
  next?: string;
}

const NAMESPACE = 'shop';

export function createCollection(onChange: (entry: HistoryEntry) => void) {
  const pods = new Map<string, Pod>();
  const snapshots = new Map<string, { version: number; pods: Pod[] }>();
  let history: HistoryEntry[] = [];
  let version = 1000;
  /** The history after this version is complete. */
  let forgotten = version;

  const record = (type: HistoryEntry['type'], object: Pod): void => {
    const entry = { version, type, object };
    history.push(entry);
    onChange(entry);
  };

  const remove = (name: string): void => {
    const known = pods.get(name);
    if (known === undefined) return;
    version += 1;
    pods.delete(name);
    record('DELETED', { ...known, metadata: { ...known.metadata, resourceVersion: String(version) } });
  };

  return {
    /** Creates or changes. `label` is any text. */
    put: (name: string, label = 'x'): void => {
      version += 1;
      const uid = pods.get(name)?.metadata.uid ?? randomUUID();
      const resourceVersion = String(version);
      const pod: Pod = {
        metadata: { name, namespace: NAMESPACE, uid, resourceVersion, labels: { label } },
        spec: { nodeName: 'node-1' },
      };
      const type = pods.has(name) ? 'MODIFIED' : 'ADDED';
      pods.set(name, pod);
      record(type, pod);
    },
    remove,
    /** The version moves on, as it does when objects of other kinds change. */
    pass: (): void => {
      version += 1;
    },
    /** Forgets all history and snapshots. */
    compact: (): void => {
      forgotten = version;
      history = [];
      snapshots.clear();
    },
    /** All that came after `since`; undefined if that is forgotten. */
    after: (since: number): HistoryEntry[] | undefined =>
      since < forgotten ? undefined : history.filter((entry) => entry.version > since),
    /** Undefined if the token is forgotten. */
    page: (limit: number, token: string | undefined): Page | undefined => {
      const [id = randomUUID(), from = '0'] = token?.split(':') ?? [];
      if (token === undefined) snapshots.set(id, { version, pods: [...pods.values()] });
      const snapshot = snapshots.get(id);
      if (snapshot === undefined) return undefined;
      const end = Number(from) + limit;
      const objects = snapshot.pods.slice(Number(from), end);
      if (end < snapshot.pods.length) return { objects, version: snapshot.version, next: `${id}:${end}` };
      snapshots.delete(id);
      return { objects, version: snapshot.version };
    },
    get version() {
      return version;
    },
    /** Key, UID and version of each object, in the order of keys. */
    summary: (): string[] => summarise(pods.values()),
  };
}

export type Collection = ReturnType<typeof createCollection>;

export function summarise(
  objects: Iterable<{ metadata: Pick<Pod['metadata'], 'name' | 'uid' | 'resourceVersion'> }>,
): string[] {
  return [...objects].map(({ metadata: { name, uid, resourceVersion } }) => `${name} ${uid} ${resourceVersion}`).sort();
}
