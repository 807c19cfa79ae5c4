/**
 * The OTLP messages as tables: which field of the model has which number and wire type in
 * opentelemetry/proto/{collector,common,resource,trace,metrics,logs}/…/v1. protobuf.ts writes whatever stands here.
 */

export type ScalarType =
  | 'string'
  | 'bool'
  | 'hex'
  | 'uint32'
  | 'sint32'
  | 'int64'
  | 'fixed32'
  | 'fixed64'
  | 'sfixed64'
  | 'double';

export type PackedType = 'packed uint64' | 'packed fixed64' | 'packed double';

export interface Field {
  name: string;
  number: number;
  /** `packed`: a repeated number as one length-delimited field. A table: a nested message. */
  type: ScalarType | PackedType | Message;
  repeated: boolean;
  /** Written even if it is 0 or empty: members of a `oneof`, `optional` fields. */
  presence: boolean;
}

export type Message = Field[];

const one = (name: string, number: number, type: Field['type']): Field => ({
  name,
  number,
  type,
  repeated: false,
  presence: false,
});
const many = (name: string, number: number, type: Field['type']): Field => ({
  ...one(name, number, type),
  repeated: true,
});
const present = (name: string, number: number, type: Field['type']): Field => ({
  ...one(name, number, type),
  presence: true,
});

const anyValue: Message = [
  present('stringValue', 1, 'string'),
  present('boolValue', 2, 'bool'),
  present('intValue', 3, 'int64'),
  present('doubleValue', 4, 'double'),
];
anyValue.push(present('arrayValue', 5, [many('values', 1, anyValue)]));

export const keyValue: Message = [one('key', 1, 'string'), one('value', 2, anyValue)];
const attributes = (number: number): Field => many('attributes', number, keyValue);

export const resource: Message = [attributes(1)];
export const scope: Message = [one('name', 1, 'string'), one('version', 2, 'string'), attributes(3)];

const link: Message = [one('traceId', 1, 'hex'), one('spanId', 2, 'hex'), attributes(4), one('flags', 6, 'fixed32')];

export const span: Message = [
  one('traceId', 1, 'hex'),
  one('spanId', 2, 'hex'),
  one('parentSpanId', 4, 'hex'),
  one('name', 5, 'string'),
  one('kind', 6, 'uint32'),
  one('startTimeUnixNano', 7, 'fixed64'),
  one('endTimeUnixNano', 8, 'fixed64'),
  attributes(9),
  many('links', 13, link),
  one('status', 15, [one('message', 2, 'string'), one('code', 3, 'uint32')]),
  one('flags', 16, 'fixed32'),
];

export const resourceSpans: Message = [
  one('resource', 1, resource),
  many('scopeSpans', 2, [one('scope', 1, scope), many('spans', 2, span)]),
];
export const tracesRequest: Message = [many('resourceSpans', 1, resourceSpans)];

const numberPoint: Message = [
  one('startTimeUnixNano', 2, 'fixed64'),
  one('timeUnixNano', 3, 'fixed64'),
  present('asDouble', 4, 'double'),
  present('asInt', 6, 'sfixed64'),
  attributes(7),
  one('flags', 8, 'uint32'),
];

const buckets: Message = [one('offset', 1, 'sint32'), one('bucketCounts', 2, 'packed uint64')];

const exponentialHistogramPoint: Message = [
  attributes(1),
  one('startTimeUnixNano', 2, 'fixed64'),
  one('timeUnixNano', 3, 'fixed64'),
  one('count', 4, 'fixed64'),
  present('sum', 5, 'double'),
  one('scale', 6, 'sint32'),
  one('zeroCount', 7, 'fixed64'),
  one('positive', 8, buckets),
  one('flags', 10, 'uint32'),
];

const histogramPoint: Message = [
  one('startTimeUnixNano', 2, 'fixed64'),
  one('timeUnixNano', 3, 'fixed64'),
  one('count', 4, 'fixed64'),
  present('sum', 5, 'double'),
  one('bucketCounts', 6, 'packed fixed64'),
  one('explicitBounds', 7, 'packed double'),
  attributes(9),
  one('flags', 10, 'uint32'),
];

const metric: Message = [
  one('name', 1, 'string'),
  one('description', 2, 'string'),
  one('unit', 3, 'string'),
  one('gauge', 5, [many('dataPoints', 1, numberPoint)]),
  one('sum', 7, [
    many('dataPoints', 1, numberPoint),
    one('aggregationTemporality', 2, 'uint32'),
    one('isMonotonic', 3, 'bool'),
  ]),
  one('histogram', 9, [many('dataPoints', 1, histogramPoint), one('aggregationTemporality', 2, 'uint32')]),
  one('exponentialHistogram', 10, [
    many('dataPoints', 1, exponentialHistogramPoint),
    one('aggregationTemporality', 2, 'uint32'),
  ]),
];

export const resourceMetrics: Message = [
  one('resource', 1, resource),
  many('scopeMetrics', 2, [one('scope', 1, scope), many('metrics', 2, metric)]),
];
export const metricsRequest: Message = [many('resourceMetrics', 1, resourceMetrics)];

export const logRecord: Message = [
  one('timeUnixNano', 1, 'fixed64'),
  one('severityNumber', 2, 'uint32'),
  one('severityText', 3, 'string'),
  one('body', 5, anyValue),
  attributes(6),
  one('observedTimeUnixNano', 11, 'fixed64'),
  one('eventName', 12, 'string'),
];
export const resourceLogs: Message = [
  one('resource', 1, resource),
  many('scopeLogs', 2, [one('scope', 1, scope), many('logRecords', 2, logRecord)]),
];
export const logsRequest: Message = [many('resourceLogs', 1, resourceLogs)];
