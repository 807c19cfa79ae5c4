/**
 * Encoded metrics on their way out, bounded in bytes. Values are cumulative: a newer snapshot replaces an older one of the same
 * resource that still waits, unless series have ended in between.
 */

import { release } from './release.js';

export interface QueuedMetrics {
  /** The resource. */
  key: string;
  /** Parts of one snapshot share it; later snapshots have larger ones. */
  generation: number;
  /** Ends of series: never replaced. */
  final: boolean;
  encoded: Uint8Array;
  points: number;
  /** When its first delivery failed, ms. */
  triedAt?: number;
}

export interface MetricsQueueLimits {
  /** Default 16 MiB. */
  maxBytes: number;
  /** Bytes in one request at most (one part may be larger), before compression; default 1 MiB. */
  maxBatchBytes: number;
}

/** Data points that left the queue other than by being taken. */
export interface Removed {
  superseded: number;
  dropped: number;
}

export interface MetricsQueue {
  /** Appends the parts of one snapshot. */
  push(parts: QueuedMetrics[]): Removed;
  take(): QueuedMetrics[];
  /** Puts a batch back that was not delivered, except for what a newer snapshot has replaced. */
  giveBack(batch: QueuedMetrics[]): Removed;
  /** A batch has been delivered, or is lost; what was encoded of it cannot be read any more. */
  settle(batch: QueuedMetrics[]): void;
  /** Data points, waiting and taken ones. */
  readonly items: number;
  readonly bytes: number;
}

export function createMetricsQueue(limits: MetricsQueueLimits): MetricsQueue {
  let waiting: QueuedMetrics[] = [];
  let items = 0;
  let bytes = 0;
  const count = (list: QueuedMetrics[], sign: 1 | -1): number => {
    const points = list.reduce((sum, part) => sum + part.points, 0);
    items += sign * points;
    bytes += sign * list.reduce((sum, part) => sum + part.encoded.length, 0);
    return points;
  };
  const supersede = (parts: QueuedMetrics[]): number => {
    const [first] = parts;
    if (first === undefined || first.final) return 0;
    const barrier = waiting.findLastIndex(({ key, final }) => final && key === first.key);
    const old = waiting.filter(({ key }, i) => i > barrier && key === first.key);
    waiting = waiting.filter((part) => !old.includes(part));
    return count(old, -1);
  };
  const dropOldest = (): number => {
    let dropped = 0;
    while (bytes > limits.maxBytes && waiting.length > 1) dropped += count(waiting.splice(0, 1), -1);
    return dropped;
  };
  return {
    push: (parts) => {
      const superseded = supersede(parts);
      waiting.push(...parts);
      count(parts, 1);
      return { superseded, dropped: dropOldest() };
    },
    take: () => {
      let size = 0;
      const end = waiting.findIndex(({ encoded }, i) => {
        size += encoded.length;
        return i > 0 && size > limits.maxBatchBytes;
      });
      return waiting.splice(0, end < 0 ? waiting.length : end);
    },
    giveBack: (batch) => {
      const isReplaced = (part: QueuedMetrics): boolean => {
        const next = waiting.find(({ key, generation }) => key === part.key && generation > part.generation);
        return !part.final && next !== undefined && !next.final;
      };
      const replaced = batch.filter(isReplaced);
      waiting = [...batch.filter((part) => !replaced.includes(part)), ...waiting];
      return { superseded: count(replaced, -1), dropped: dropOldest() };
    },
    settle: (batch) => {
      count(batch, -1);
      for (const { encoded } of batch) release(encoded);
    },
    get items() {
      return items;
    },
    get bytes() {
      return bytes;
    },
  };
}
