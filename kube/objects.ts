/** What every Kubernetes object has, whatever its kind. */

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface ObjectMeta {
  name: string;
  /** Absent for objects of cluster-scoped kinds. */
  namespace?: string;
  uid: string;
  resourceVersion: string;
  generation?: number;
  /** RFC 3339, as are all times. */
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
}

/** The least a store needs to know of an object: which one it is, and which version of it. */
export interface Identified {
  metadata: { name: string; namespace?: string; uid: string; resourceVersion: string };
}

/** `namespace/name`, or `name` for objects of cluster-scoped kinds. */
export function keyOf({ metadata: { namespace, name } }: Identified): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** Reads the identity of an object as it was decoded; throws if it has none. */
export function identify(raw: unknown): Identified {
  const metadata = (raw as Partial<Identified> | null | undefined)?.metadata;
  if (metadata === null || typeof metadata !== 'object') throw new Error('an object without metadata');
  for (const field of ['name', 'uid', 'resourceVersion'] as const)
    if (typeof metadata[field] !== 'string' || metadata[field] === '')
      throw new Error(`an object without metadata.${field}`);
  return raw as Identified;
}
