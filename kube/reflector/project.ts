/** Runs a projection that may throw. */
import { type Identified, identify } from '../objects.js';

/** `object` is undefined if the projection failed: then the object counts as absent. */
export interface Projected<T> {
  identity: Identified;
  object: T | undefined;
}

/** Throws if `raw` has no identity; a failure of `project` itself is logged. */
export function tryProject<T>(raw: unknown, project: (raw: unknown) => T, onLog: (line: string) => void): Projected<T> {
  const identity = identify(raw);
  try {
    return { identity, object: project(raw) };
  } catch (error) {
    const { namespace, name } = identity.metadata;
    const why = (error as Error).message;
    onLog(`${namespace === undefined ? '' : `${namespace}/`}${name} is left out, it cannot be read: ${why}`);
    return { identity, object: undefined };
  }
}
