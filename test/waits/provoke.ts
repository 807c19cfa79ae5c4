/** Waits of every kind that SQL can bring about, all at once in one server. They end with it. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { frames, rowsOf, Wire } from '../servers/wire.js';
import { type Server, type Settings, waitUntil } from '../servers.js';

const CONNECT_TIMEOUT_MS = 30_000;

export const SETTINGS: Settings = {
  wal_level: 'logical',
  wal_sender_timeout: 0,
  archive_mode: 'on',
  archive_command: '/bin/true',
  // Nobody of that name ever comes; only the session that waits for it commits so.
  synchronous_standby_names: 'nobody',
  synchronous_commit: 'local',
};

/** Made before all transactions, so that VACUUM has to freeze their rows. `large` takes a slow one more than a minute. */
const TABLES = `
  create table sum (id int primary key, value int);
  insert into sum values (1, 0);
  create table pinned as select i from generate_series(1, 100) as i;
  create table indexed as select i from generate_series(1, 100) as i;
  create table locked ();
  create table large as select repeat('x', 1000) from generate_series(1, 5000);
  create publication everything;`;

/** By "type name" as the server shows it: the PID of the process that waits. */
export type Waits = Map<string, number>;

export async function provokeWaits(server: Server): Promise<Waits> {
  await server.psql(TABLES);
  const waits: Waits = new Map();
  /** A session that has done `before`, and stays in the middle of `last`. */
  const wait = async (name: string, before: string[], last: string): Promise<void> => {
    const wire = await sessionOf(server, before);
    wire.send(frames.query(last));
    waits.set(name, wire.processId);
  };

  // First, since a logical slot waits for the transactions that it finds.
  waits.set(`Client WalSenderWaitFor${server.major < 17 ? 'WAL' : 'Wal'}`, await sendLogically(server));
  waits.set('Activity WalSenderMain', await sendPhysically(server));

  waits.set('Client ClientRead', (await sessionOf(server, [])).processId);
  await wait('Timeout PgSleep', [], 'select pg_sleep(600)');
  waits.set('Client ClientWrite', await neverRead(server));

  await sessionOf(server, ['select pg_advisory_lock(1)']);
  await wait('Lock advisory', [], 'select pg_advisory_lock(1)');
  await sessionOf(server, ['begin', 'lock table locked']);
  await wait('Lock relation', [], 'select from locked');
  await sessionOf(server, ['begin', 'update sum set value = 1']);
  await wait('Lock transactionid', [], 'update sum set value = 2');

  await sessionOf(server, ['begin isolation level serializable', 'select from indexed']);
  await wait('IPC SafeSnapshot', ['begin isolation level serializable read only deferrable'], 'select from indexed');
  await wait('Lock virtualxid', [], 'create index concurrently on indexed (i)');
  await sessionOf(server, ['begin', 'declare c cursor for select * from pinned', 'fetch from c']);
  await wait('BufferPin BufferPin', [], 'vacuum (freeze, disable_page_skipping) pinned');
  await wait('Timeout VacuumDelay', ['set vacuum_cost_delay = 100', 'set vacuum_cost_limit = 1'], 'vacuum large');
  await wait('IPC SyncRep', ['set synchronous_commit = on'], 'create table replicated ()');
  return waits;
}

async function sessionOf(server: Server, statements: string[], parameters = {}): Promise<Wire> {
  const wire = await Wire.connect(server, { parameters });
  for (const statement of statements) await wire.run(frames.query(statement));
  return wire;
}

async function sendLogically(server: Server): Promise<number> {
  const slot = 'CREATE_REPLICATION_SLOT waits TEMPORARY LOGICAL pgoutput';
  const wire = await sessionOf(server, [slot], { replication: 'database' });
  const options = "proto_version '1', publication_names 'everything'";
  wire.send(frames.query(`START_REPLICATION SLOT waits LOGICAL 0/0 (${options})`));
  await wire.until('W');
  return wire.processId;
}

async function sendPhysically(server: Server): Promise<number> {
  const wire = await sessionOf(server, [], { replication: 'true' });
  const [identity] = rowsOf(await wire.run(frames.query('IDENTIFY_SYSTEM')));
  wire.send(frames.query(`START_REPLICATION PHYSICAL ${identity?.[2]}`));
  await wire.until('W');
  return wire.processId;
}

/** A client that takes nothing off its socket. */
async function neverRead(server: Server): Promise<number> {
  const socket = connect(server.port, server.host);
  socket.on('error', () => {}); // the server's end
  await once(socket, 'connect');
  socket.pause();
  const application = 'never reads';
  socket.write(frames.startup({ user: 'postgres', database: 'postgres', application_name: application }));
  socket.write(frames.query('select generate_series(1, 10000000)'));
  const find = `select pid from pg_stat_activity where application_name = '${application}'`;
  let pid = 0;
  const isConnected = async (): Promise<boolean> => {
    pid = (await server.sql<{ pid: number }>(find))[0]?.pid ?? 0;
    return pid > 0;
  };
  if (!(await waitUntil(isConnected, CONNECT_TIMEOUT_MS)))
    throw new Error('the client that never reads did not connect');
  return pid;
}
