/** `record` at level phases: the phases of statements as spans and as sums, and the statements of a trigger and of a function. */
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { Recorded, type Span } from '../../command/otlp.js';
import { Command, scratchFile, stopCommands } from '../../command.js';
import { type Server, startServer, stopServers } from '../../servers.js';

jest.setTimeout(120_000);

let server: Server;

beforeAll(async () => {
  server = await startServer({ build: 'n18' });
  await server.sql(`
    create table orders (id int, note text);
    create table audit (id int, at timestamptz default now());
    create function noted() returns trigger language plpgsql as $$
      begin insert into audit (id) values (new.id); return new; end $$;
    create trigger noted before insert on orders for each row execute function noted();
    create function deeper() returns void language plpgsql as $$
      begin
        perform pg_sleep(0.01) as ph_secret;
        insert into orders values (7, 'ph_secret');
        execute format('insert into orders values (8, %L)', 'ph_secret');
      end $$;`);
});
afterEach(stopCommands);
afterAll(stopServers);

async function record(options: readonly string[], ...texts: string[]): Promise<{ recorded: Recorded; stdout: string }> {
  const file = scratchFile('recording.jsonl');
  const everything = ['--level', 'phases', '--min-duration', '0ms', '--min-wait', '1ms'];
  const target = ['--pid', String(server.pid), '--otlp-file', file];
  const command = Command.start(['record', ...target, ...everything, ...options]);
  await command.says('recording PostgreSQL');
  if (!options.includes('--nested-depth') || options[options.indexOf('--nested-depth') + 1] !== '0') {
    await server.sql('do $$ begin perform 1; end $$'); // from the first function on
    await command.says('functions or triggers run statements');
  }
  for (const text of texts) await server.sql(text);
  const { exitCode, stdout } = await command.end();
  expect(exitCode).toBe(0);
  return { recorded: Recorded.fromFile(file), stdout };
}

const within = (inner: Span | undefined, outer: Span | undefined) =>
  inner !== undefined &&
  outer !== undefined &&
  inner.traceId === outer.traceId &&
  inner.startUnixNano >= outer.startUnixNano &&
  inner.endUnixNano <= outer.endUnixNano;

/** The execution of the statement that this span is of. */
const executionOf = (spans: readonly Span[], inner: Span | undefined) =>
  spans.find(({ name, traceId }) => name === 'execute' && traceId === inner?.traceId);

test('each phase is a span below its statement, and counted by query; the table at the end has them, too', async () => {
  const { recorded, stdout } = await record([], 'insert into orders values (1), (2), (3)');
  const { spans } = recorded;
  const statement = spans.find(({ name }) => name === 'INSERT orders');
  const phases = spans.filter(
    ({ traceId, attributes }) => traceId === statement?.traceId && 'pgscope.phase' in attributes,
  );
  expect(phases.map(({ name }) => name)).toEqual(['parse', 'analyze', 'plan', 'execute', 'commit']);
  for (const phase of phases) expect(within(phase, statement)).toBe(true);
  const counted = recorded
    .metric('postgresql.query.phase.time')
    .filter(({ attributes }) => attributes['db.query.summary'] === 'INSERT orders');
  expect(new Set(counted.map(({ attributes }) => attributes['pgscope.phase']))).toEqual(
    new Set(phases.map(({ name }) => name)),
  );
  expect(stdout).toMatch(/^ TIME CALLS {3}ERR {2}MEAN {3}P99 TOTAL {2}PLAN {2}EXEC COMMIT QUERY$/m);
});

test('what a trigger runs is one span below the execution, with the number of its executions', async () => {
  const { recorded } = await record([], 'insert into orders values (1), (2), (3)');
  const { spans } = recorded;
  const [audit, ...others] = spans.filter(({ name }) => name === 'INSERT audit');
  expect(others).toEqual([]);
  expect(within(audit, executionOf(spans, audit))).toBe(true);
  expect(audit?.attributes).toMatchObject({
    'db.query.summary': 'INSERT audit',
    'pgscope.nested.calls': 3,
    'pgscope.nested.depth': 1,
    'pgscope.nested.time': expect.any(Number),
  });
});

test('nested statements go as deep as they are asked for, long waits stand in their phase, no constant goes out', async () => {
  const call = "select deeper(), 'ph_secret'";
  const shallow = await record(['--nested-depth', '1'], call);
  const depths = ({ recorded }: { recorded: Recorded }) =>
    recorded.spans.flatMap(({ attributes }) => attributes['pgscope.nested.depth'] ?? []);
  expect(new Set(depths(shallow))).toEqual(new Set([1]));
  const deep = await record(['--nested-depth', '2'], call);
  expect(new Set(depths(deep))).toEqual(new Set([1, 2]));
  const none = await record(['--nested-depth', '0'], call);
  expect(depths(none)).toEqual([]);
  const withoutText = await record(['--nested-depth', '2', '--query-text', 'none'], call);
  expect(new Set(depths(withoutText))).toEqual(new Set([1, 2]));
  expect(withoutText.recorded.spans.filter(({ attributes }) => 'db.query.text' in attributes)).toEqual([]);
  const sleep = deep.recorded.spans.find(({ name }) => name === 'Timeout:PgSleep');
  expect(within(sleep, executionOf(deep.recorded.spans, sleep))).toBe(true);
  for (const { recorded } of [shallow, deep, none, withoutText])
    expect(JSON.stringify(recorded.spans.map(({ name, attributes }) => [name, attributes]))).not.toContain(
      "'ph_secret'",
    );
});
