/**
 * The two encodings of OTLP, part by part: spans, log records and resources are encoded when they are queued (so that queues know their bytes and
 * hold no object graphs), a request is then only put together.
 */

import { logRecord, resource, resourceMetrics, scope, span } from './fields.js';
import type { LogRecord, Resource, ResourceMetrics, Scope, Span } from './model.js';
import { encodeProtobuf, joinProtobuf } from './protobuf.js';

/** Encoded spans, or log records, of one resource. */
export interface ItemGroup {
  resource: Resource;
  items: Uint8Array[];
}

export interface Encoding {
  contentType: 'application/x-protobuf' | 'application/json';
  span(span: Span): Uint8Array;
  logRecord(record: LogRecord): Uint8Array;
  resourceMetrics(metrics: ResourceMetrics): Uint8Array;
  tracesRequest(groups: readonly ItemGroup[], scope: Scope): Uint8Array;
  logsRequest(groups: readonly ItemGroup[], scope: Scope): Uint8Array;
  metricsRequest(parts: readonly Uint8Array[]): Uint8Array;
}

/** Requests for spans and for log records have the same fields by number. */
function protobufRequest(groups: readonly ItemGroup[], scopeOfAll: Scope): Uint8Array {
  const encodedScope = encodeProtobuf(scope, scopeOfAll);
  const parts = groups.map((group) => {
    const scopeItems = Buffer.concat([joinProtobuf(1, [encodedScope]), joinProtobuf(2, group.items)]);
    return Buffer.concat([joinProtobuf(1, [encodeProtobuf(resource, group.resource)]), joinProtobuf(2, [scopeItems])]);
  });
  return joinProtobuf(1, parts);
}

export const protobufEncoding: Encoding = {
  contentType: 'application/x-protobuf',
  span: (value) => encodeProtobuf(span, value),
  logRecord: (value) => encodeProtobuf(logRecord, value),
  resourceMetrics: (value) => encodeProtobuf(resourceMetrics, value),
  tracesRequest: protobufRequest,
  logsRequest: protobufRequest,
  metricsRequest: (parts) => joinProtobuf(1, parts),
};

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const list = (parts: readonly Uint8Array[]): Uint8Array[] => {
  return parts.flatMap((part, i) => (i === 0 ? [part] : [Buffer.from(','), part]));
};

/** `names`: of the fields for all resources, for what one scope has, and for its items. */
function jsonRequest(names: [string, string, string], groups: readonly ItemGroup[], scopeOfAll: Scope): Uint8Array {
  const [ofResources, ofScopes, ofItems] = names;
  const parts = groups.map((group) =>
    Buffer.concat([
      Buffer.from(
        `{"resource":${JSON.stringify(group.resource)},"${ofScopes}":[{"scope":${JSON.stringify(scopeOfAll)},"${ofItems}":[`,
      ),
      ...list(group.items),
      Buffer.from(']}]}'),
    ]),
  );
  return Buffer.concat([Buffer.from(`{"${ofResources}":[`), ...list(parts), Buffer.from(']}')]);
}

export const jsonEncoding: Encoding = {
  contentType: 'application/json',
  span: json,
  logRecord: json,
  resourceMetrics: json,
  tracesRequest: (groups, scopeOfAll) => jsonRequest(['resourceSpans', 'scopeSpans', 'spans'], groups, scopeOfAll),
  logsRequest: (groups, scopeOfAll) => jsonRequest(['resourceLogs', 'scopeLogs', 'logRecords'], groups, scopeOfAll),
  metricsRequest: (parts) => Buffer.concat([Buffer.from('{"resourceMetrics":['), ...list(parts), Buffer.from(']}')]),
};
