/** The settings of a capture, from those of a profile. */

import { durationMs, durationNs } from '../../api/duration.js';
import type { PostgresProfileSpec } from '../../api/postgres-profile.js';
import type { TracerSettings } from '../tracer.js';

export interface CaptureSettings {
  tracer: TracerSettings;
  /** Between two drains, ms. */
  intervalMs: number;
  queryText: PostgresProfileSpec['queryText'];
  /** Queries of one server that are told apart. */
  maxQueries: number;
  /** Whether each interval tells who waits for a lock at its end; default no. */
  lockWaits?: boolean;
}

export function captureSettings(
  spec: Pick<PostgresProfileSpec, 'level' | 'queryText' | 'spans' | 'metrics'>,
): CaptureSettings {
  const { spans, metrics, queryText, level } = spec;
  return {
    tracer: {
      level,
      minDurationNs: durationNs(spans.minDuration),
      errors: spans.errors,
      sampleRatio: spans.sampleRatio,
      traceContext: spans.traceContext as TracerSettings['traceContext'],
      maxPerSecond: spans.maxPerSecond,
      minWaitNs: durationNs(spans.minWait),
      nestedDepth: spans.nestedDepth,
      rawText: queryText === 'raw',
    },
    intervalMs: durationMs(metrics.interval),
    queryText,
    maxQueries: metrics.maxQueries,
  };
}
