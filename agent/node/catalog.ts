/** What the tracer tells once about a server, kept for streams that begin later: names of databases and roles, descriptions of queries. */

import type { DescribedQuery } from '../queries.js';
import type { IdentityEvent } from '../tracer.js';

export interface Catalog {
  identity(event: IdentityEvent): void;
  query(fingerprint: string, described: DescribedQuery): void;
  identities(): Iterable<IdentityEvent>;
  queries(): Iterable<[fingerprint: string, DescribedQuery]>;
}

/** As many as a stream keeps; what was told longest ago is forgotten first. */
const MAX_IDENTITIES = 1000;
const MAX_QUERIES = 2000;

export function createCatalog(): Catalog {
  const identities = new Map<string, IdentityEvent>();
  const queries = new Map<string, DescribedQuery>();
  return {
    identity: (event) => remember(identities, `${event.databaseOid} ${event.userOid}`, event, MAX_IDENTITIES),
    query: (fingerprint, described) => remember(queries, fingerprint, described, MAX_QUERIES),
    identities: () => identities.values(),
    queries: () => queries.entries(),
  };
}

function remember<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
