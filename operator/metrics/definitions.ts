/**
 * Every metric of the operator's own: /metrics and docs/operator.md are made of this table. The names are those of controller-runtime and
 * client-go, so that dashboards and alerts made for other operators work here.
 */

export interface MetricDefinition {
  kind: 'counter' | 'gauge' | 'histogram';
  /** A sentence without a full stop. */
  help: string;
  labels: readonly string[];
  /** Of a histogram, in seconds. */
  buckets?: readonly number[];
}

/** From 10 ns up in client-go; what is below a millisecond tells nothing here. */
const QUEUE_SECONDS = [0.001, 0.01, 0.1, 1, 10, 100, 1000];
const RECONCILE_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const REQUEST_SECONDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];

export const METRICS = {
  controller_runtime_reconcile_total: {
    kind: 'counter',
    help: 'Reconciles by controller and result: success, requeue_after, error',
    labels: ['controller', 'result'],
  },
  controller_runtime_reconcile_errors_total: {
    kind: 'counter',
    help: 'Reconciles that failed and are tried again',
    labels: ['controller'],
  },
  controller_runtime_reconcile_time_seconds: {
    kind: 'histogram',
    help: 'Time that a reconcile took',
    labels: ['controller'],
    buckets: RECONCILE_SECONDS,
  },
  controller_runtime_active_workers: {
    kind: 'gauge',
    help: 'Workers that are reconciling now',
    labels: ['controller'],
  },
  controller_runtime_max_concurrent_reconciles: {
    kind: 'gauge',
    help: 'Workers of a controller',
    labels: ['controller'],
  },
  workqueue_depth: { kind: 'gauge', help: 'Keys that wait to be reconciled', labels: ['name'] },
  workqueue_adds_total: { kind: 'counter', help: 'Keys that were added', labels: ['name'] },
  workqueue_queue_duration_seconds: {
    kind: 'histogram',
    help: 'Time that a key waited before it was taken',
    labels: ['name'],
    buckets: QUEUE_SECONDS,
  },
  workqueue_work_duration_seconds: {
    kind: 'histogram',
    help: 'Time between taking a key and giving it back',
    labels: ['name'],
    buckets: QUEUE_SECONDS,
  },
  workqueue_retries_total: { kind: 'counter', help: 'Keys that were added again after a failure', labels: ['name'] },
  workqueue_unfinished_work_seconds: {
    kind: 'gauge',
    help: 'Time that keys being worked on have taken so far, added up',
    labels: ['name'],
  },
  workqueue_longest_running_processor_seconds: {
    kind: 'gauge',
    help: 'Time that the key worked on longest has taken so far',
    labels: ['name'],
  },
  rest_client_requests_total: {
    kind: 'counter',
    help: 'Requests to the API server by status code (`<error>`: no answer), method and host',
    labels: ['code', 'method', 'host'],
  },
  rest_client_request_duration_seconds: {
    kind: 'histogram',
    help: "Time until the head of the API server's answer",
    labels: ['verb', 'host'],
    buckets: REQUEST_SECONDS,
  },
  leader_election_master_status: {
    kind: 'gauge',
    help: 'Whether this operator leads (1) or not (0)',
    labels: ['name'],
  },
  pgscope_profiles: {
    kind: 'gauge',
    help: 'PostgresProfiles by the reason of their condition Ready; Unknown before the first status',
    labels: ['reason'],
  },
  pgscope_targets: {
    kind: 'gauge',
    help: 'Targets of all PostgresProfiles by state: matched, attached',
    labels: ['state'],
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;

/** Values of `reason` are made by people only as far as the operator lets them: this many at most, the rest is `other`. */
export const MAX_REASONS = 50;
