/** Attributes of spans. */

import { own, receiver, standard } from './definition.js';

/** Attributes of spans alone. */
export const SPAN = {
  text: standard('db.query.text', 'string', 'the text, constants replaced by `$1`…; only where it may be shown'),
  statusCode: standard('db.response.status_code', 'string', 'SQLSTATE of a failed statement'),
  errorType: standard('error.type', 'string', 'SQLSTATE, or the name of the signal that ended the backend'),
  returnedRows: standard('db.response.returned_rows', 'int', 'rows sent to the client (SELECT, FETCH)'),
  clientAddress: standard('client.address', 'string', 'address of the client; absent for unix sockets'),
  peerAddress: standard('network.peer.address', 'string', 'the same'),
  peerPort: standard('network.peer.port', 'int', 'port of the client'),
  roundTrip: own(
    'pgscope.client.round_trip_time',
    'double',
    's',
    "smoothed round-trip time of the client's connection, as TCP has measured it; absent for unix sockets",
  ),
  pid: receiver('postgresql.pid', 'int', '', 'PID of the backend, as PostgreSQL shows it'),
  queryId: receiver(
    'postgresql.query_id',
    'string',
    '',
    "PostgreSQL's own query id; absent with compute_query_id = off",
  ),
  application: receiver('postgresql.application_name', 'string', '', 'application_name, if it is no trace context'),
  reason: own('pgscope.capture.reason', 'string', '', 'why there is a span: `failed`, `slow`, `traced` or `sampled`'),
  commandTag: own('pgscope.command_tag', 'string', '', 'what the server answered: `SELECT`, `INSERT`, `CREATE TABLE`…'),
  textTruncated: own('pgscope.query.text_truncated', 'boolean', '', 'true where the text is longer than what is shown'),
  signal: own('pgscope.signal', 'string', '', 'signal that ended the backend in the middle of the statement'),
  waits: own('pgscope.waits', 'string[]', '', 'the five longest wait events: type, event, time and number'),
  waitTime: own('pgscope.wait.time', 'double', 's', 'time in wait events'),
  linkReason: own(
    'pgscope.link.reason',
    'string',
    '',
    '(on links) why the client is linked and not the parent: `unsampled`, `stale`',
  ),
} as const;

