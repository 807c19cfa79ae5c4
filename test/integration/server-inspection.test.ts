/** What the tracer reads from a server's memory, field by field, against what the server says of itself in pg_stat_activity. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import type pg from 'pg';
import {
  type Build,
  childrenOf,
  type Server,
  SUPPORTED_BUILDS,
  startServer,
  stopServers,
  waitUntil,
} from '../servers.js';

const CHECKOUT = resolve(import.meta.dirname, '../..');
const PARTS = [
  'server',
  'sites',
  'backends',
  'process',
  'layout',
  'elf',
  'version',
  'errorstack',
  'getter',
  'instruction',
  'portal',
];
const builds: Build[] = ['n13', ...SUPPORTED_BUILDS];
const directory = mkdtempSync(join(tmpdir(), 'pgscope-inspect-'));
const inspectProgram = join(directory, 'inspect');

interface Backend {
  pid: number;
  procpid?: number;
  type?: number;
  verdict: number;
  portDatabase?: string;
  portUser?: string;
  portApplication?: string;
}

interface Inspection {
  version: string;
  major: number;
  verified: boolean;
  executable: string;
  errorStack: boolean;
  missing: string[];
  checked: number;
  types: { client: number; walSender: number; autovacuumLauncher: number; backgroundWorker: number };
  states: { idle: number; running: number; idleInTransaction: number; idleInAborted: number };
  EndCommand: string;
  backends: Backend[];
  reason?: string;
  message?: string;
}

async function inspect(pid: number): Promise<Inspection> {
  const { stdout } = await execa(inspectProgram, [String(pid)]);
  return JSON.parse(stdout) as Inspection;
}

beforeAll(async () => {
  const sources = [...PARTS.map((part) => `bpf/${part}.c`), 'test/bpf/inspect.c'];
  const flags = ['-std=c11', '-D_GNU_SOURCE', '-g', '-fsanitize=address,undefined'];
  await execa('cc', [...flags, '-o', inspectProgram, ...sources], { cwd: CHECKOUT });
}, 60_000);

afterAll(async () => {
  await stopServers();
  rmSync(directory, { recursive: true, force: true });
});

const microseconds = (column: string): string =>
  `coalesce(round(extract(epoch from ${column} - timestamptz '2000-01-01 00:00:00+00') * 1000000)::bigint, 0)::text`;

/** One row for each backend, in the words of test/bpf/inspect.c. */
async function activity(
  observer: pg.Client,
  inspection: Inspection,
): Promise<{ procpid: number; [field: string]: unknown }[]> {
  const { types, states, major } = inspection;
  const queryId = major >= 14 ? ', coalesce(query_id, 0)::text as "queryId"' : '';
  const { rows } = await observer.query(
    `select pid as procpid, datid::int as "databaseOid", usesysid::int as "userOid", application_name as application, query as activity,
       case backend_type when 'client backend' then ${types.client} else ${types.walSender} end as type,
       case state when 'idle' then ${states.idle} when 'active' then ${states.running}
         when 'idle in transaction' then ${states.idleInTransaction}
         when 'idle in transaction (aborted)' then ${states.idleInAborted} end as state,
       ${microseconds('xact_start')} as "transactionStart", ${microseconds('query_start')} as "activityStart",
       ${microseconds('state_change')} as "stateStart", datname as "portDatabase", usename as "portUser",
       application_name as "portApplication"${queryId}
     from pg_stat_activity where backend_type in ('client backend', 'walsender') and pid <> pg_backend_pid() order by pid`,
  );
  return rows;
}

/** One client of each kind and state; resolves when the server shows them so. */
async function clientsOf(server: Server, observer: pg.Client): Promise<{ end: () => Promise<void> }> {
  const open = async (application_name: string, more: object = {}): Promise<pg.Client> =>
    await server.client({ database: 'größe', user: "o'neil", application_name, ...more });
  const idle = await open('idle');
  const transaction = await open('in transaction');
  const aborted = await open('aborted', { host: server.socketDirectory });
  const running = await open('running');
  const replication = await open('replication', { replication: 'database' });
  await idle.query('select $1::int as one', [1]);
  await transaction.query('begin; select 2');
  await aborted.query('begin');
  await expect(aborted.query('select 1/0')).rejects.toThrow('division by zero');
  const sleep = expect(running.query('select pg_sleep(600)')).rejects.toThrow('canceling statement');
  const isRunning = async (): Promise<boolean> =>
    (await observer.query("select from pg_stat_activity where query like 'select pg_sleep%' and state = 'active'"))
      .rowCount === 1;
  expect(await waitUntil(isRunning, 30_000)).toBe(true);
  return {
    end: async () => {
      await observer.query("select pg_cancel_backend(pid) from pg_stat_activity where application_name = 'running'");
      await sleep;
      await Promise.all([idle, transaction, aborted, running, replication].map((client) => client.end()));
    },
  };
}

describe.each(builds)('%s', (build) => {
  test('is inspected as it describes itself', async () => {
    const server = await startServer({ build, statementStatistics: true });
    await server.psql(
      'create role "o\'neil" superuser login;\ncreate database "größe" template template0 encoding \'utf8\'',
    );
    const observer = await server.client();
    const clients = await clientsOf(server, observer);

    const inspection = await inspect(server.pid);
    expect(inspection).toMatchObject({ version: server.version, major: server.major, verified: true, checked: 0 });
    expect(inspection).toMatchObject({ errorStack: true, EndCommand: build === 'd17' ? 'endbr64+push' : 'push' });
    expect(inspection.missing.length).toBe(build === 'n13' ? 1 : 0);
    expect(inspection.backends.map(({ verdict }) => verdict)).not.toContain(-1);
    expect(inspection.backends.map(({ pid }) => pid).sort()).toEqual(
      childrenOf(server.pid)
        .map(({ pid }) => pid)
        .sort(),
    );

    const rows = await activity(observer, inspection);
    expect(rows.length).toBe(5);
    for (const row of rows) {
      const backend = inspection.backends.find(({ procpid }) => procpid === row.procpid);
      expect({ ...backend }).toMatchObject({ ...row, verdict: 1 });
    }

    const some = inspection.backends[0]?.pid ?? 0;
    const refusal = await inspect(some);
    expect(refusal.reason).toBe('NotPostmaster');
    expect(refusal.message).toContain(`postmaster is PID ${server.pid}`);

    await clients.end();
    await observer.end();
  }, 300_000);
});
