/**
 * The part of the OpenTelemetry protocol (OTLP 1.x) that pgscope sends, in the shape of its JSON encoding: ids in hex, 64-bit
 * integers as decimal strings, enum values as numbers. The protobuf encoding of the same values is in protobuf.ts.
 */

export type AnyValue =
  | { stringValue: string }
  | { boolValue: boolean }
  | { intValue: string }
  | { doubleValue: number }
  | { arrayValue: { values: AnyValue[] } };

export interface KeyValue {
  key: string;
  value: AnyValue;
}

export interface Resource {
  attributes: readonly KeyValue[];
}

export interface Scope {
  name: string;
  version: string;
  /** What all items of the scope have in common. */
  attributes?: readonly KeyValue[];
}

export const SPAN_KIND_INTERNAL = 1;
export const SPAN_KIND_SERVER = 2;
export const STATUS_CODE_ERROR = 2;

/** Bits of `flags` of spans and links: the W3C sampled flag, and "the (parent) context came from another process". */
export const FLAG_SAMPLED = 0x01;
export const FLAG_IS_REMOTE_KNOWN = 0x100;
export const FLAG_IS_REMOTE = 0x200;

export interface Link {
  traceId: string;
  spanId: string;
  attributes: KeyValue[];
  flags: number;
}

export interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: KeyValue[];
  links?: Link[];
  status?: { message: string; code: number };
  flags: number;
}

export interface ScopeSpans {
  scope: Scope;
  spans: Span[];
}

export interface ResourceSpans {
  resource: Resource;
  scopeSpans: ScopeSpans[];
}

/** ExportTraceServiceRequest. */
export interface TracesRequest {
  resourceSpans: ResourceSpans[];
}

export const TEMPORALITY_CUMULATIVE = 2;

/** `flags` of a point that ends its series: "no recorded value". */
export const NO_RECORDED_VALUE = 1;

export interface NumberPoint {
  attributes: readonly KeyValue[];
  startTimeUnixNano?: string | undefined;
  timeUnixNano: string;
  asInt?: string | undefined;
  asDouble?: number | undefined;
  flags?: number | undefined;
}

export interface ExponentialHistogramPoint {
  attributes: readonly KeyValue[];
  startTimeUnixNano: string;
  timeUnixNano: string;
  count: string;
  sum?: number;
  scale: number;
  zeroCount: string;
  positive?: { offset: number; bucketCounts: string[] };
  flags?: number;
}

/** A histogram whose buckets are told one by one: bucket i holds what is above bound i - 1, and not above bound i. */
export interface HistogramPoint {
  attributes: readonly KeyValue[];
  startTimeUnixNano: string;
  timeUnixNano: string;
  count: string;
  sum?: number | undefined;
  /** One more than there are bounds; none where only count and sum are known. */
  bucketCounts: string[];
  explicitBounds: number[];
  flags?: number | undefined;
}

export interface Metric {
  name: string;
  description: string;
  unit: string;
  gauge?: { dataPoints: NumberPoint[] };
  sum?: { dataPoints: NumberPoint[]; aggregationTemporality: number; isMonotonic: boolean };
  histogram?: { dataPoints: HistogramPoint[]; aggregationTemporality: number };
  exponentialHistogram?: { dataPoints: ExponentialHistogramPoint[]; aggregationTemporality: number };
}

export interface ScopeMetrics {
  scope: Scope;
  metrics: Metric[];
}

export interface ResourceMetrics {
  resource: Resource;
  scopeMetrics: ScopeMetrics[];
}

/** ExportMetricsServiceRequest. */
export interface MetricsRequest {
  resourceMetrics: ResourceMetrics[];
}

export const SEVERITY_INFO = 9;

export interface LogRecord {
  timeUnixNano: string;
  observedTimeUnixNano: string;
  severityNumber: number;
  severityText: string;
  body?: AnyValue;
  attributes: KeyValue[];
  eventName: string;
}

export interface ScopeLogs {
  scope: Scope;
  logRecords: LogRecord[];
}

export interface ResourceLogs {
  resource: Resource;
  scopeLogs: ScopeLogs[];
}

/** ExportLogsServiceRequest. */
export interface LogsRequest {
  resourceLogs: ResourceLogs[];
}
