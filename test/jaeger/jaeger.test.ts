/** What people see in Jaeger when `pgscope record` and an instrumented application export to it: one recording, looked at from all sides. */
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { Command, type Ended, stopCommands } from '../command.js';
import { startServer, stopServers } from '../servers.js';
import { type Jaeger, startJaeger } from './jaeger.js';
import type { JaegerSpan } from './query-api.js';
import type { Work } from './shop.js';

/** Jaeger may have to be built first. */
const BUILD_TIMEOUT_MS = 30 * 60_000;
const STOP_TIMEOUT_MS = 120_000;
const TEST_TIMEOUT_MS = 180_000;
const NODE = resolve(import.meta.dirname, '../../node_modules/.bin/node');
/** OpenTelemetry's SDK for Node takes the start from a clock of whole milliseconds, and adds an exact duration: an end is up to 1 ms early. */
const CLIENT_CLOCK_US = 1001;

let jaeger: Jaeger;
let work: Work;
let ended: Ended;
let spans: JaegerSpan[];
let serverSpans: JaegerSpan[];

beforeAll(async () => {
  jaeger = await startJaeger();
  const server = await startServer({ build: 'n17' });
  await server.sql('create table product (id int primary key, name text, price numeric, stock int)');
  await server.sql("insert into product select i, 'product ' || i, i, 100 from generate_series(1, 1000) as i");
  const limits = ['--min-duration', '0ms', '--max-per-second', '10000', '--interval', '1s'];
  const record = Command.start(['record', '--pid', String(server.pid), '--otlp-endpoint', jaeger.otlpUrl, ...limits]);
  await record.says('recording PostgreSQL');
  const shop = [join(import.meta.dirname, 'shop.ts'), jaeger.otlpUrl, server.host, String(server.port)];
  work = JSON.parse((await execa(NODE, shop)).stdout) as Work;
  ended = await record.end();
  spans = await jaeger.spans('shop');
  const itsTraces = new Set(spans.map(({ traceId }) => traceId));
  spans.push(...(await jaeger.spans('postgresql')).filter(({ traceId }) => !itsTraces.has(traceId)));
  serverSpans = spans.filter(({ service, tags }) => service === 'postgresql' && tags['span.kind'] === 'server');
}, BUILD_TIMEOUT_MS);

afterAll(async () => {
  await stopCommands();
  await stopServers();
  await jaeger?.stop();
}, STOP_TIMEOUT_MS);

const parentOf = ({ traceId, parentId }: JaegerSpan) =>
  spans.find((span) => span.traceId === traceId && span.spanId === parentId);
const roots = () => serverSpans.filter(({ parentId }) => parentId === undefined);
const joined = () => serverSpans.filter(({ parentId }) => parentId !== undefined);
const linkedTo = ([traceId, spanId]: [string, string]) =>
  serverSpans.filter(({ links }) => links.some((link) => link.traceId === traceId && link.spanId === spanId));

describe('spans', () => {
  test('none is lost, none comes twice, and Jaeger finds no fault with them', () => {
    expect(serverSpans).toHaveLength(work.statements);
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
    // About times it warns because of the SDK's clock, see above; they are looked at below.
    const warnings = spans.flatMap((span) => span.warnings).filter((text) => !text.startsWith('clock skew'));
    expect(warnings).toEqual([]);
  });

  test('have names, kind, scope and resource', async () => {
    expect(await jaeger.services()).toEqual(expect.arrayContaining(['postgresql', 'shop']));
    const names = await jaeger.operations('postgresql');
    expect(names).toEqual(expect.arrayContaining(['BEGIN', 'COMMIT', 'SELECT product', 'UPDATE product']));
    for (const { tags, resource, name } of serverSpans) {
      expect(tags).toMatchObject({ 'span.kind': 'server', 'otel.scope.name': 'pgscope', 'db.namespace': 'postgres' });
      expect(tags['db.query.summary']).toBe(name);
      expect(resource).toMatchObject({
        'db.system.name': 'postgresql',
        'service.version': expect.stringMatching(/^17\.\d+$/),
      });
    }
  });

  test('of each traced statement: one, the child of the span of the client', () => {
    const clients = spans.filter(({ service, tags }) => service === 'shop' && tags['db.query.text'] !== undefined);
    const parents = new Set(joined().map(parentOf));
    expect(clients).toHaveLength(work.traced);
    expect(parents.has(undefined)).toBe(false);
    expect(parents.size).toBe(joined().length);
    expect(clients.filter((span) => !parents.has(span))).toEqual([]);
  });

  test('lie within the spans of the client', () => {
    const outside = joined().flatMap((span) => {
      const parent = parentOf(span);
      if (parent === undefined) return [`${span.name}: no parent`];
      // The client knows of an error before the server has rolled back, which is a part of the statement.
      const lastUs = span.tags.error === true ? span.startUs : span.endUs;
      const [before, behind] = [parent.startUs - span.startUs, lastUs - parent.endUs - CLIENT_CLOCK_US];
      return before > 0 || behind > 0 ? [`${span.name}: ${before} us before, ${behind} us behind ${parent.name}`] : [];
    });
    expect(outside).toEqual([]);
    expect(joined().length).toBeGreaterThan(500);
  });

  test('of failed statements are errors with their SQLSTATE, the others are not', async () => {
    const errors = serverSpans.filter(({ tags }) => tags.error === true);
    const sqlstates = errors.sort((a, b) => a.startUs - b.startUs).map(({ tags }) => tags['db.response.status_code']);
    expect(sqlstates).toEqual(work.sqlstates);
    for (const { tags } of errors) {
      expect(tags['otel.status_code']).toBe('ERROR');
      expect(tags['error.type']).toBe(tags['db.response.status_code']);
    }
    const search = { 'db.response.status_code': '23505' };
    expect((await jaeger.spans('postgresql', search)).some(({ name }) => name === 'INSERT product')).toBe(true);
  });
});