/** Attributes of spans that are counters of the statement; 0 is left out. Keys are those of the tracer. */
export const SPAN_COUNTERS = {
  rows: receiver('postgresql.rows', 'int', '{row}', 'rows returned or changed'),
  sharedBlocksHit: receiver('postgresql.shared_blks_hit', 'int', '{block}', 'shared blocks found in the buffers'),
  sharedBlocksRead: receiver('postgresql.shared_blks_read', 'int', '{block}', 'shared blocks read'),
  sharedBlocksDirtied: receiver('postgresql.shared_blks_dirtied', 'int', '{block}', 'shared blocks made dirty'),
  sharedBlocksWritten: receiver(
    'postgresql.shared_blks_written',
    'int',
    '{block}',
    'shared blocks written by the backend itself',
  ),
  tempBlocksRead: receiver('postgresql.temp_blks_read', 'int', '{block}', 'blocks of temporary files read'),
  tempBlocksWritten: receiver('postgresql.temp_blks_written', 'int', '{block}', 'blocks of temporary files written'),
  localBlocksHit: own('postgresql.local_blks_hit', 'int', '{block}', 'blocks of temporary tables found in the buffers'),
  localBlocksRead: own('postgresql.local_blks_read', 'int', '{block}', 'blocks of temporary tables read'),
  localBlocksDirtied: own('postgresql.local_blks_dirtied', 'int', '{block}', 'blocks of temporary tables made dirty'),
  localBlocksWritten: own('postgresql.local_blks_written', 'int', '{block}', 'blocks of temporary tables written'),
  blockReadNs: own('pgscope.block.read_time', 'double', 's', 'time to read blocks (track_io_timing)'),
  blockWriteNs: own('pgscope.block.write_time', 'double', 's', 'time to write blocks (track_io_timing)'),
  cpuNs: own('pgscope.cpu.time', 'double', 's', 'time on a CPU'),
  runQueueNs: own('pgscope.run_queue.time', 'double', 's', 'time ready to run, waiting for a CPU'),
  storageReadBytes: own('pgscope.storage.read', 'int', 'By', 'bytes that the kernel read from storage'),
  storageWriteBytes: own('pgscope.storage.write', 'int', 'By', 'bytes that the kernel writes to storage'),
  minorFaults: own('pgscope.page_faults.minor', 'int', '{fault}', 'page faults without I/O'),
  majorFaults: own('pgscope.page_faults.major', 'int', '{fault}', 'page faults with I/O'),
  walRecords: own('pgscope.wal.records', 'int', '{record}', 'WAL records'),
  walFullPageImages: own('pgscope.wal.full_page_images', 'int', '{image}', 'WAL full-page images'),
  walBytes: own('pgscope.wal.size', 'int', 'By', 'WAL bytes'),
  networkReceivedBytes: own('pgscope.network.received', 'int', 'By', 'bytes from the client'),
  networkSentBytes: own('pgscope.network.sent', 'int', 'By', 'bytes to the client'),
  parseNs: own('pgscope.parse.time', 'double', 's', 'time in the phase parse, as all phases at level `phases`'),
  analyzeNs: own('pgscope.analyze.time', 'double', 's', 'time in analyze, with rewriting'),
  bindNs: own('pgscope.bind.time', 'double', 's', 'time in bind'),
  planNs: own('pgscope.plan.time', 'double', 's', 'time in plan'),
  executeNs: own('pgscope.execute.time', 'double', 's', 'time in execute'),
  commitNs: own('pgscope.commit.time', 'double', 's', 'time in commit, with the flush of the WAL'),
} as const;

/** Attributes of the spans of nested statements; the last one of the statement that they are below. */
export const NESTED = {
  depth: own('pgscope.nested.depth', 'int', '', '1 for what a function or trigger of the statement itself runs'),
  calls: own('pgscope.nested.calls', 'int', '{call}', 'executions that the span stands for'),
  time: own('pgscope.nested.time', 'double', 's', 'time in all of them together; only where there are several'),
  untold: own(
    'pgscope.nested.untold',
    'int',
    '{call}',
    '(on the statement) executions that found no place among its nested statements; absent if there are none',
  ),
} as const;

/** Attributes of the spans of waits for locks. */
export const LOCK = {
  object: own(
    'pgscope.lock.object',
    'string',
    '',
    'which one: OIDs of database and relation, transaction id, advisory key',
  ),
  blockers: own(
    'pgscope.lock.blockers',
    'int',
    '{process}',
    'how many were seen that hold it against this one, three at most',
  ),
  pid: own('pgscope.blocker.pid', 'int', '', 'PID of the first of them, as PostgreSQL shows it'),
  otherPids: own(
    'pgscope.blocker.other_pids',
    'int[]',
    '',
    'PIDs of the others, two at most; absent if there are none',
  ),
  role: own('pgscope.blocker.role', 'string', '', '`holder`, or `waiter` for one that only waits in front'),
  state: own('pgscope.blocker.state', 'string', '', 'as in pg_stat_activity, such as `idle in transaction`'),
  application: own('pgscope.blocker.application_name', 'string', '', 'its application_name'),
  transaction: own(
    'pgscope.blocker.transaction.duration',
    'double',
    's',
    'how long its transaction had been open when the wait began',
  ),
  summary: own('pgscope.blocker.query.summary', 'string', '', 'its statement, or its last one: operations and tables'),
  text: own(
    'pgscope.blocker.query.text',
    'string',
    '',
    'the same as text without constants, only where it may be shown',
  ),
} as const;
