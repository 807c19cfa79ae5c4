/** What a queue tells about itself; the names behind each are those of client-go's workqueue metrics. */

export interface QueueMetrics {
  /** workqueue_adds_total: a key was added that did not wait already. */
  added(): void;
  /** workqueue_depth: so many keys wait now. */
  depth(keys: number): void;
  /** workqueue_queue_duration_seconds: a key was taken after it had waited so long. */
  waited(seconds: number): void;
  /** workqueue_work_duration_seconds: a key was given back after so long. */
  worked(seconds: number): void;
  /** workqueue_retries_total: a key is tried again after a failure. */
  retried(): void;
}

/** Of the keys that are being worked on. */
export interface UnfinishedWork {
  /** workqueue_unfinished_work_seconds: their times added up. */
  seconds: number;
  /** workqueue_longest_running_processor_seconds. */
  longestSeconds: number;
}

const nothing = (): void => undefined;

export const NO_METRICS: QueueMetrics = {
  added: nothing,
  depth: nothing,
  waited: nothing,
  worked: nothing,
  retried: nothing,
};