describe('a context that is none of this execution', () => {
  test('of a prepared statement: a child at first, then roots with a link', () => {
    const [traceId, spanId] = work.prepared.context;
    expect(joined().filter((span) => span.traceId === traceId && span.parentId === spanId)).toHaveLength(1);
    const later = linkedTo(work.prepared.context);
    expect(later).toHaveLength(work.prepared.executions - 1);
    for (const span of later)
      expect(span).toMatchObject({ parentId: undefined, traceId: expect.not.stringMatching(traceId) });
  });

  test('that is not sampled: a root with a link, and nothing in that trace', () => {
    expect(linkedTo(work.unsampled)).toMatchObject([{ parentId: undefined, name: 'SELECT product' }]);
    expect(spans.filter(({ traceId }) => traceId === work.unsampled[0])).toEqual([]);
  });

  test('that does not exist: a root of its own', () => {
    const withContext = work.traced + work.prepared.executions + 1;
    expect(roots().filter(({ links }) => links.length === 0)).toHaveLength(work.statements - withContext);
  });
});

test('the application depends on PostgreSQL', async () => {
  const calls = joined().length;
  expect(await jaeger.dependencies()).toContainEqual({ parent: 'shop', child: 'postgresql', callCount: calls });
});

test('that Jaeger takes no metrics is said once, with what to do, and counted', () => {
  expect(ended.exitCode).toBe(0);
  const said = ended.stderr.split('\n').filter((line) => line.startsWith('OTLP'));
  expect(said).toEqual([
    expect.stringMatching(/^OTLP metrics to \S+\/v1\/metrics: .* 404 Not Found .*OTEL_METRICS_EXPORTER=none/),
  ]);
  expect(ended.stdout).toMatch(/data points did not reach the OTLP receiver: the receiver refused them/);
  expect(ended.stdout).not.toMatch(/spans? did not/);
});

test.each<[string[], Record<string, string>]>([
  [['--otlp-endpoint', 'URL'], { OTEL_METRICS_EXPORTER: 'none' }],
  [[], { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'URL/v1/traces' }],
  [[], { OTEL_EXPORTER_OTLP_ENDPOINT: 'URL', OTEL_METRICS_EXPORTER: 'none', OTEL_SERVICE_NAME: 'orders-db' }],
])(
  'with traces alone Jaeger is content: %j %j',
  async (options, variables) => {
    const atJaeger = (text: string) => text.replace('URL', jaeger.otlpUrl);
    const server = await startServer({ build: 'n17' });
    const env = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, atJaeger(value)]));
    const limits = ['--pid', String(server.pid), '--min-duration', '0ms', '--interval', '1s'];
    const record = Command.start(['record', ...limits, ...options.map(atJaeger)], { env });
    await record.says('recording PostgreSQL');
    const port = String(server.port);
    await server.sql(`select ${port} as "port_${port}"`);
    const { exitCode, stderr, stdout } = await record.end();
    expect([exitCode, stderr.match(/OTLP/g)]).toEqual([0, null]);
    expect(stdout).not.toMatch(/did not reach/);
    const service = variables.OTEL_SERVICE_NAME ?? 'postgresql';
    const texts = (await jaeger.spans(service)).map(({ tags }) => String(tags['db.query.text']));
    expect(texts.filter((text) => text.includes(`port_${port}`))).toHaveLength(1);
  },
  TEST_TIMEOUT_MS,
);
