/** Metrics of servers. */

import { counter, gauge, histogram, type MetricName } from './definition.js';
import { POINT } from './point.js';
import { QUERY } from './query.js';
import { SPAN } from './span.js';

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
