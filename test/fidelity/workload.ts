/**
 * A small shop's work in every protocol, and the database it runs in: tables that have to be read from disk, sorts that spill,
 * temporary tables, writes.
 */

import { frames, sqlstatesOf, Wire } from '../servers/wire.js';
import type { Server } from '../servers.js';

export const DATABASE = 'shop';

/** A scan of a table of more than a quarter of this goes through a small ring, and reads from disk each time. */
export const SHARED_BUFFERS = '64MB';

/** Nothing but the tests' own sessions may touch blocks or write WAL, so that sums can be compared. */
export const QUIET = {
  shared_buffers: SHARED_BUFFERS,
  autovacuum: 'off',
  checkpoint_timeout: '1d',
  max_wal_size: '4GB',
  wal_level: 'minimal',
  // At commit a table filled after TRUNCATE is synced, not read again and written to the WAL.
  wal_skip_threshold: 0,
  max_wal_senders: 0,
  bgwriter_lru_maxpages: 0,
  max_parallel_workers_per_gather: 0,
  jit: 'off',
};

const TABLES = [
  'create table product (id int primary key, name text, price int, stock int)',
  "insert into product select i, 'product ' || i, i % 997, 100 from generate_series(1, 20000) as i",
  'create table customer (id int primary key, name text, city text)',
  "insert into customer select i, 'customer ' || i, 'city ' || i % 50 from generate_series(1, 5000) as i",
  'create table purchase (id serial primary key, customer int references customer, product int references product, amount int)',
  'insert into purchase (customer, product, amount) select 1 + i % 5000, 1 + i % 20000, i % 7 from generate_series(1, 20000) as i',
  // 25 MB: more than a quarter of the shared buffers.
  'create table event (id int, payload text) with (fillfactor = 50)',
  "insert into event select i, repeat('x', 500) from generate_series(1, 25000) as i",
  'create index on purchase (customer)',
];

type Prepared = [text: string, values: (i: number) => string[]];

const READING = [
  'select count(*) from event',
  'select name, price from product where price between 10 and 20 order by price, name limit 10',
  'select c.city, sum(p.price * o.amount) from purchase o join product p on p.id = o.product join customer c on c.id = o.customer group by c.city',
  "set work_mem = '64kB'; select id, name from product order by name desc, id; reset work_mem",
  'with ranked as (select id, rank() over (partition by price order by stock, id) as r from product) select count(*) from ranked where r = 1',
  'explain analyze select count(*) from customer',
];

const READING_PREPARED: Prepared[] = [
  ['select name from product where id = $1', (i) => [String(i + 1)]],
  [
    'select o.id, p.name from purchase o join product p on p.id = o.product where o.customer = $1',
    (i) => [String((i * 37) % 5000)],
  ],
];

const WRITING = [
  'insert into purchase (customer, product, amount) values (7, 8, 9), (8, 9, 10)',
  'update product set stock = stock - 1 where id in (5, 6, 7)',
  'delete from purchase where amount = 5 and id % 10 = 0',
  "begin; update customer set city = 'somewhere' where id = 3; savepoint one; update customer set city = 'else' where id = 4; rollback to one; commit",
  'do $$ begin for i in 1..20 loop update product set stock = stock + 1 where id = i; end loop; end $$',
  "truncate event; insert into event select i, repeat('y', 500) from generate_series(1, 25000) as i",
  'vacuum analyze customer',
];

const WRITING_PREPARED: Prepared[] = [
  ['update product set stock = stock - $1 where id = $2', (i) => ['1', String(i * 11 + 1)]],
  [
    'insert into purchase (customer, product, amount) values ($1, $2, $3) returning id',
    (i) => [String(1 + i), String(1 + i), '1'],
  ],
];

const TEMPORARY =
  'create temp table basket as select id, price from product where id < 500; update basket set price = price + 1; select sum(price) from basket; drop table basket';

export async function createShop(server: Server): Promise<void> {
  await server.sql(`create database ${DATABASE}`);
  await inShop(server, async (wire) => {
    for (const text of TABLES) await mustRun(wire, frames.query(text));
    await mustRun(wire, frames.query('vacuum analyze'));
    await mustRun(wire, frames.query('create extension pg_prewarm'));
    await mustRun(wire, frames.query('checkpoint'));
  });
}

/** What parsing reads goes into the shared buffers: pgscope counts those reads, pg_stat_statements does not. */
export async function warmCatalogs(server: Server): Promise<void> {
  const forks = "unnest(array['main', 'fsm', 'vm']) as fork";
  const isCatalog = "relnamespace in ('pg_catalog'::regnamespace, 'pg_toast'::regnamespace)";
  const text = `select pg_prewarm(oid, 'buffer', fork) from pg_class, ${forks}
    where relkind in ('r', 'i', 't') and ${isCatalog} and pg_relation_size(oid, fork) > 0`;
  await runOnce(server, [text]);
}

/** Nothing is written, apart from what the reading itself has to. */
export async function browse(server: Server, times: number): Promise<void> {
  await runOnce(server, READING);
  await runPrepared(server, READING_PREPARED, times);
}

export async function buyAndSell(server: Server, times: number): Promise<void> {
  await runOnce(server, WRITING);
  await runPrepared(server, WRITING_PREPARED, times);
}

/** Work on a temporary table. When its session ends, behind the last statement, it cleans up. */
export async function fillBasket(server: Server): Promise<void> {
  await runOnce(server, [TEMPORARY]);
}

/** Each once, in the simple protocol. */
async function runOnce(server: Server, statements: string[]): Promise<void> {
  await inShop(server, async (wire) => {
    for (const text of statements) await mustRun(wire, frames.query(text));
  });
}

/** Each `times` times prepared, and as often in the extended protocol. */
async function runPrepared(server: Server, statements: Prepared[], times: number): Promise<void> {
  const { bind, describePortal, execute, parse, sync } = frames;
  await inShop(server, async (wire) => {
    for (const [index, [text, values]] of statements.entries()) {
      const name = `prepared${index}`;
      await mustRun(wire, parse({ name, text }), sync());
      for (let i = 0; i < times; i++) {
        await mustRun(wire, bind({ statement: name, values: values(i) }), execute(), sync());
        await mustRun(wire, parse({ text }), bind({ values: values(i) }), describePortal(), execute(), sync());
      }
    }
  });
}

async function inShop(server: Server, work: (wire: Wire) => Promise<void>): Promise<void> {
  const wire = await Wire.connect(server, { parameters: { database: DATABASE } });
  try {
    await work(wire);
  } finally {
    await wire.end();
  }
}

async function mustRun(wire: Wire, ...messages: Uint8Array[]): Promise<void> {
  const failures = sqlstatesOf(await wire.run(...messages));
  if (failures.length > 0) throw new Error(`a statement of the workload failed with SQLSTATE ${failures.join(', ')}`);
}
