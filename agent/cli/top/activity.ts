/** From what a capture tells at each drain to what `top` shows. */
import type { CaptureInterval, QueryActivity } from '../../capture.js';
import { fromBuckets } from '../histogram.js';
import type { Interval, QueryTotals } from './view.js';

const BLOCK_BYTES = 8192;

export function intervalOf({ seconds, queries }: CaptureInterval): Interval {
  return { seconds, queries: queries.map(totalsOf) };
}

/** `queryTextsRingFull` → `query texts ring full`. */
export function lossesOf({ losses }: CaptureInterval): [name: string, count: number][] {
  return Object.entries(losses).map(([name, count]) => [
    name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
    count,
  ]);
}

function totalsOf(query: QueryActivity): QueryTotals {
  const { key, summary, database, calls, errors, rows = 0, durationNs = 0, cpuNs = 0, durations } = query;
  return {
    key,
    summary,
    database,
    calls,
    errors,
    rows,
    durationNs,
    cpuNs,
    ioBytes: ioBytes(query),
    durations: fromBuckets(durations),
  };
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
