/**
 * Every name that leaves pgscope: attributes and metrics, with type, unit and meaning. docs/telemetry.md is generated from this
 * file and loss-names.ts. Standard names first (OpenTelemetry semantic conventions, then those of the Collector's PostgreSQL receiver); what neither
 * has stands under `pgscope.` and, where it is a fact about PostgreSQL's queries, under `postgresql.query.`.
 */

export type Origin = 'OpenTelemetry' | 'PostgreSQL receiver' | 'pgscope';

export interface AttributeName {
  name: string;
  type: 'string' | 'string[]' | 'int' | 'int[]' | 'double' | 'boolean';
  /** UCUM; empty for what is no quantity. */
  unit: string;
  origin: Origin;
  meaning: string;
}

export interface MetricName {
  name: string;
  instrument: 'counter' | 'gauge' | 'exponential histogram';
  unit: string;
  meaning: string;
  /** Names of the attributes that its points have beside those of its group. */
  attributes: string[];
}

const standard = (name: string, type: AttributeName['type'], meaning: string): AttributeName => {
  return { name, type, unit: '', origin: 'OpenTelemetry', meaning };
};
const receiver = (name: string, type: AttributeName['type'], unit: string, meaning: string): AttributeName => {
  return { name, type, unit, origin: 'PostgreSQL receiver', meaning };
};
const own = (name: string, type: AttributeName['type'], unit: string, meaning: string): AttributeName => {
  return { name, type, unit, origin: 'pgscope', meaning };
};

/** Attributes of resources. */
export const RESOURCE = {
  serviceName: standard(
    'service.name',
    'string',
    '`postgresql`, or what OTEL_SERVICE_NAME says; `pgscope` for pgscope itself',
  ),
  serviceVersion: standard('service.version', 'string', 'version of the server; of pgscope for pgscope itself'),
  serviceInstanceId: standard(
    'service.instance.id',
    'string',
    'UUID made of host and data directory: survives restarts',
  ),
  hostName: standard('host.name', 'string', 'name of the host'),
  hostId: standard('host.id', 'string', 'content of /etc/machine-id'),
  processPid: standard('process.pid', 'int', 'PID of the postmaster, as the host shows it'),
  dbSystem: standard('db.system.name', 'string', 'always `postgresql`; also on each span'),
  dataDirectory: own('pgscope.data_directory', 'string', '', "the server's data directory"),
} as const;

/** Attributes that a span and the per-query metrics share. */
export const QUERY = {
  namespace: standard('db.namespace', 'string', 'the database'),
  user: standard('user.name', 'string', 'the role that runs the statement'),
  summary: standard(
    'db.query.summary',
    'string',
    'operations and tables, at most 255 characters; also the name of the span',
  ),
  fingerprint: own(
    'pgscope.query.fingerprint',
    'string',
    '',
    'hash of the text without constants and comments, 16 hex digits',
  ),
} as const;

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

