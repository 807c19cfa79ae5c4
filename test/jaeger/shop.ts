/**
 * An application with OpenTelemetry's own SDK and instrumentation, which exports its spans to Jaeger, as a program of its own:
 * shop.ts OTLP_URL HOST PORT. It writes what it did to stdout, one JSON object (`Work`).
 */
import { createRequire } from 'node:module';
import { type Span, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { NodeSDK } from '@opentelemetry/sdk-node';
import type { Client } from 'pg';

/** What the application did; a context is `[trace id, span id]`. */
export interface Work {
  /** Statements that the server was asked for in all. */
  statements: number;
  /** Those with a span of the application. */
  traced: number;
  /** Of the failed ones, in their order. */
  sqlstates: string[];
  /** Context of the statement that was prepared with it, and then executed `executions` times. */
  prepared: { context: Context; executions: number };
  /** Context whose flags say that it is not sampled. */
  unsampled: Context;
}

type Context = [traceId: string, spanId: string];

const VISITORS = 4;
const VISITS = 25;
const [otlpUrl, host = '', port] = process.argv.slice(2);

process.env.OTEL_METRICS_EXPORTER = 'none';
process.env.OTEL_LOGS_EXPORTER = 'none';
process.env.OTEL_BSP_MAX_QUEUE_SIZE = '20000';
const instrumentation = new PgInstrumentation({ addSqlCommenterCommentToQueries: true, requireParentSpan: true });
const sdk = new NodeSDK({
  serviceName: 'shop',
  traceExporter: new OTLPTraceExporter({ url: `${otlpUrl}/v1/traces` }),
  instrumentations: [instrumentation],
});
sdk.start();
// require, not import: the instrumentation sees only modules that are loaded this way, and after it.
const pg = createRequire(import.meta.url)('pg') as typeof import('pg');
const tracer = trace.getTracer('shop');

const work: Work = {
  statements: 0,
  traced: 0,
  sqlstates: [],
  prepared: { context: ['', ''], executions: 3 },
  unsampled: ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'],
};

async function connected(application: string, use: (client: Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ host, port: Number(port), user: 'postgres', database: 'postgres' });
  await client.connect();
  try {
    await send(client, `set application_name = '${application}'`);
    await use(client);
  } finally {
    await client.end();
  }
}

/** Outside of a span: without one of the application. */
async function send(client: Client, text: string): Promise<void> {
  work.statements += 1;
  await client.query(text);
}

async function sendTraced(client: Client, text: string, values?: unknown[]): Promise<void> {
  work.traced += 1;
  work.statements += 1;
  await client.query(text, values);
}

async function within(name: string, act: (span: Span) => Promise<void>): Promise<void> {
  await tracer.startActiveSpan(name, async (span) => {
    try {
      await act(span);
    } finally {
      span.end();
    }
  });
}

/** Both protocols, and a transaction. */
async function visit(client: Client, product: number): Promise<void> {
  await sendTraced(client, `select name from product where price > ${product} limit 3`);
  await sendTraced(client, 'select price from product where id = $1', [product]);
  await sendTraced(client, 'begin');
  await sendTraced(client, 'update product set stock = stock - 1 where id = $1', [product]);
  await sendTraced(client, 'commit');
}

async function fail(client: Client, text: string): Promise<void> {
  await sendTraced(client, text).then(
    () => Promise.reject(new Error(`it did not fail: ${text}`)),
    ({ code }: { code: string }) => work.sqlstates.push(code),
  );
}

async function makeMistakes(client: Client): Promise<void> {
  await fail(client, "insert into product values (1, 'again', 1, 1)");
  await fail(client, 'select price / (stock - stock) from product where id = 1');
  await fail(client, 'select form product');
  await fail(client, 'select * from prodct');
  await sendTraced(client, "set statement_timeout = '50ms'");
  await fail(client, 'select pg_sleep(60)');
}

/** A text that holds a context is prepared once, and executed later, too, when the context is an old one. */
async function prepare(client: Client): Promise<void> {
  const span = tracer.startSpan('prepare');
  const { traceId, spanId } = span.spanContext();
  work.prepared.context = [traceId, spanId];
  const text = `select stock from product where id = 7 /*traceparent='00-${traceId}-${spanId}-01'*/`;
  for (let execution = 0; execution < work.prepared.executions; execution += 1) {
    await client.query({ name: 'stock', text });
    work.statements += 1;
    if (execution === 0) span.end();
  }
}

async function visitByApplicationName(client: Client): Promise<void> {
  instrumentation.setConfig({ enableTraceContextPropagation: true, requireParentSpan: true });
  await within('by application_name', async () => {
    await sendTraced(client, 'select max(price) from product');
    await sendTraced(client, 'select min(price) from product where id > $1', [5]);
  });
  work.statements += 2; // the instrumentation sets application_name before each
}

await Promise.all(
  Array.from({ length: VISITORS }, (_, visitor) =>
    connected('visitor', async (client) => {
      for (let number = 0; number < VISITS; number += 1) {
        await within('visit', () => visit(client, 1 + visitor * VISITS + number));
      }
    }),
  ),
);
await connected('clumsy', (client) => within('mistakes', () => makeMistakes(client)));
await connected('by hand', async (client) => {
  await prepare(client);
  await send(client, 'select sum(stock) from product');
  await send(client, `select avg(price) from product /*traceparent='00-${work.unsampled.join('-')}-00'*/`);
});
await connected('by name', visitByApplicationName);
await sdk.shutdown();
console.log(JSON.stringify(work));
