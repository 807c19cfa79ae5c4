/** The frame-level client: what it sends must be what the fidelity tests mean. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { frames, message, rowsOf, sqlstatesOf, tagsOf, typesOf, Wire } from '../servers/wire.js';
import { type Server, startServer, stopServers, waitUntil } from '../servers.js';

let server: Server;
let wire: Wire;
beforeAll(async () => {
  server = await startServer({ build: 'n18' });
  wire = await Wire.connect(server);
}, 120_000);
afterAll(async () => {
  await wire?.end();
  await stopServers();
});

const { bind, closePortal, copyData, copyDone, describePortal, execute, flush, parse, query, sync } = frames;

describe('the wire client', () => {
  test('runs several statements in one string', async () => {
    expect(tagsOf(await wire.run(query('select 1; select 2 union select 3')))).toEqual(['SELECT 1', 'SELECT 2']);
  });

  test('sends a pipeline of extended statements before one Sync', async () => {
    const one = (text: string) => [parse({ text }), bind(), describePortal(), execute()];
    const answers = await wire.run(...one('select 11'), ...one('select 22'), sync());
    expect(typesOf(answers)).toBe('12TDC12TDCZ');
    expect(rowsOf(answers)).toEqual([['11'], ['22']]);
  });

  test('reads a portal in parts and closes it early', async () => {
    const text = 'select * from generate_series(1, 5)';
    const first = [parse({ text }), bind({ portal: 'p' }), execute({ portal: 'p', maxRows: 2 })];
    const answers = await wire.run(...first, execute({ portal: 'p', maxRows: 2 }), closePortal('p'), sync());
    expect(typesOf(answers)).toBe('12DDsDDs3Z');
  });

  test('passes parameters, also bytes that no encoding allows', async () => {
    const good = await wire.run(
      parse({ text: 'select $1::text, $2::int' }),
      bind({ values: ['x', null] }),
      execute(),
      sync(),
    );
    expect(rowsOf(good)).toEqual([['x', null]]);
    const bytes = Buffer.from("select '\xff\xfe'", 'latin1');
    expect(sqlstatesOf(await wire.run(query(bytes)))).toEqual(['22021']);
  });

  test('copies in both directions', async () => {
    await wire.run(query('create table copied (one int)'));
    wire.send(query('copy copied from stdin'));
    await wire.until('G');
    expect(tagsOf(await wire.run(copyData('1\n2\n'), copyDone()))).toEqual(['COPY 2']);
    expect(typesOf(await wire.run(query('copy copied to stdout')))).toBe('HddcCZ');
  });

  test('flushes without ending the cycle, and cancels', async () => {
    wire.send(parse({ text: 'select pg_sleep(60)' }), flush());
    expect(typesOf(await wire.until('1'))).toBe('1');
    wire.send(bind(), execute(), sync());
    await waitUntil(async () => {
      const rows = await server.sql("select 1 from pg_stat_activity where wait_event = 'PgSleep'");
      return rows.length === 1;
    }, 30_000);
    await wire.cancel();
    expect(sqlstatesOf(await wire.untilReady())).toEqual(['57014']);
  });

  test('speaks over the unix socket, and sees the server close on a broken frame', async () => {
    const other = await Wire.connect(server, { over: 'unix' });
    other.send(message('!', Buffer.from('?')));
    expect(sqlstatesOf(await other.untilClosed())).toEqual(['08P01']);
  });
});
