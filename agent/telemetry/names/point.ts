/** Attributes of metric points alone. */

import { own, receiver, standard } from './definition.js';

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
