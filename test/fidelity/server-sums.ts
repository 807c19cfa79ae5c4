/** What the server itself has counted over all its work: pg_stat_database, pg_stat_wal, pg_stat_io. */
import type { Server } from '../servers.js';
import type { CounterName } from '../tracer.js';

export type Sums = Partial<Record<CounterName, number>>;

/**
 * Blocks of all databases; what belongs to no database is in a row of its own. Not for writes: until 15 a table's new block
 * counts as read here and nowhere else (PostgreSQL commit 31966b151e6), and a table's counts are forgotten when it is dropped.
 */
export async function databaseSums(server: Server): Promise<Sums> {
  const [row] = await server.sql<Record<string, string>>(
    'select sum(blks_read) as read, sum(blks_hit) as hit from pg_stat_database',
  );
  return { sharedBlocksRead: Number(row?.read), sharedBlocksHit: Number(row?.hit) };
}

export async function walSums(server: Server): Promise<Sums> {
  const [row] = await server.sql<Record<string, string>>('select wal_records, wal_fpi, wal_bytes from pg_stat_wal');
  return {
    walRecords: Number(row?.wal_records),
    walFullPageImages: Number(row?.wal_fpi),
    walBytes: Number(row?.wal_bytes),
  };
}

/** Blocks of all client backends, from PostgreSQL 16 on. 18 counts read operations of several blocks, and their bytes. */
export async function ioSums(server: Server): Promise<Sums> {
  const blocks = (name: string) => (server.major >= 18 ? `${name}_bytes / 8192` : `${name}s`);
  const sum = (expression: string, object: string) =>
    `coalesce(sum(${expression}) filter (where object = '${object}'), 0)`;
  const columns = ['relation', 'temp relation'].flatMap((object) => [
    sum(blocks('read'), object),
    sum('hits', object),
    sum(`coalesce(${blocks('write')}, 0) + coalesce(${blocks('extend')}, 0)`, object),
  ]);
  const names = [
    'sharedBlocksRead',
    'sharedBlocksHit',
    'sharedBlocksWritten',
    'localBlocksRead',
    'localBlocksHit',
    'localBlocksWritten',
  ];
  const list = columns.map((column, index) => `${column} as "${names[index]}"`).join(', ');
  const [row] = await server.sql<Record<string, string>>(
    `select ${list} from pg_stat_io where backend_type = 'client backend'`,
  );
  return Object.fromEntries(names.map((name) => [name, Number(row?.[name])]));
}
