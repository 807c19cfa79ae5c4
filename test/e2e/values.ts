/** The chart's values in the suite: real receivers, a recorder, and a grace period that a test can wait for. */
import { COLLECTOR_LOGS } from './collector.js';
import { JAEGER_OTLP, PROMETHEUS_OTLP, RECORDER } from './receivers.js';

export const LABEL_GRACE_S = 15;

export const VALUES = {
  clusterName: 'e2e',
  operator: { tracesEndpoint: JAEGER_OTLP },
  labelGrace: `${LABEL_GRACE_S}s`,
  destinations: {
    default: { tracesEndpoint: JAEGER_OTLP, metricsEndpoint: PROMETHEUS_OTLP, logsEndpoint: COLLECTOR_LOGS },
    recorder: { endpoint: RECORDER, protocol: 'http/json' },
  },
};
