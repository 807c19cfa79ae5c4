/** Limits of the export queues and times of the senders. */

import { DEFAULT_RETRY, type RetrySettings } from './backoff.js';
import type { MetricsQueueLimits } from './metrics-queue.js';
import type { SpanQueueLimits } from './span-queue.js';

/** Each has a default. */
export interface ExportLimits {
  spans: SpanQueueLimits;
  metrics: MetricsQueueLimits;
  retry: RetrySettings;
  /** Spans wait so long for a full batch; ms, default 1000. */
  delayMs: number;
}

export const MIB = 1024 * 1024;
export const DEFAULT_EXPORT_LIMITS: ExportLimits = {
  spans: { maxItems: 4096, maxBytes: 8 * MIB, maxBatchItems: 512, maxBatchBytes: MIB },
  metrics: { maxBytes: 16 * MIB, maxBatchBytes: MIB },
  retry: DEFAULT_RETRY,
  delayMs: 1000,
};
