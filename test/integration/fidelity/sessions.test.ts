/** Sessions of every kind: however they come, whatever the server shows of itself, their statements are counted. */
import { describe, expect, test } from '@jest/globals';
import { onEachBuild } from '../../fidelity.js';
import { frames, sqlstatesOf, Wire } from '../../servers/wire.js';

const { bind, describePortal, execute, parse, query, sync } = frames;

/** A server that hides what it does: no activity in its table of backends, no text in the process titles. */
const HIDDEN = { track_activities: 'off', update_process_title: 'off', cluster_name: 'a cluster: with (a) name' };

describe.each([
  ['as PostgreSQL comes', {}],
  ['with track_activities and update_process_title off and a cluster_name', HIDDEN],
])('a server %s', (_, settings) => {
  onEachBuild(
    (bench) => {
      test('connections that live for one statement', async () => {
        for (let i = 0; i < 30; i++) {
          await bench.session(async (wire) => {
            await wire.run(query(`select ${i} as f_short`));
          });
        }
        await bench.expectSame('f_short', { calls: 30, rows: 30 });
      });

      test('connections over TCP and over the unix socket, with their bytes and addresses', async () => {
        const text = `select 1 as f_bytes /* ${'x'.repeat(1000)} */`;
        for (const over of ['tcp', 'unix'] as const) {
          await bench.recording.settings({ minDurationNs: 0 });
          await bench.session(
            async (wire) => {
              for (let i = 0; i < 5; i++) await wire.run(query(text));
            },
            { over, parameters: { application_name: `over ${over}` } },
          );
        }
        await bench.recording.settings({});
        const ours = await bench.expectSame('f_bytes', { calls: 10, rows: 10 });
        const records = await bench.recording.records('f_bytes');
        const addresses = records.map(({ application, clientAddress }) => `${application}: ${clientAddress}`);
        expect([...new Set(addresses)]).toEqual(['over tcp: 127.0.0.1', 'over unix: undefined']);
        const received = 5 + Buffer.byteLength(text) + 1;
        expect(ours.counter('networkReceivedBytes')).toBe(10 * received);
        // RowDescription 32, DataRow 12, CommandComplete 14, ReadyForQuery 6 bytes, as the protocol has it.
        expect(ours.counter('networkSentBytes')).toBe(10 * (7 + 'f_bytes'.length + 1 + 18 + 12 + 14 + 6));
      });

      test('TLS connections', async () => {
        const client = await bench.server.client({ ssl: { rejectUnauthorized: false } });
        const backend = client as unknown as { processID: number };
        for (let i = 0; i < 5; i++) await client.query('select $1::int as f_tls', [i]);
        await client.end();
        expect(backend.processID).toBeGreaterThan(0);
        await bench.recording.until(
          () => bench.recording.aggregates.some((event) => bench.recording.text(event).includes('f_tls')),
          'f_tls',
        );
        const ours = await bench.expectSame('f_tls', { calls: 5, rows: 5 });
        expect(ours.counter('networkReceivedBytes')).toBeGreaterThan(100);
      });

      test('text longer than any buffer', async () => {
        const long = (size: number) => `select length('${'long text '.repeat(size / 10)}') as f_long`;
        await bench.session(async (wire) => {
          for (const size of [1000, 20_000, 1_000_000]) {
            expect(sqlstatesOf(await wire.run(query(long(size))))).toEqual([]);
            await wire.run(parse({ text: long(size) }), bind(), describePortal(), execute(), sync());
          }
          await wire.run(query('select 1 as f_after_long'));
        });
        await bench.recording.drain();
        const ours = bench.recording.sum((event) => /^select length\('long text/.test(bench.recording.text(event)));
        expect({ calls: ours.calls, rows: ours.counter('rows') }).toEqual({ calls: 6, rows: 6 });
        await bench.expectSame('f_after_long', { calls: 1, rows: 1 });
        const truncated = ours.fingerprints.map(
          (fingerprint) => bench.recording.query('local', fingerprint)?.truncated,
        );
        expect(truncated).toContain(true);
      });

      test('text that is invalid in any encoding', async () => {
        const bytes = Buffer.from("select '\xff\xfe\xc3' as f_invalid", 'latin1');
        await bench.session(async (wire) => {
          expect(sqlstatesOf(await wire.run(query(bytes)))).toEqual(['22021']);
          expect(sqlstatesOf(await wire.run(parse({ text: bytes }), sync()))).toEqual(['22021']);
          await wire.run(query("create database f_ascii encoding 'SQL_ASCII' locale 'C' template template0"));
        });
        const parameters = { database: 'f_ascii', client_encoding: 'SQL_ASCII' };
        await bench.session(
          async (wire) => {
            for (let i = 0; i < 3; i++) expect(sqlstatesOf(await wire.run(query(bytes)))).toEqual([]);
            const table = Buffer.from('create table f_invalid_\xff\xfe (one int)', 'latin1');
            expect(sqlstatesOf(await wire.run(query(table)))).toEqual([]);
          },
          { parameters },
        );
        const ours = await bench.recording.totals('f_invalid');
        expect({ calls: ours.calls, rows: ours.counter('rows') }).toEqual({ calls: 4, rows: 3 });
        expect(ours.texts).toContain('create table f_invalid_\ufffd\ufffd (one int)');
        expect(await bench.recording.losses()).not.toHaveProperty('textUnreadable');
      });

      test('several sessions at once', async () => {
        await bench.server.pgbench(['-i', '-s', '1', '-q']);
        // Planning reads the first page of an index once, which pg_stat_statements does not count.
        await bench.server.pgbench(['-n', '-t', '1']);
        await bench.reset();
        await bench.server.pgbench(['-n', '-S', '-M', 'prepared', '-c', '8', '-t', '200']);
        await bench.server.pgbench(['-n', '-N', '-M', 'extended', '-c', '8', '-t', '50']);
        await bench.recording.until(
          () => bench.recording.sum((event) => bench.recording.text(event).startsWith('SELECT abalance')).calls >= 2000,
          'the SELECTs of pgbench',
        );
        await bench.expectSame('SELECT abalance', { calls: 2000, rows: 2000 });
        await bench.expectSame('INSERT INTO pgbench_history', { calls: 400, rows: 400 });
      });

      test('a connection whose user or database is refused leaves no statement', async () => {
        await expect(Wire.connect(bench.server, { parameters: { database: 'f_nowhere' } })).rejects.toThrow(
          /f_nowhere/,
        );
        await expect(Wire.connect(bench.server, { parameters: { user: 'f_nobody' } })).rejects.toThrow(/f_nobody/);
        const ours = await bench.recording.totals('f_no');
        expect({ calls: ours.calls, errors: ours.errors }).toEqual({ calls: 0, errors: 0 });
      });

      test('nothing was lost on the way', async () => {
        const { textTruncated, ...others } = await bench.recording.losses();
        expect(textTruncated).toBeGreaterThan(0);
        expect(others).toEqual({});
        expect(bench.recording.hooks.filter(({ state }) => state === 'silent')).toEqual([]);
      });
    },
    { settings, tls: true },
  );
});
