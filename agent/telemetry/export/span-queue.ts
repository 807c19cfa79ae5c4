/**
 * Encoded spans, or log records, on their way out, bounded in number and bytes. A full queue drops what is new, but a failed statement's span takes
 * the place of the newest one that did not fail.
 */

import type { ItemGroup } from '../otlp/encoding.js';
import type { Resource } from '../otlp/model.js';

export interface QueuedSpan {
  resource: Resource;
  encoded: Uint8Array;
  failed: boolean;
  /** When its first delivery failed, ms. */
  triedAt?: number;
}

export interface SpanQueueLimits {
  /** Default 4096. */
  maxItems: number;
  /** Default 8 MiB. */
  maxBytes: number;
  /** Spans in one request at most; default 512. */
  maxBatchItems: number;
  /** Bytes of spans in one request at most (one span may be larger), before compression; default 1 MiB. */
  maxBatchBytes: number;
}

export interface SpanQueue {
  /** Returns how many spans were dropped: the new one, or older ones in its favour. */
  push(span: QueuedSpan): number;
  take(): QueuedSpan[];
  /** Puts a batch back that was not delivered. */
  giveBack(batch: QueuedSpan[]): void;
  /** A batch has been delivered, or is lost. */
  settle(batch: QueuedSpan[]): void;
  /** Waiting and taken ones. */
  readonly items: number;
  readonly bytes: number;
  /** Waiting ones fill a batch. */
  readonly batchReady: boolean;
}

export function createSpanQueue(limits: SpanQueueLimits): SpanQueue {
  let waiting: QueuedSpan[] = [];
  let waitingBytes = 0;
  let droppable = 0;
  let items = 0;
  let bytes = 0;
  const remove = (at: number): void => {
    const [span] = waiting.splice(at, 1);
    if (span === undefined) return;
    waitingBytes -= span.encoded.length;
    droppable -= span.failed ? 0 : 1;
    items -= 1;
    bytes -= span.encoded.length;
  };
  const fits = (span: QueuedSpan): boolean => items < limits.maxItems && bytes + span.encoded.length <= limits.maxBytes;
  return {
    push: (span) => {
      let dropped = 0;
      for (; !fits(span) && span.failed && droppable > 0; dropped++)
        remove(waiting.findLastIndex(({ failed }) => !failed));
      if (!fits(span)) return dropped + 1;
      waiting.push(span);
      waitingBytes += span.encoded.length;
      droppable += span.failed ? 0 : 1;
      items += 1;
      bytes += span.encoded.length;
      return dropped;
    },
    take: () => {
      let size = 0;
      const end = waiting.findIndex(({ encoded }, i) => {
        size += encoded.length;
        return i >= limits.maxBatchItems || (i > 0 && size > limits.maxBatchBytes);
      });
      const batch = waiting.splice(0, end < 0 ? waiting.length : end);
      for (const span of batch) {
        waitingBytes -= span.encoded.length;
        droppable -= span.failed ? 0 : 1;
      }
      return batch;
    },
    giveBack: (batch) => {
      waiting = [...batch, ...waiting];
      for (const span of batch) {
        waitingBytes += span.encoded.length;
        droppable += span.failed ? 0 : 1;
      }
    },
    settle: (batch) => {
      items -= batch.length;
      bytes -= batch.reduce((sum, { encoded }) => sum + encoded.length, 0);
    },
    get items() {
      return items;
    },
    get bytes() {
      return bytes;
    },
    get batchReady() {
      return waiting.length >= limits.maxBatchItems || waitingBytes >= limits.maxBatchBytes;
    },
  };
}

/** Spans of one request by resource, in their order. */
export function groupByResource(batch: readonly QueuedSpan[]): ItemGroup[] {
  const groups = new Map<Resource, ItemGroup>();
  for (const { resource, encoded } of batch) {
    const group = groups.get(resource) ?? { resource, items: [] };
    group.items.push(encoded);
    groups.set(resource, group);
  }
  return [...groups.values()];
}
