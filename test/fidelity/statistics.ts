/** What pg_stat_statements says of the same run, and the comparison with what the tracer says. */
import type { Server } from '../servers.js';
import type { CounterName, QueryTotals } from '../tracer.js';

/** Counters that must be equal, by the column of pg_stat_statements. */
const EQUAL = {
  shared_blks_read: 'sharedBlocksRead',
  local_blks_hit: 'localBlocksHit',
  local_blks_read: 'localBlocksRead',
  local_blks_dirtied: 'localBlocksDirtied',
  local_blks_written: 'localBlocksWritten',
  temp_blks_read: 'tempBlocksRead',
  temp_blks_written: 'tempBlocksWritten',
} as const satisfies Record<string, CounterName>;

/** Counters that must not be less, as pgscope also counts parsing, planning and commit. */
const NOT_LESS = {
  shared_blks_hit: 'sharedBlocksHit',
  shared_blks_dirtied: 'sharedBlocksDirtied',
  shared_blks_written: 'sharedBlocksWritten',
  wal_records: 'walRecords',
  wal_fpi: 'walFullPageImages',
  wal_bytes: 'walBytes',
  execution_ns: 'durationNs',
} as const satisfies Record<string, CounterName>;

const COLUMNS = [...Object.keys(EQUAL), ...Object.keys(NOT_LESS)] as (keyof typeof EQUAL | keyof typeof NOT_LESS)[];

export interface ServerTotals {
  calls: number;
  rows: number;
  /** By column name; `execution_ns` is total_exec_time and, with track_planning, total_plan_time, in ns. */
  columns: Record<string, number>;
}

export interface StatementRow extends ServerTotals {
  queryId: string;
  query: string;
  databaseOid: number;
  userOid: number;
}

export async function statementRows(server: Server): Promise<StatementRow[]> {
  // The text is matched here and not in SQL, or this statement would hold the marker, too.
  const columns = COLUMNS.map((column) =>
    column === 'execution_ns' ? '(total_exec_time + total_plan_time) * 1e6 as execution_ns' : column,
  );
  const rows = await server.sql<Record<string, string>>(
    `select queryid, query, dbid, userid, calls, rows, ${columns.join(', ')} from pg_stat_statements`,
  );
  return rows.map((row) => ({
    queryId: row.queryid ?? '',
    query: row.query ?? '',
    databaseOid: Number(row.dbid),
    userOid: Number(row.userid),
    calls: Number(row.calls),
    rows: Number(row.rows),
    columns: Object.fromEntries(COLUMNS.map((column) => [column, Number(row[column])])),
  }));
}

export function sumRows(rows: ServerTotals[]): ServerTotals {
  const add = (value: (row: ServerTotals) => number) => rows.reduce((sum, row) => sum + value(row), 0);
  return {
    calls: add(({ calls }) => calls),
    rows: add(({ rows }) => rows),
    columns: Object.fromEntries(COLUMNS.map((column) => [column, add(({ columns }) => columns[column] ?? 0)])),
  };
}

/** What differs where nothing may differ: empty if the tracer tells what the server counted. One sentence each. */
export function differences(ours: QueryTotals, theirs: ServerTotals): string[] {
  const found: string[] = [];
  const equal = (what: string, one: number, other: number) => {
    if (one !== other) found.push(`${what}: the tracer says ${one}, pg_stat_statements ${other}`);
  };
  equal('calls', ours.calls, theirs.calls);
  equal('rows', ours.counter('rows'), theirs.rows);
  for (const [column, counter] of Object.entries(EQUAL))
    equal(column, ours.counter(counter), theirs.columns[column] ?? 0);
  for (const [column, counter] of Object.entries(NOT_LESS)) {
    const [one, other] = [ours.counter(counter), theirs.columns[column] ?? 0];
    if (one < other) found.push(`${column}: the tracer says ${one}, less than pg_stat_statements' ${other}`);
  }
  if (ours.measured !== ours.calls + ours.errors) {
    found.push(`histogram: ${ours.measured} durations for ${ours.calls} calls and ${ours.errors} errors`);
  }
  return found;
}