/** Attributes of metric points alone. */
export const POINT = {
  overflow: standard('otel.metric.overflow', 'boolean', 'true on the one series of all queries beyond the limit'),
  diskDirection: standard('disk.io.direction', 'string', '`read` or `write`'),
  networkDirection: standard('network.io.direction', 'string', '`receive` or `transmit`, as the server sees it'),
  faultType: standard('system.paging.fault.type', 'string', '`minor` or `major`'),
  blockSource: own(
    'pgscope.block.source',
    'string',
    '',
    '`shared`, `local` (temporary tables) or `temp` (temporary files)',
  ),
  blockOperation: own('pgscope.block.operation', 'string', '', '`hit`, `read`, `dirtied` or `written`'),
  waitType: receiver(
    'postgresql.wait_event_type',
    'string',
    '',
    'as in pg_stat_activity; `Kernel` where PostgreSQL names no event; also on the spans of waits',
  ),
  waitEvent: receiver('postgresql.wait_event', 'string', '', 'as in pg_stat_activity; also on the spans of waits'),
  lockMode: own('pgscope.lock.mode', 'string', '', 'mode in which a lock was asked for; also on the spans of waits'),
  phase: own(
    'pgscope.phase',
    'string',
    '',
    '`parse`, `analyze`, `bind`, `plan`, `execute` or `commit`; also on the spans of phases',
  ),
  backendType: own(
    'pgscope.backend.type',
    'string',
    '',
    'type of a process, as in pg_stat_activity: of a background process, and with files of each process, `client backend` among them',
  ),
  fileOperation: own(
    'pgscope.file.operation',
    'string',
    '',
    '`read`, `write`, `sync`, `allocate` (fallocate), `writeback` (sync_file_range) or `io_uring` (io_uring_enter, which submits or waits)',
  ),
  fileKind: own(
    'pgscope.file.kind',
    'string',
    '',
    '`relation` (tables and indexes), `wal`, `temporary` (what sorts and hashes spill), `other`, or `unknown` where PostgreSQL names no wait event',
  ),
  work: own(
    'pgscope.background.work',
    'string',
    '',
    'what an autovacuum worker did to which table, `VACUUM ANALYZE public.accounts`; absent before its first one',
  ),
  connectionState: own('postgresql.connection.state', 'string', '', 'as in pg_stat_activity: `idle in transaction`'),
  memoryKind: own(
    'pgscope.memory.kind',
    'string',
    '',
    "`private`: of one process alone, the sum of all; `shared`: of the process that has most of the server's shared memory and files in its own",
  ),
  stage: own(
    'pgscope.loss.stage',
    'string',
    '',
    '`capture` (kernel and tracer), `programs` (bpftrace), `telemetry` (agent) or `export`',
  ),
  lossReason: own('pgscope.loss.reason', 'string', '', 'one word for why'),
  signalKind: own('pgscope.export.signal', 'string', '', '`traces`, `metrics` or `logs`'),
  exporter: own('pgscope.export.exporter', 'string', '', '`otlp` or `file`'),
  withoutReason: own(
    'pgscope.unrecorded.reason',
    'string',
    '',
    '`unsampled` (flag 00) or `invalid` (no valid trace context)',
  ),
} as const;

const metric =
  (instrument: MetricName['instrument']) =>
  (name: string, unit: string, meaning: string, attributes: AttributeName[] = []): MetricName => {
    return { name, instrument, unit, meaning, attributes: attributes.map((attribute) => attribute.name) };
  };
const counter = metric('counter');
const gauge = metric('gauge');
const histogram = metric('exponential histogram');

/** Metrics of a target, each with the attributes of QUERY (POINT.overflow alone on the overflow series). */
export const QUERY_METRICS = {
  duration: histogram(
    'postgresql.query.duration',
    's',
    'time on the server, parse to commit, of completed and failed statements',
  ),
  calls: counter('postgresql.query.calls', '{call}', 'completed statements'),
  errors: counter('postgresql.query.errors', '{error}', 'failed statements'),
  rows: counter('postgresql.query.rows', '{row}', 'rows returned or changed'),
  cpuTime: counter('postgresql.query.cpu.time', 's', 'time on a CPU'),
  runQueueTime: counter('postgresql.query.run_queue.time', 's', 'time ready to run, waiting for a CPU'),
  waitTime: counter('postgresql.query.wait.time', 's', 'time off the CPU, by what was waited for', [
    POINT.waitType,
    POINT.waitEvent,
    POINT.lockMode,
  ]),
  waits: counter('postgresql.query.waits', '{wait}', 'times that a process left the CPU to wait', [
    POINT.waitType,
    POINT.waitEvent,
    POINT.lockMode,
  ]),
  phaseTime: counter('postgresql.query.phase.time', 's', 'time in a phase of statements, at level `phases`', [
    POINT.phase,
  ]),
  blocks: counter('postgresql.query.blocks', '{block}', 'blocks touched', [POINT.blockSource, POINT.blockOperation]),
  blockTime: counter('postgresql.query.block.time', 's', 'time for reading and writing blocks (track_io_timing)', [
    POINT.diskDirection,
  ]),
  storage: counter('postgresql.query.storage.io', 'By', 'bytes that the kernel read from and wrote to storage', [
    POINT.diskDirection,
  ]),
  walRecords: counter('postgresql.query.wal.records', '{record}', 'WAL records'),
  walImages: counter('postgresql.query.wal.full_page_images', '{image}', 'WAL full-page images'),
  walSize: counter('postgresql.query.wal.size', 'By', 'WAL bytes'),
  faults: counter('postgresql.query.page_faults', '{fault}', 'page faults', [POINT.faultType]),
  network: counter('postgresql.query.network.io', 'By', 'bytes from and to the client', [POINT.networkDirection]),
} as const;

type QueryMetric = keyof typeof QUERY_METRICS;
const STATEMENTS_ALONE = new Set<QueryMetric>(['duration', 'calls', 'errors', 'rows', 'phaseTime', 'network']);

