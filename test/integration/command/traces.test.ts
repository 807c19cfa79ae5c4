/** `record` beside a client with traces: its statements' spans join them, or link to them, as the context says. */
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { Recorded, type Span } from '../../command/otlp.js';
import { Command, scratchFile, stopCommands } from '../../command.js';
import { frames, Wire } from '../../servers/wire.js';
import { type Build, type Server, startServer, stopServers } from '../../servers.js';

jest.setTimeout(120_000);

const { bind, execute, parse, query, sync } = frames;
const BUILDS: Build[] = ['n14', 'n18'];
const servers = new Map<Build, Server>();

beforeAll(async () => {
  for (const build of BUILDS) servers.set(build, await startServer({ build }));
});
afterEach(stopCommands);
afterAll(stopServers);

/** A span of the client's. */
interface ClientSpan {
  traceId: string;
  spanId: string;
}

const clientSpan = (): ClientSpan => ({
  traceId: randomBytes(16).toString('hex'),
  spanId: randomBytes(8).toString('hex'),
});
const traceparent = ({ traceId, spanId }: ClientSpan, flags = '01') => `00-${traceId}-${spanId}-${flags}`;

/** Records what the client's `work` does. Answers with what finds the spans whose statement has a marker. */
async function record(build: Build, work: (wire: Wire) => Promise<void>): Promise<(marker: string) => Span[]> {
  const server = servers.get(build);
  if (server === undefined) throw new Error(`${build} has not started`);
  const file = scratchFile('recording.jsonl');
  const target = ['--data-directory', server.dataDirectory];
  const command = Command.start(['record', ...target, '--otlp-file', file, '--query-text', 'raw']);
  await command.says('recording PostgreSQL');
  const wire = await Wire.connect(server);
  const begin = BigInt(Date.now()) * 1_000_000n;
  await work(wire);
  const end = BigInt(Date.now() + 1) * 1_000_000n;
  await wire.end();
  expect((await command.end()).exitCode).toBe(0);
  const { spans } = Recorded.fromFile(file);
  // One clock: what the server did lies within what the client did.
  for (const { startUnixNano, endUnixNano } of spans) {
    expect(startUnixNano).toBeGreaterThanOrEqual(begin);
    expect(endUnixNano).toBeGreaterThanOrEqual(startUnixNano);
    expect(endUnixNano).toBeLessThanOrEqual(end);
  }
  return (marker) => spans.filter(({ attributes }) => String(attributes['db.query.text']).includes(marker));
}

const placeOf = ({ traceId, parentSpanId, links }: Span) => ({ traceId, parentSpanId, links });
const childOf = ({ traceId, spanId }: ClientSpan) => ({ traceId, parentSpanId: spanId, links: [] });

/** A root of its own trace with one link to the client's span. */
function expectLinked(span: Span | undefined, { traceId, spanId }: ClientSpan, reason: string): void {
  expect(span?.parentSpanId).toBe('');
  expect(span?.traceId).not.toBe(traceId);
  expect(span?.links).toMatchObject([{ traceId, spanId, attributes: { 'pgscope.link.reason': reason } }]);
}

const FORMS: [marker: string, text: (traceparent: string) => string][] = [
  ['t_front', (context) => `/*traceparent='${context}'*/ select 1 as t_front`],
  ['t_behind', (context) => `select 1 as t_behind /*action='x',traceparent='${context}'*/`],
  ['t_encoded', (context) => `select 1 as t_encoded /*traceparent='${context.replaceAll('-', '%2D')}'*/`],
  ['t_equals', (context) => `select 1 as t_equals /* traceparent=${context} */`],
  ['t_colon', (context) => `select 1 as t_colon /* traceparent:${context} */`],
];

test.each(BUILDS)('%s: a statement with a context in a comment is a child of the client span', async (build) => {
  const sent = FORMS.map(([marker, textOf]) => {
    const client = clientSpan();
    return { marker, client, text: textOf(traceparent(client)) };
  });
  const spansOf = await record(build, async (wire) => {
    for (const { text } of sent) {
      await wire.run(query(text));
      for (let i = 0; i < 2; i++) await wire.run(parse({ text }), bind(), execute(), sync());
    }
  });
  for (const { marker, client } of sent) {
    expect(spansOf(marker).map(placeOf)).toEqual([1, 2, 3].map(() => childOf(client)));
    expect(spansOf(marker).map(({ attributes }) => attributes['pgscope.capture.reason'])).toEqual(
      [1, 2, 3].map(() => 'traced'),
    );
  }
});

test.each(BUILDS)('%s: a statement of a session whose application_name is a context is a child, too', async (build) => {
  const clients = [clientSpan(), clientSpan()];
  const spansOf = await record(build, async (wire) => {
    for (const client of clients) {
      await wire.run(query(`set application_name = '${traceparent(client)}'`));
      await wire.run(query('select 1 as t_application'));
    }
  });
  expect(spansOf('t_application').map(placeOf)).toEqual(clients.map(childOf));
});

test.each(BUILDS)('%s: flag 00 is obeyed: no span, or one of its own with a link if it failed', async (build) => {
  const client = clientSpan();
  const unsampled = traceparent(client, '00');
  const spansOf = await record(build, async (wire) => {
    for (const [, textOf] of FORMS) await wire.run(query(textOf(unsampled)));
    await wire.run(query(`select 1/0 as t_failed /*traceparent='${unsampled}'*/`));
    await wire.run(query(`set application_name = '${unsampled}'`));
    await wire.run(query('select 1 as t_application'));
  });
  for (const marker of [...FORMS.map(([name]) => name), 't_application']) expect(spansOf(marker)).toEqual([]);
  const [failed, ...more] = spansOf('t_failed');
  expect(more).toEqual([]);
  expectLinked(failed, client, 'unsampled');
  expect(failed?.attributes['db.response.status_code']).toBe('22012');
});

test.each(BUILDS)('%s: a prepared statement that runs again links, and a retry is a child', async (build) => {
  const client = clientSpan();
  const comment = `/*traceparent='${traceparent(client)}'*/`;
  const spansOf = await record(build, async (wire) => {
    await wire.run(parse({ name: 'p', text: `select $1::int as t_prepared ${comment}` }), sync());
    for (let i = 0; i < 3; i++) await wire.run(bind({ statement: 'p', values: ['1'] }), execute(), sync());
    for (let i = 0; i < 2; i++) await wire.run(query(`select 1/0 as t_retry ${comment}`));
  });
  const [fresh, ...stale] = spansOf('t_prepared');
  expect(fresh && placeOf(fresh)).toEqual(childOf(client));
  expect(stale).toHaveLength(2);
  for (const span of stale) expectLinked(span, client, 'stale');
  expect(spansOf('t_retry').map(placeOf)).toEqual([childOf(client), childOf(client)]);
});
