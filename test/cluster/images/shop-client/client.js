/**
 * A shop whose statements are spans of its own: it visits the server of PGHOST until it is ended, each time in a span with the statements
 * below it, and exports to OTEL_EXPORTER_OTLP_ENDPOINT (OTLP over HTTP). One JSON line per visit says its trace; errors are told and survived.
 * VISIT_MS: pause between visits (200). TRACE_CONTEXT: `sqlcomment` (the default) or `application_name`.
 */
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { NodeSDK } from '@opentelemetry/sdk-node';

const { VISIT_MS = '200', TRACE_CONTEXT = 'sqlcomment', PGUSER = 'postgres', PGDATABASE = 'postgres' } = process.env;
process.env.OTEL_SERVICE_NAME ??= 'shop-client';
process.env.OTEL_METRICS_EXPORTER ??= 'none';
process.env.OTEL_LOGS_EXPORTER ??= 'none';
process.env.OTEL_BSP_SCHEDULE_DELAY ??= '500';

const sdk = new NodeSDK({
  traceExporter: new OTLPTraceExporter(),
  instrumentations: [
    new PgInstrumentation({
      requireParentSpan: true,
      addSqlCommenterCommentToQueries: TRACE_CONTEXT === 'sqlcomment',
      enableTraceContextPropagation: TRACE_CONTEXT === 'application_name',
    }),
  ],
});
sdk.start();
// Not import: the instrumentation sees only modules that are loaded this way, and after it.
const require = createRequire(import.meta.url);
const pg = require('pg');
const tracer = trace.getTracer('shop-client');

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop.abort());

const say = (line) => console.log(JSON.stringify(line));

/** Both protocols, a transaction, and one statement that takes some time. */
async function visit(client) {
  await tracer.startActiveSpan('visit', async (span) => {
    try {
      await client.query('select count(*) from pg_class');
      await client.query('begin');
      await client.query('select relname from pg_class where oid = $1', [1259]);
      await client.query('select pg_sleep(0.01)');
      await client.query('commit');
      say({ trace: span.spanContext().traceId });
    } finally {
      span.end();
    }
  });
}

async function shop() {
  const client = new pg.Client({ user: PGUSER, database: PGDATABASE });
  client.on('error', () => {}); // the statement that is under way fails, too
  await client.connect();
  try {
    for (; !stop.signal.aborted; await sleep(Number(VISIT_MS))) await visit(client);
  } finally {
    await client.end();
  }
}

while (!stop.signal.aborted) {
  try {
    await shop();
  } catch (error) {
    say({ error: error.message || error.code });
    await sleep(1000);
  }
}
await sdk.shutdown().catch(({ message }) => say({ error: message }));