/** The same of background processes, each with POINT.backendType: what is no statement's. */
export const BACKGROUND_METRICS = Object.fromEntries(
  Object.entries(QUERY_METRICS).flatMap(([key, { name, ...rest }]) =>
    STATEMENTS_ALONE.has(key as QueryMetric) ? [] : [[key, { name: name.replace('query', 'background'), ...rest }]],
  ),
) as Partial<Record<QueryMetric, MetricName>>;

/** What a target's processes do with files: system calls, whether the page cache answers them or storage. */
const OF_FILES = [POINT.fileOperation, POINT.fileKind, POINT.backendType];
export const FILE_METRICS = {
  duration: histogram('postgresql.file.operation.duration', 's', 'time in system calls on files', OF_FILES),
  errors: counter('postgresql.file.operation.errors', '{error}', 'system calls on files that failed', OF_FILES),
  bytes: counter(
    'postgresql.file.io',
    'By',
    'bytes read, written, allocated, or handed to be written back, by system calls on files',
    OF_FILES,
  ),
  storageRead: counter(
    'postgresql.file.storage.read',
    'By',
    'bytes that the kernel read from storage for these system calls, with what it reads ahead',
    OF_FILES,
  ),
} as const;

/** Metrics of a target as a whole. */
export const TARGET_METRICS = {
  info: gauge('pgscope.query.info', '1', 'always 1: the text of a query, to be joined by its fingerprint', [
    QUERY.fingerprint,
    QUERY.summary,
    SPAN.text,
  ]),
  backends: gauge('pgscope.backends', '{process}', 'processes of the server that are watched'),
  connections: gauge('postgresql.connections', '{connection}', 'sessions of clients at this time', [
    POINT.connectionState,
  ]),
  memory: gauge('postgresql.memory.resident', 'By', 'resident memory of the processes at this time', [
    POINT.memoryKind,
  ]),
  largestProcess: gauge('postgresql.memory.largest_process', 'By', 'private memory of the process that has most'),
  roundTrip: gauge(
    'postgresql.client.round_trip_time',
    's',
    "round-trip time of the clients' TCP connections, the mean of at most one look a second at each since the last point",
  ),
  series: gauge('pgscope.query.series', '{series}', 'per-query series at this time, beside the overflow series'),
} as const;

/** Attributes of what programs tell: name and description stand at the scope of the metrics, the name at each log record. */
export const PROGRAM = {
  name: own('pgscope.program', 'string', '', 'name of the program'),
  description: own('pgscope.program.description', 'string', '', 'what the program shows, in its own words'),
  key: own(
    'pgscope.program.key',
    'string',
    '',
    'keys of a map of a program that is a bare source, as bpftrace prints them',
  ),
} as const;

/** Metrics of a program beside its own, for each server that it runs for. */
export const PROGRAM_METRICS = {
  running: gauge('pgscope.program.running', '1', '1 while bpftrace runs the program, else 0', [PROGRAM.name]),
} as const;

/** Metrics of pgscope itself, under its own resource. */
export const OWN_METRICS = {
  losses: counter('pgscope.losses', '{item}', 'what was captured and did not arrive', [
    POINT.stage,
    POINT.lossReason,
    POINT.signalKind,
    POINT.exporter,
  ]),
  unrecorded: counter(
    'pgscope.spans.unrecorded',
    '{span}',
    'statements without a span because their client asked for none; no loss',
    [POINT.withoutReason],
  ),
  exported: counter('pgscope.export.items', '{item}', 'spans, data points and log records that were accepted', [
    POINT.signalKind,
    POINT.exporter,
  ]),
  superseded: counter(
    'pgscope.export.superseded',
    '{point}',
    'data points replaced by newer ones before they were sent; sums lose nothing',
    [POINT.exporter],
  ),
  queueItems: gauge('pgscope.export.queue.items', '{item}', 'spans, data points and log records that wait', [
    POINT.signalKind,
    POINT.exporter,
  ]),
  queueBytes: gauge('pgscope.export.queue.size', 'By', 'bytes that wait', [POINT.signalKind, POINT.exporter]),
  bpfTime: counter('pgscope.bpf.time', 's', 'run time of the BPF programs (kernel.bpf_stats_enabled)'),
  bpfRuns: counter('pgscope.bpf.runs', '{run}', 'runs of the BPF programs (kernel.bpf_stats_enabled)'),
} as const;
