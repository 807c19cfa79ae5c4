/** `report` of what `record` has written of a real server. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { CANARY, traces } from '../../command/canary.js';
import { Command, run, scratchFile, stopCommands } from '../../command.js';
import { frames, Wire } from '../../servers/wire.js';
import { type Server, startServer, stopServers } from '../../servers.js';

jest.setTimeout(120_000);

const TRACE_PARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

let page = '';
let said = '';
beforeAll(async () => {
  const server = await startServer({ build: 'n18' });
  await server.sql('create table ordered (id int primary key, item text)');
  const recording = await record(server);
  const html = scratchFile('report.html');
  const { exitCode, stdout, stderr } = await run(['report', '--from', recording, '--html', html]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  [page, said] = [readFileSync(html, 'utf8'), stdout];
});
afterAll(async () => {
  await stopCommands();
  await stopServers();
});

/** A file with fast, slow, failed and traced statements. */
async function record(server: Server): Promise<string> {
  const file = scratchFile('recording.jsonl');
  const options = ['--otlp-file', file, '--interval', '1s', '--min-duration', '10ms'];
  const command = Command.start(['record', '--pid', String(server.pid), ...options]);
  await command.says('recording PostgreSQL');
  const wire = await Wire.connect(server);
  const send = (text: string) => wire.run(frames.query(text));
  for (let i = 0; i < 50; i++) await send(`select item from ordered where id = ${i} and item <> '${CANARY}'`);
  await waitForLock(server, wire);
  await send(`insert into ordered values (1, '${CANARY}')`);
  await send(`insert into ordered values (1, '${CANARY}')`);
  await send('select pg_sleep(0.05), count(*) from ordered');
  await send(`select max(item) from ordered /*traceparent='${TRACE_PARENT}'*/`);
  await send(`set app.secret = ${CANARY}`);
  await send(`select * form ordered where item = ${CANARY}`);
  await wire.end();
  expect((await command.end()).exitCode).toBe(0);
  return file;
}

/** A statement that waits for another session's lock for 300 ms, and a checkpoint. */
async function waitForLock(server: Server, wire: Wire): Promise<void> {
  const holder = await Wire.connect(server);
  await holder.run(frames.query('begin; lock table ordered'));
  const waiting = wire.run(frames.query('delete from ordered'));
  await holder.run(frames.query('select pg_sleep(0.3)'));
  await holder.run(frames.query('commit; checkpoint'));
  await waiting;
  await holder.end();
}

/** The markup of a section. */
function section(id: string): string {
  return new RegExp(`<section id="${id}">[\\s\\S]*?</section>`).exec(page)?.[0] ?? '';
}

test('one page that loads nothing', () => {
  const tags = page.replace(/<(style|script)>[\s\S]*?<\/\1>/g, '').match(/<[^>]*>/g) ?? [];
  expect(tags.length).toBeGreaterThan(100);
  for (const tag of tags) expect(tag).not.toMatch(/\s(src|srcset|href|action|data|poster)="(?!data:,"|#)/);
  expect(page).not.toMatch(/https?:\/\/|@import|url\(/);
  expect(page).toMatch(/<h1>PostgreSQL 18\.\d+ on [^<]+<\/h1>/);
  expect(said).toMatch(/report\.html: \d+ queries, \d+ captured statements, \d+ KiB\n$/);
});

test('the queries with their texts, the slowest ones first', () => {
  const queries = section('queries');
  const texts = Array.from(queries.matchAll(/<pre class="sql">([^<]*)<\/pre>/g), ([, text]) => text);
  expect(texts.slice(0, 2).toSorted()).toEqual(['delete from ordered', 'select pg_sleep($1)']);
  expect(texts.slice(2, 4)).toContain('select pg_sleep($1), count(*) from ordered');
  expect(texts).toContain('select item from ordered where id = $1 and item &#60;&#62; $2');
  expect(texts).toContain('set app.secret = $1');
  expect(queries).toMatch(/SELECT ordered[\s\S]*?>50</);
});

test('active sessions by wait class, and the events that took the time', () => {
  expect(section('sessions')).toMatch(/class="band w-timeout"[\s\S]*<li><i class="swatch w-timeout">/);
  expect(section('sessions')).toContain('class="band w-lock"');
  const time = section('time');
  expect(time).toMatch(/Timeout:PgSleep<\/th><td>3\d\d ms<\/td>/);
  expect(time).toMatch(/Lock:relation<\/th><td>[23]\d\d ms<\/td>[\s\S]*?DELETE ordered \(100 %\)/);
  expect(section('background')).toContain('<th scope="row">checkpointer</th>');
});

test('failed statements with SQLSTATE and condition', () => {
  const failures = section('failures');
  expect(failures).toMatch(/<code>23505<\/code><\/td><td>unique constraint violated[\s\S]*?INSERT ordered/i);
  expect(failures).toContain('<code>42601</code>');
});

test('slow statements as waterfalls with their waits, and the one of a client’s trace', () => {
  const waterfalls = section('slowest').match(/<article class="waterfall">[\s\S]*?<\/article>/g) ?? [];
  const sleeping = waterfalls.find((waterfall) => waterfall.includes('select pg_sleep($1), count(*) from ordered'));
  expect(sleeping).toMatch(/class="bar " style="left:0%;width:100%"/);
  expect(sleeping).toMatch(/>Timeout:PgSleep<[\s\S]*?class="bar w-timeout" style="left:[\d.]+%;width:[89]\d/);
  const locked = waterfalls.find((waterfall) => waterfall.includes('delete from ordered'));
  expect(locked).toMatch(/>Lock:relation<[\s\S]*?class="bar w-lock" style="left:[\d.]+%;width:[89]\d/);
  expect(waterfalls.some((waterfall) => waterfall.includes('4bf92f3577b34da6a3ce929d0e0e4736'))).toBe(true);
});

test('nothing of what is in the statements', () => {
  expect(traces(page)).toEqual([]);
  expect(page).not.toMatch(/NaN|undefined|Infinity|\[object/);
});

test('exit codes: 1 for a file that cannot be read or is none, 2 for a missing option', async () => {
  const html = scratchFile('report.html');
  const absent = await run(['report', '--from', '/nowhere/run.jsonl', '--html', html]);
  expect(absent).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('/nowhere/run.jsonl') });
  const other = await run(['report', '--from', scratchFile('other.txt', 'hello\n'), '--html', html]);
  expect(other).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('is no file of OTLP JSON lines') });
  const missing = await run(['report', '--html', html]);
  expect(missing).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--from is missing') });
});
