/** Which table of wait events a server's major version has. */
import type { WaitEventTable } from './table.js';
import { postgres14 } from './tables/postgres-14.js';
import { postgres15 } from './tables/postgres-15.js';
import { postgres16 } from './tables/postgres-16.js';
import { postgres17 } from './tables/postgres-17.js';
import { postgres18 } from './tables/postgres-18.js';

const tables: ReadonlyMap<number, WaitEventTable> = new Map([
  [14, postgres14],
  [15, postgres15],
  [16, postgres16],
  [17, postgres17],
  [18, postgres18],
]);

export const OLDEST_MAJOR = Math.min(...tables.keys());
export const NEWEST_MAJOR = Math.max(...tables.keys());

/** The major version's own table; undefined if there is none. */
export function ownTable(major: number): WaitEventTable | undefined {
  return tables.get(major);
}

/** The table of the nearest known version: numbers of wait classes have never changed, those of events do with every version. */
export function nearestTable(major: number): WaitEventTable {
  return major < OLDEST_MAJOR ? postgres14 : postgres18;
}
