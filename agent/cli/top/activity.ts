/** From what a capture tells at each drain to what `top` shows. */
import type { BackgroundActivity, CaptureInterval, IoActivity, QueryActivity } from '../../capture.js';
import { fromBuckets } from '../histogram.js';
import { phasesIn } from '../phases.js';
import { waitsOf } from '../waits.js';
import type { BackgroundTotals, FileTotals, Interval, QueryTotals } from './view.js';
import { sumBackground, sumFiles } from './window.js';

const BLOCK_BYTES = 8192;

export function intervalOf({ seconds, queries, background, io }: CaptureInterval): Interval {
  return {
    seconds,
    queries: queries.map(totalsOf),
    background: sumBackground(background.map(backgroundOf)),
    files: sumFiles(io.map(filesOf)),
  };
}

/** All failed statements are counted; which SQLSTATE they had is told of some a second, and that is enough here. */
const NO_LOSS = 'recordsRateLimitedFailed';

/** `queryTextsRingFull` → `query texts ring full`. */
export function lossesOf({ losses }: CaptureInterval): [name: string, count: number][] {
  return Object.entries(losses)
    .filter(([name]) => name !== NO_LOSS)
    .map(([name, count]) => [name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`), count]);
}

function totalsOf(query: QueryActivity): QueryTotals {
  const { key, summary, text, database, user, calls, errors, rows = 0, durations } = query;
  const { durationNs = 0, cpuNs = 0, runQueueNs = 0 } = query;
  return {
    key,
    summary,
    text,
    database,
    user,
    calls,
    errors,
    rows,
    durationNs,
    cpuNs,
    runQueueNs,
    waits: waitsOf(query.waits),
    phases: phasesIn(query),
    ioBytes: ioBytes(query),
    failures: query.failures,
    durations: fromBuckets(durations),
  };
}

function backgroundOf({
  backendType,
  work,
  cpuNs = 0,
  runQueueNs = 0,
  waits,
  ...counters
}: BackgroundActivity): BackgroundTotals {
  const { storageReadBytes: readBytes = 0, storageWriteBytes: writtenBytes = 0, walBytes = 0 } = counters;
  return { backendType, work, cpuNs, runQueueNs, waits: waitsOf(waits), readBytes, writtenBytes, walBytes };
}

function filesOf({ kind, operation, calls, durationNs, durations, ...rest }: IoActivity): FileTotals {
  const { bytes = 0, storageReadBytes = 0 } = rest;
  return { kind, operation, calls, bytes, storageReadBytes, durationNs, durations: fromBuckets(durations) };
}

/**
 * What PostgreSQL reads and writes, as it counts itself. The kernel's own count is no better: from PostgreSQL 18 on I/O workers read
 * for the backends, and where the page cache has large folios a commit of some 100 bytes counts as the whole folio that it dirties.
 */
function ioBytes(query: QueryActivity): number {
  const { sharedBlocksRead = 0, sharedBlocksWritten = 0, localBlocksRead = 0, localBlocksWritten = 0 } = query;
  const { tempBlocksRead = 0, tempBlocksWritten = 0, walBytes = 0 } = query;
  const read = sharedBlocksRead + localBlocksRead + tempBlocksRead;
  const written = sharedBlocksWritten + localBlocksWritten + tempBlocksWritten;
  return (read + written) * BLOCK_BYTES + walBytes;
}
