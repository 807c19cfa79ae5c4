/** Instruments the shop, as an application would: loaded first, with `node --import`. Its spans go to SHOP_SPANS, a file. */
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { openCollector } from './collector.js';

const collector = await openCollector(process.env.SHOP_SPANS ?? '', process.env.OTEL_EXPORTER_OTLP_ENDPOINT);
Object.assign(process.env, {
  OTEL_TRACES_EXPORTER: 'otlp',
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector,
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
});

/** The comment that the instrumentation puts behind a query carries the trace context to the server. */
const sdk = new NodeSDK({
  serviceName: 'shop',
  instrumentations: [new PgInstrumentation({ addSqlCommenterCommentToQueries: true, requireParentSpan: true })],
});
sdk.start();

/** Sends the spans that wait to be sent. */
export async function endTracing() {
  await sdk.shutdown();
}
