/**
 * Every name that leaves pgscope: attributes and metrics, with type, unit and meaning. docs/telemetry.md is generated from these
 * and loss-names.ts. Standard names first (OpenTelemetry semantic conventions, then those of the Collector's PostgreSQL receiver); what neither
 * has stands under `pgscope.` and, where it is a fact about PostgreSQL's queries, under `postgresql.query.`.
 */

export type { AttributeName, MetricName, Origin } from './names/definition.js';
export { BACKGROUND_METRICS, FILE_METRICS, QUERY_METRICS, TARGET_METRICS } from './names/metrics.js';
export { OWN_METRICS } from './names/own.js';
export { POINT } from './names/point.js';
export { PROGRAM, PROGRAM_METRICS } from './names/program.js';
export { QUERY } from './names/query.js';
export { RESOURCE } from './names/resource.js';
export { LOCK, NESTED, SPAN, SPAN_COUNTERS } from './names/span.js';
