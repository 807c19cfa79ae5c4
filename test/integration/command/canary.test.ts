/** A canary in literals and comments of every kind of statement is found in nothing that leaves, unless raw text was asked for. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type Received, type Receiver, startReceiver } from '../../agent/telemetry/export/receiver.js';
import { CANARY, canaryStatements, NUMBER, SETUP, traces } from '../../command/canary.js';
import { Recorded } from '../../command/otlp.js';
import { Command, type Ended, scratchFile, stopCommands } from '../../command.js';
import { waitUntilItWaits } from '../../fidelity/waits.js';
import { frames, Wire } from '../../servers/wire.js';
import { type Server, startServer, stopServers } from '../../servers.js';

jest.setTimeout(240_000);

const APPLICATION = 'the application';
const EVERY_STATEMENT = [
  '--min-duration',
  '0ms',
  '--max-per-second',
  '10000',
  '--max-queries',
  '10000',
  '--interval',
  '1s',
];

interface Outcome extends Ended {
  file: string;
}

let server: Server;
let receiver: Receiver | undefined;
let normalized: Outcome;
let none: Outcome;
let raw: Outcome;

/** One workload, watched by three commands at once. */
beforeAll(async () => {
  server = await startServer({ build: 'n18', settings: { max_prepared_transactions: 2 } });
  receiver = await startReceiver();
  for (const text of SETUP) await server.sql(text);
  const profile = scratchFile(
    'profile.yaml',
    'apiVersion: pgscope.dev/v1alpha1\nkind: PostgresProfile\nspec: {queryText: normalized}\n',
  );
  const watches = await Promise.all([
    watch('-f', profile, '--otlp-endpoint', receiver.url),
    watch('--query-text', 'none'),
    watch('--query-text', 'raw'),
  ]);
  await sendAll();
  const [first, second, third] = await Promise.all(watches.map((end) => end()));
  if (!first || !second || !third) throw new Error('a command has not ended');
  [normalized, none, raw] = [first, second, third];
});
/** One of them at least is looked into while it is held, also on a busy machine. */
const LOCKS = 8;

afterAll(async () => {
  await receiver?.close();
  await stopCommands();
  await stopServers();
});

function received(): Received[] {
  return receiver?.received ?? [];
}

async function watch(...args: string[]): Promise<() => Promise<Outcome>> {
  const file = scratchFile('recording.jsonl');
  const target = ['--pid', String(server.pid), '--otlp-file', file];
  const command = Command.start(['record', ...target, ...EVERY_STATEMENT, ...args]);
  await command.says('recording PostgreSQL');
  return async () => ({ ...(await command.end()), file });
}

/** Each in the simple protocol, in no transaction; then values that are bound. CopyFail ends a COPY and is ignored elsewhere. */
async function sendAll(): Promise<void> {
  const wire = await Wire.connect(server, { parameters: { application_name: APPLICATION } });
  for (const text of canaryStatements()) {
    const state = (await wire.run(frames.query(text), frames.copyFail(CANARY))).at(-1)?.body.toString();
    if (state !== 'I') await wire.run(frames.query('rollback'));
  }
  const { parse, bind, execute, sync } = frames;
  await wire.run(parse({ text: 'select $1::text, $2::bigint' }), bind({ values: [CANARY, NUMBER] }), execute(), sync());
  await wire.run(parse({ text: `select '${CANARY}', $1::int` }), bind({ values: [CANARY] }), execute(), sync());
  await wire.end();
  for (let i = 0; i < LOCKS; i++) await waitForLock();
}

/**
 * A lock that is held by a statement with the canary in it: the span of the one that waits tells of it, unless the lock is free again
 * before the tracer has looked.
 */
async function waitForLock(): Promise<void> {
  const holder = await Wire.connect(server);
  const waiter = await Wire.connect(server);
  await holder.run(frames.query(`select pg_advisory_lock(${NUMBER}), '${CANARY}' /* ${CANARY} */`));
  waiter.send(frames.query(`select pg_advisory_lock(${NUMBER})`));
  await waitUntilItWaits(server, waiter.processId, 'advisory');
  await holder.end();
  await waiter.untilReady();
  await waiter.end();
}

test('normalized: neither the file, nor the requests, nor what the command says shows the canary', () => {
  expect(normalized.exitCode).toBe(0);
  const bodies = received().map(({ body }) => body);
  expect(bodies.length).toBeGreaterThan(2);
  for (const bytes of [readFileSync(normalized.file), normalized.stdout, normalized.stderr, ...bodies])
    expect(traces(bytes)).toEqual([]);
});

test('normalized: who held a lock is told with the text, too', () => {
  const { spans } = Recorded.fromFile(normalized.file);
  const held = spans.filter(({ name }) => name === 'Lock:advisory');
  expect(held.map(({ attributes }) => attributes['pgscope.blocker.query.text'])).toContain(
    'select pg_advisory_lock($1), $2',
  );
});

test('normalized: the statements are there all the same, with their text', () => {
  const { spans } = Recorded.fromFile(normalized.file);
  expect(spans.length).toBeGreaterThanOrEqual(canaryStatements().length);
  const texts = new Set(spans.map(({ attributes }) => attributes['db.query.text']));
  expect(texts).toContain('select $1, $2, $3 from t where a = $4 and id in ($5, ...) or a like $6');
  expect(texts).toContain('copy (select $1) to program $2');
  expect(texts).toContain('alter role bob password $1');
  const sent = Buffer.concat(received().map(({ body }) => body));
  expect(sent.includes('copy (select $1) to program $2')).toBe(true);
});

test('none: no text at all', () => {
  expect(none.exitCode).toBe(0);
  const bytes = readFileSync(none.file);
  for (const leaving of [bytes, none.stdout, none.stderr]) expect(traces(leaving)).toEqual([]);
  expect(bytes.includes('query.text')).toBe(false);
  const recorded = Recorded.fromFile(none.file);
  expect(recorded.spans.length).toBeGreaterThanOrEqual(canaryStatements().length);
  expect(recorded.total('postgresql.query.calls')).toBe(
    Recorded.fromFile(normalized.file).total('postgresql.query.calls'),
  );
});

test('raw: the text as the client sent it, literals and comments', () => {
  expect(traces(readFileSync(raw.file))).not.toEqual([]);
  const texts = Recorded.fromFile(raw.file).spans.map(({ attributes }) => attributes['db.query.text']);
  expect(texts).toContain(`copy (select 1) to program 'cat > /dev/null # ${CANARY}'`);
  expect(texts).toContainEqual(expect.stringMatching(/^\/\* zqcanary \/\* 917351648273 zqcanary \*\/ ' \*\//));
});

test('the name of the application is told as such, and nowhere else', () => {
  for (const { file } of [normalized, none]) {
    const { spans, points } = Recorded.fromFile(file);
    expect(spans.some(({ attributes }) => attributes['postgresql.application_name'] === APPLICATION)).toBe(true);
    for (const {
      name,
      attributes: { 'postgresql.application_name': _, ...others },
    } of spans)
      expect(`${name} ${JSON.stringify(others)}`).not.toContain(APPLICATION);
    expect(JSON.stringify(points.map(({ attributes }) => attributes))).not.toContain(APPLICATION);
  }
});
