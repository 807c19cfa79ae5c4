/** What a recording's metrics say of a known workload is what pg_stat_statements says of it: calls, rows, errors. */
import { afterAll, afterEach, expect, jest, test } from '@jest/globals';
import { Recorded } from '../../command/otlp.js';
import { Command, scratchFile, stopCommands } from '../../command.js';
import { statementRows, sumRows } from '../../fidelity/statistics.js';
import { browse, buyAndSell, createShop, QUIET } from '../../fidelity/workload.js';
import { frames, Wire } from '../../servers/wire.js';
import { startServer, stopServers } from '../../servers.js';

jest.setTimeout(180_000);

afterEach(async () => {
  await stopCommands();
  await stopServers();
});
afterAll(stopServers);

/** Each query has a name in it that no other one has; [marker, text, times]. */
const MARKED = [
  ['m_one', "select 'x' as m_one", 7],
  ['m_many', 'select i as m_many from generate_series(1, 11) as i', 5],
  ['m_list', 'select 1 as m_list where 1 in (1, 2, 3)', 4],
  ['m_made', 'create table pile as select 1 as id, 2 as m_made', 1],
  ['m_put', 'insert into pile as m_put select generate_series(1, 30)', 3],
  ['m_changed', 'update pile as m_changed set id = id + 1 where id < 10', 2],
  ['m_gone', 'delete from pile as m_gone where id > 20', 2],
  ['m_failed', 'select 1/0 as m_failed', 6],
] as const;

test('calls, rows and errors, in all and query by query', async () => {
  const server = await startServer({ build: 'n18', settings: QUIET, statementStatistics: true });
  await createShop(server);
  await server.sql('select pg_stat_statements_reset()');
  const file = scratchFile('recording.jsonl');
  const args = ['--pid', String(server.pid), '--otlp-file', file, '--interval', '1s', '--max-queries', '10000'];
  const command = Command.start(['record', ...args]);
  await command.says('recording PostgreSQL');

  await browse(server, 10);
  await buyAndSell(server, 10);
  const wire = await Wire.connect(server);
  for (const [, text, times] of MARKED) for (let i = 0; i < times; i++) await wire.run(frames.query(text));
  await wire.end();
  expect((await command.end()).exitCode).toBe(0);

  // Read after the recording, so that this statement is in neither; the reset's own is in pg_stat_statements alone.
  const rows = (await statementRows(server)).filter(({ query }) => !query.includes('pg_stat_statements_reset'));
  const recorded = Recorded.fromFile(file);
  for (const [marker, , times] of MARKED) {
    const expected = sumRows(rows.filter(({ query }) => query.includes(` ${marker}`)));
    expect({ marker, calls: recorded.ofQuery(` ${marker}`, 'postgresql.query.calls') }).toEqual({
      marker,
      calls: expected.calls,
    });
    expect({ marker, rows: recorded.ofQuery(` ${marker}`, 'postgresql.query.rows') }).toEqual({
      marker,
      rows: expected.rows,
    });
    if (marker === 'm_failed') expect(recorded.ofQuery(marker, 'postgresql.query.errors')).toBe(times);
    else expect(expected.calls).toBe(times);
  }
  const all = sumRows(rows);
  expect(all.calls).toBeGreaterThan(100);
  expect(recorded.total('postgresql.query.calls')).toBe(all.calls);
  expect(recorded.total('postgresql.query.rows')).toBe(all.rows);
  expect(recorded.total('postgresql.query.errors')).toBe(6);
  expect(recorded.total('postgresql.query.duration')).toBe(all.calls + 6);
  expect(recorded.decreases()).toEqual([]);
  expect(recorded.losses()).toEqual({});
});
