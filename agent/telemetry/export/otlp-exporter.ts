/** Exports over OTLP/HTTP. */

import { jsonEncoding, protobufEncoding } from '../otlp/encoding.js';
import type { Scope } from '../otlp/model.js';
import { createExporter, type Exporter } from './exporter.js';
import { createHttpDelivery, type HttpDelivery, type HttpTarget } from './http-delivery.js';
import type { Destination } from './lanes.js';
import type { ExportLimits } from './limits.js';
import type { Log } from './notices.js';

export type OtlpProtocol = 'http/protobuf' | 'http/json';

export interface OtlpTarget extends HttpTarget {
  protocol: OtlpProtocol;
}

/** Where each signal goes; one that is undefined goes nowhere. */
export interface OtlpSettings {
  traces: OtlpTarget | undefined;
  metrics: OtlpTarget | undefined;
  logs?: OtlpTarget | undefined;
}

/** `scope`: name and version of pgscope. */
export function createOtlpExporter(
  settings: OtlpSettings,
  scope: Scope,
  log: Log,
  limits?: Partial<ExportLimits>,
): Exporter {
  const deliveries: HttpDelivery[] = [];
  const destination = (target: OtlpTarget | undefined, signal: string): Destination | undefined => {
    if (target === undefined) return undefined;
    const encoding = target.protocol === 'http/json' ? jsonEncoding : protobufEncoding;
    const { contentType } = encoding;
    const delivery = createHttpDelivery(target, { contentType, userAgent: `${scope.name}/${scope.version}`, log });
    deliveries.push(delivery);
    return {
      encoding,
      deliver: delivery.deliver,
      receiver: `OTLP ${signal} to ${target.url.origin}${target.url.pathname}`,
    };
  };
  return createExporter({
    name: 'otlp',
    scope,
    traces: destination(settings.traces, 'traces'),
    metrics: destination(settings.metrics, 'metrics'),
    logs: destination(settings.logs, 'logs'),
    log,
    ...(limits === undefined ? {} : { limits }),
    close: () => {
      for (const delivery of deliveries) delivery.close();
    },
  });
}
