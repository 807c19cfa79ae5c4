/**
 * The two encodings of OTLP, part by part: spans and resources are encoded when they are queued (so that queues know their bytes and
 * hold no object graphs), a request is then only put together.
 */

import { resource, resourceMetrics, scope, span } from './fields.js';
import type { Resource, ResourceMetrics, Scope, Span } from './model.js';
import { encodeProtobuf, joinProtobuf } from './protobuf.js';

/** Encoded spans of one resource. */
export interface SpanGroup {
  resource: Resource;
  spans: Uint8Array[];
}

export interface Encoding {
  contentType: 'application/x-protobuf' | 'application/json';
  span(span: Span): Uint8Array;
  resourceMetrics(metrics: ResourceMetrics): Uint8Array;
  tracesRequest(groups: readonly SpanGroup[], scope: Scope): Uint8Array;
  metricsRequest(parts: readonly Uint8Array[]): Uint8Array;
}

export const protobufEncoding: Encoding = {
  contentType: 'application/x-protobuf',
  span: (value) => encodeProtobuf(span, value),
  resourceMetrics: (value) => encodeProtobuf(resourceMetrics, value),
  tracesRequest: (groups, scopeOfAll) => {
    const encodedScope = encodeProtobuf(scope, scopeOfAll);
    const parts = groups.map((group) => {
      const scopeSpans = Buffer.concat([joinProtobuf(1, [encodedScope]), joinProtobuf(2, group.spans)]);
      return Buffer.concat([
        joinProtobuf(1, [encodeProtobuf(resource, group.resource)]),
        joinProtobuf(2, [scopeSpans]),
      ]);
    });
    return joinProtobuf(1, parts);
  },
  metricsRequest: (parts) => joinProtobuf(1, parts),
};

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const list = (parts: readonly Uint8Array[]): Uint8Array[] => {
  return parts.flatMap((part, i) => (i === 0 ? [part] : [Buffer.from(','), part]));
};

export const jsonEncoding: Encoding = {
  contentType: 'application/json',
  span: json,
  resourceMetrics: json,
  tracesRequest: (groups, scopeOfAll) => {
    const parts = groups.map((group) =>
      Buffer.concat([
        Buffer.from(
          `{"resource":${JSON.stringify(group.resource)},"scopeSpans":[{"scope":${JSON.stringify(scopeOfAll)},"spans":[`,
        ),
        ...list(group.spans),
        Buffer.from(']}]}'),
      ]),
    );
    return Buffer.concat([Buffer.from('{"resourceSpans":['), ...list(parts), Buffer.from(']}')]);
  },
  metricsRequest: (parts) => Buffer.concat([Buffer.from('{"resourceMetrics":['), ...list(parts), Buffer.from(']}')]),
};
