/** The operator's metrics in Prometheus' format, one registry for each operator. The door of operator/metrics/. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { RequestObserver } from '../kube/client.js';
import { METRICS, type MetricDefinition, type MetricName } from './metrics/definitions.js';
import { countProfiles } from './metrics/profiles.js';
import type { QueueMetrics, UnfinishedWork } from './queue.js';
import type { Profile } from './views.js';

export { operatorReference } from './metrics/reference.js';

export type ReconcileResult = 'success' | 'requeue_after' | 'error';

export interface Metrics {
  /** The page and its content type. */
  page(): Promise<{ body: string; contentType: string }>;
  /** Of the API client. */
  requests: RequestObserver;
  queue(controller: string): QueueMetrics;
  /** A controller's workers; `unfinished` is asked at each scrape until the returned function is called. */
  workers(controller: string, count: number, unfinished: () => UnfinishedWork): () => void;
  started(controller: string): void;
  ended(controller: string, result: ReconcileResult, seconds: number): void;
  leads(lease: string, leads: boolean): void;
  /** Profiles to count at each scrape. */
  watchProfiles(profiles: () => Iterable<Profile>): void;
}

/**
 * Between two looks at the event loop's lag, and contained in what is told of it. At prom-client's 10 ms, waking up for that alone took an
 * idle operator 0.7 % of a core.
 */
const LAG_PRECISION_MS = 100;

/** `processMetrics`: also those of the process and of Node; tests leave them out. */
export function createMetrics({ processMetrics = true } = {}): Metrics {
  const registry = new Registry();
  if (processMetrics) collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_PRECISION_MS });
  const { counter, gauge, histogram } = makers(registry);
  const unfinished = new Map<string, () => UnfinishedWork>();
  let profiles: () => Iterable<Profile> = () => [];

  const reconciles = counter('controller_runtime_reconcile_total');
  const errors = counter('controller_runtime_reconcile_errors_total');
  const seconds = histogram('controller_runtime_reconcile_time_seconds');
  const active = gauge('controller_runtime_active_workers');
  const most = gauge('controller_runtime_max_concurrent_reconciles');
  const depth = gauge('workqueue_depth');
  const adds = counter('workqueue_adds_total');
  const waits = histogram('workqueue_queue_duration_seconds');
  const works = histogram('workqueue_work_duration_seconds');
  const retries = counter('workqueue_retries_total');
  const unfinishedSeconds = gauge('workqueue_unfinished_work_seconds');
  const longestSeconds = gauge('workqueue_longest_running_processor_seconds');
  const requests = counter('rest_client_requests_total');
  const requestSeconds = histogram('rest_client_request_duration_seconds');
  const master = gauge('leader_election_master_status');
  const profileGauge = gauge('pgscope_profiles');
  const targetGauge = gauge('pgscope_targets');

  const collect = (): void => {
    for (const [name, ask] of unfinished) {
      const work = ask();
      unfinishedSeconds.set({ name }, work.seconds);
      longestSeconds.set({ name }, work.longestSeconds);
    }
    const { byReason, targets } = countProfiles(profiles());
    profileGauge.reset();
    for (const [reason, count] of byReason) profileGauge.set({ reason }, count);
    for (const [state, count] of Object.entries(targets)) targetGauge.set({ state }, count);
  };

  return {
    async page() {
      collect();
      return { body: await registry.metrics(), contentType: registry.contentType };
    },
    requests: {
      requested({ verb, host, code, seconds: took }) {
        requests.inc({ code, method: verb, host });
        requestSeconds.observe({ verb, host }, took);
      },
    },
    queue: (name) => ({
      added: () => adds.inc({ name }),
      depth: (keys) => depth.set({ name }, keys),
      waited: (took) => waits.observe({ name }, took),
      worked: (took) => works.observe({ name }, took),
      retried: () => retries.inc({ name }),
    }),
    workers(controller, count, ask) {
      // A series that begins at its first event has no increase to see: it begins at 0.
      for (const result of ['success', 'requeue_after', 'error']) reconciles.inc({ controller, result }, 0);
      errors.inc({ controller }, 0);
      adds.inc({ name: controller }, 0);
      retries.inc({ name: controller }, 0);
      active.set({ controller }, 0);
      depth.set({ name: controller }, 0);
      most.set({ controller }, count);
      unfinished.set(controller, ask);
      return () => {
        if (unfinished.get(controller) !== ask) return;
        unfinished.delete(controller);
        unfinishedSeconds.set({ name: controller }, 0);
        longestSeconds.set({ name: controller }, 0);
        depth.set({ name: controller }, 0);
      };
    },
    started: (controller) => active.inc({ controller }),
    ended(controller, result, took) {
      active.dec({ controller });
      reconciles.inc({ controller, result });
      if (result === 'error') errors.inc({ controller });
      seconds.observe({ controller }, took);
    },
    leads: (name, leads) => master.set({ name }, leads ? 1 : 0),
    watchProfiles(ask) {
      profiles = ask;
    },
  };
}

function makers(registry: Registry) {
  const configuration = (name: MetricName) => {
    const { help, labels, buckets }: MetricDefinition = METRICS[name];
    const registers = [registry];
    return { name, help, labelNames: [...labels], registers, ...(buckets && { buckets: [...buckets] }) };
  };
  return {
    counter: (name: MetricName) => new Counter(configuration(name)),
    gauge: (name: MetricName) => new Gauge(configuration(name)),
    histogram: (name: MetricName) => new Histogram(configuration(name)),
  };
}
