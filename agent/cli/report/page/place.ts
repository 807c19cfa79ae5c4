/** Where a query ran: its server (if there are several), database and user. */
import { RESOURCE } from '../../../telemetry.js';
import type { Resource } from '../otlp.js';
import type { Query } from '../queries.js';

export interface Places {
  /** The one place of all queries that have one; undefined if there are several. */
  common: string | undefined;
  /** Empty for what has no place. */
  of(query: Query): string;
}

export function placesOf(queries: readonly Query[], servers: readonly Resource[]): Places {
  const of = ({ server, database, user }: Query): string => {
    const host = servers.length > 1 && server !== undefined ? serverName(server) : '';
    return [host, database, user].filter((part) => part !== '').join(' · ');
  };
  const places = new Set(queries.map(of).filter((place) => place !== ''));
  return { of, common: places.size === 1 ? [...places][0] : undefined };
}

/** What tells servers apart best: pod, else host and data directory. */
export function serverName({ attributes }: Resource): string {
  const pod = attributes['k8s.pod.name'];
  if (pod !== undefined) return String(pod);
  const names = [attributes[RESOURCE.hostName.name], attributes[RESOURCE.dataDirectory.name]];
  return names.filter((name) => name !== undefined).join(':');
}
