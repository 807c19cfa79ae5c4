/**
 * A recording of a small shop, made by the real telemetry from invented events: frequent and slow queries, a slow phase in the middle,
 * errors, waits, traces of a client, background processes, losses. The same numbers each time.
 */
import {
  createTelemetry,
  type HostServer,
  hostResource,
  openFileExporter,
  ownResource,
  type Telemetry,
} from '../../../../agent/telemetry.js';
import {
  type AggregateEvent,
  type Blocker,
  type Counters,
  type FileOperation,
  type IoEvent,
  type LongWait,
  PHASES,
  type StatementEvent,
  type WaitSum,
} from '../../../../agent/tracer.js';
import { postgres18 } from '../../../../agent/waits/tables/postgres-18.js';

export interface ShopOptions {
  seconds: number;
  intervalSeconds: number;
  /** Unix seconds. */
  startSeconds: number;
  /** Beside the shop's own eight. */
  otherQueries: number;
  losses: Record<string, number>;
  /** False: as older versions recorded, without waits and background processes. */
  waits: boolean;
  /** `waits`: time alone, without calls, durations and statements. `phases`: statements by phase, too, one with a trigger. */
  level: 'statements' | 'waits' | 'phases';
  server: HostServer;
}

export const SHOP: ShopOptions = {
  seconds: 300,
  intervalSeconds: 5,
  startSeconds: Date.UTC(2026, 0, 2, 14, 30, 5) / 1000,
  otherQueries: 40,
  losses: {},
  waits: true,
  level: 'statements',
  server: { pid: 4711, dataDirectory: '/var/lib/postgresql/18/main', version: '18.4' },
};

interface ShopQuery {
  summary: string;
  text: string;
  perSecond: number;
  /** Seconds. */
  median: number;
  /** Standard deviation of the logarithm: 0.3 narrow, 1 wide. */
  spread: number;
  rows: number;
  cpuShare: number;
  errorShare?: number;
  sqlstate?: string;
  /** Slows down while the report runs. */
  suffers?: boolean;
  counters?: Counters;
  /** What it waits for, and which share of its waiting time that is; default: IO:DataFileRead alone. */
  waits?: Record<string, number>;
}

const QUERIES: ShopQuery[] = [
  {
    summary: 'SELECT products',
    text: 'SELECT id, name, price, stock FROM products WHERE id = $1',
    perSecond: 900,
    median: 0.00018,
    spread: 0.35,
    rows: 1,
    cpuShare: 0.8,
    counters: { sharedBlocksHit: 4 },
  },
  {
    summary: 'SELECT orders order_items products',
    text: 'SELECT o.id, o.placed_at, i.quantity, p.name, p.price\nFROM orders o\nJOIN order_items i ON i.order_id = o.id\nJOIN products p ON p.id = i.product_id\nWHERE o.customer_id = $1\nORDER BY o.placed_at DESC\nLIMIT $2',
    perSecond: 120,
    median: 0.0021,
    spread: 0.5,
    rows: 14,
    cpuShare: 0.7,
    suffers: true,
    counters: { sharedBlocksHit: 60, sharedBlocksRead: 3 },
  },
  {
    summary: 'UPDATE products',
    text: 'UPDATE products SET stock = stock - $1 WHERE id = $2',
    perSecond: 60,
    median: 0.0015,
    spread: 0.7,
    rows: 1,
    cpuShare: 0.15,
    suffers: true,
    errorShare: 0.004,
    sqlstate: '23514',
    waits: { 'Lock:transactionid': 0.7, 'LWLock:WALWrite': 0.1, 'IO:WalSync': 0.2 },
    counters: { walBytes: 320, walRecords: 3, sharedBlocksDirtied: 2, storageWriteBytes: 8192 },
  },
  {
    summary: 'INSERT orders',
    text: 'INSERT INTO orders (customer_id, placed_at, total) VALUES ($1, now(), $2) RETURNING id',
    perSecond: 55,
    median: 0.0012,
    spread: 0.4,
    rows: 1,
    cpuShare: 0.2,
    errorShare: 0.002,
    sqlstate: '23503',
    counters: { walBytes: 540, walRecords: 5 },
  },
  {
    summary: 'INSERT order_items',
    text: 'INSERT INTO order_items (order_id, product_id, quantity) VALUES ($1, $2, $3)',
    perSecond: 160,
    median: 0.0006,
    spread: 0.4,
    rows: 1,
    cpuShare: 0.3,
    counters: { walBytes: 210, walRecords: 2 },
  },
  {
    summary: 'SELECT customers',
    text: 'SELECT * FROM customers WHERE lower(email) = $1',
    perSecond: 35,
    median: 0.0048,
    spread: 0.25,
    rows: 1,
    cpuShare: 0.95,
    counters: { sharedBlocksHit: 820, sharedBlocksRead: 12 },
  },
  {
    summary: 'SELECT order_items products',
    text: 'SELECT p.category, sum(i.quantity * p.price) AS revenue\nFROM order_items i JOIN products p ON p.id = i.product_id\nGROUP BY p.category ORDER BY revenue DESC',
    perSecond: 0.4,
    median: 0.48,
    spread: 0.35,
    rows: 24,
    cpuShare: 0.6,
    suffers: true,
    errorShare: 0.08,
    sqlstate: '57014',
    counters: {
      sharedBlocksHit: 30_000,
      sharedBlocksRead: 9000,
      tempBlocksRead: 800,
      tempBlocksWritten: 800,
      storageReadBytes: 70_000_000,
    },
  },
  {
    summary: 'COMMIT',
    text: 'COMMIT',
    perSecond: 60,
    median: 0.0009,
    spread: 0.6,
    rows: 0,
    cpuShare: 0.1,
    suffers: true,
    waits: { 'IO:WalSync': 0.8, 'LWLock:WALWrite': 0.2 },
    counters: { walBytes: 60, walRecords: 1 },
  },
];

/** Writes the recording to `path`; resolves when the file is complete. */
export async function recordShop(path: string, given: Partial<ShopOptions> = {}): Promise<void> {
  const options = { ...SHOP, ...given };
  const scope = { name: 'pgscope', version: '0.1.0' };
  const host = { hostName: 'shop-db-1', hostId: 'c0ffee' };
  let nowSeconds = options.startSeconds;
  const exporter = await openFileExporter(path, scope, () => {});
  const telemetry = createTelemetry({
    exporters: [exporter],
    scope,
    resource: ownResource(scope.version, host),
    clock: () => BigInt(Math.round(nowSeconds * 1e6)) * 1000n,
  });
  telemetry.addTarget('shop', hostResource(options.server, host, {}));
  telemetry.identity({ type: 'identity', target: 'shop', databaseOid: 5, database: 'shop', userOid: 10, user: 'app' });
  const queries = [...QUERIES, ...Array.from({ length: options.otherQueries }, (_, index) => otherQuery(index))];
  for (const [index, { summary, text }] of queries.entries())
    telemetry.query('shop', fingerprintOf(index), { summary, text });
  const random = seeded(7);
  for (let passed = 0; passed < options.seconds; passed += options.intervalSeconds) {
    nowSeconds += options.intervalSeconds;
    const strain = passed / options.seconds > 0.55 && passed / options.seconds < 0.7 ? 9 : 1;
    for (const [index, query] of queries.entries()) {
      runQuery({ telemetry, query, index, seconds: options.intervalSeconds, nowSeconds, strain, random, options });
    }
    if (options.waits) runBackground(telemetry, options.intervalSeconds, strain);
    if (options.waits && options.level !== 'waits' && passed % 60 === 30) runChain(telemetry, nowSeconds);
    telemetry.drained({
      type: 'drained',
      unixNano: String(BigInt(Math.round(nowSeconds * 1e6)) * 1000n),
      targets: [{ target: 'shop', pid: options.server.pid, backends: 24 }],
      losses: options.losses,
      bpf: { runTimeNs: 0, runCount: 0 },
    });
    telemetry.collect();
    await telemetry.flush(10_000);
  }
  await telemetry.shutdown(10_000);
}

function otherQuery(index: number): ShopQuery {
  const table = ['sessions', 'carts', 'reviews', 'suppliers', 'warehouses', 'coupons', 'shipments', 'audit_log'][
    index % 8
  ];
  return {
    summary: `SELECT ${table}_${index}`,
    text: `SELECT * FROM ${table}_${index} WHERE id = $1`,
    perSecond: 12 / (index + 1),
    median: 0.0004 * (1 + (index % 7)),
    spread: 0.5,
    rows: 2,
    cpuShare: 0.6,
  };
}

interface Run {
  telemetry: Telemetry;
  query: ShopQuery;
  index: number;
  seconds: number;
  nowSeconds: number;
  strain: number;
  random: () => number;
  options: ShopOptions;
}

function runQuery({ telemetry, query, index, seconds, nowSeconds, strain, random, options }: Run): void {
  const slow = query.suffers === true ? strain : 1;
  const count = Math.floor(query.perSecond * seconds + random());
  if (count === 0) return;
  const durations = Array.from({ length: count }, () => query.median * slow * Math.exp(query.spread * normal(random)));
  const failed = durations.filter(() => random() < (query.errorShare ?? 0));
  const totalNs = Math.round(durations.reduce((sum, each) => sum + each, 0) * 1e9);
  const scaled = Object.entries(query.counters ?? {}).map(([name, each]) => [name, each * count]);
  const cpuNs = Math.round((totalNs * query.cpuShare) / slow);
  const runQueueNs = Math.round(totalNs * 0.02);
  const statementsAlone = {
    calls: count - failed.length,
    errors: failed.length,
    rows: query.rows * count,
    durationNs: totalNs,
    networkReceivedBytes: 80 * count,
    networkSentBytes: 60 * query.rows * count,
    durations: bucketsOf(durations),
  };
  const aggregate: AggregateEvent = {
    ...Object.fromEntries(scaled),
    type: 'aggregate',
    target: 'shop',
    fingerprint: fingerprintOf(index),
    databaseOid: 5,
    userOid: 10,
    ...(options.level === 'waits' ? { calls: 0, errors: 0 } : statementsAlone),
    ...(options.level === 'phases' ? phaseCounters(totalNs) : {}),
    cpuNs,
    runQueueNs,
    ...(options.waits ? { waits: waitsOf(query, totalNs - cpuNs - runQueueNs, count) } : {}),
  };
  telemetry.aggregate(aggregate);
  if (options.level === 'waits') return;
  for (const duration of durations) {
    const isFailed = failed.includes(duration);
    if (isFailed || duration > 0.1)
      for (const event of statements({ query, index, duration, isFailed, nowSeconds, random, options }))
        telemetry.statement(event);
  }
}

interface Statement {
  query: ShopQuery;
  index: number;
  duration: number;
  isFailed: boolean;
  nowSeconds: number;
  random: () => number;
  options: ShopOptions;
}

/** A captured statement; in six of ten cases a client's request brought it, with other statements before and after. */
function statements(given: Statement): StatementEvent[] {
  const { random, duration, nowSeconds } = given;
  const start = nowSeconds - random() - duration;
  if (random() > 0.6) return [statement(given, start)];
  const traceId = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
  const traced = {
    traceContext: { source: 'sqlcomment' as const, value: `='00-${traceId}-00f067aa0ba902b7-01'`, stale: false },
  };
  const lead = duration * 0.3 * random();
  const others = [0, 1, 4, 7].map((index, order): StatementEvent => {
    const query = QUERIES[index] as ShopQuery;
    const short = duration * 0.06 * (1 + random());
    const at =
      order < 2 ? start - lead - order * short * 1.4 - short : start + duration * 1.02 + (order - 2) * short * 1.3;
    return {
      ...statement({ ...given, query, index, duration: short, isFailed: false }, at),
      reason: 'traced',
      ...traced,
    };
  });
  return [...others, { ...statement(given, start), ...traced }];
}

function statement({ query, index, duration, isFailed, options }: Statement, start: number): StatementEvent {
  const waitNs = Math.max(0, Math.round(duration * (0.98 - query.cpuShare) * 1e9));
  const waits = waitsOf(query, waitNs, 1);
  return {
    type: 'statement',
    target: 'shop',
    fingerprint: fingerprintOf(index),
    reason: isFailed ? 'failed' : 'slow',
    pid: 5000 + index,
    databaseOid: 5,
    userOid: 10,
    application: 'checkout',
    queryId: '0',
    startUnixNano: String(BigInt(Math.round(start * 1e6)) * 1000n),
    durationNs: Math.round(duration * 1e9),
    tag: isFailed ? '' : (query.summary.split(' ')[0] ?? ''),
    ...(isFailed ? { sqlstate: query.sqlstate ?? 'XX000' } : { rows: query.rows }),
    cpuNs: Math.round(duration * query.cpuShare * 1e9),
    runQueueNs: Math.round(duration * 0.02 * 1e9),
    ...(options.waits ? { waits, longWaits: longWaitsOf(waits, start) } : {}),
    ...(options.level === 'phases' ? phasesOf(start, duration * 1e9) : {}),
  };
}

const PHASE_SHARES = { parse: 0.01, analyze: 0.02, bind: 0.01, plan: 0.06, execute: 0.7, commit: 0.2 };

function phaseCounters(ns: number): Counters {
  return Object.fromEntries(
    Object.entries(PHASE_SHARES).map(([phase, share]) => [`${phase}Ns`, Math.round(ns * share)]),
  );
}

/** One phase behind the other; a trigger looks 40 times into the audit log, and writes there within each of them. */
function phasesOf(start: number, ns: number): Partial<StatementEvent> {
  const at = (share: number) => String(BigInt(Math.round((start + (ns * share) / 1e9) * 1e6)) * 1000n);
  let passed = 0;
  const phases = PHASES.map((phase) => {
    const startUnixNano = at(passed);
    passed += PHASE_SHARES[phase];
    return { phase, startUnixNano, ns: Math.round(ns * PHASE_SHARES[phase]) };
  });
  const nested = [fingerprintOf(QUERIES.length + 7), '0000000000000001'].map((fingerprint, depth) => ({
    fingerprint,
    depth: depth + 1,
    ...(depth === 0 ? {} : { parent: depth - 1 }),
    calls: 40 ** (1 - depth),
    startUnixNano: at(0.3),
    spanNs: Math.round(ns * 0.4),
    durationNs: Math.round(ns * 0.2),
  }));
  return { ...phaseCounters(ns), phases, nested };
}

function waitsOf({ waits = { 'IO:DataFileRead': 1 } }: ShopQuery, waitNs: number, count: number): WaitSum[] {
  return Object.entries(waits).map(([name, share]) => {
    return { event: eventNumber(name), count, waitNs: Math.max(0, Math.round(waitNs * share)) };
  });
}

/** One after the other. */
function longWaitsOf(waits: readonly WaitSum[], start: number): LongWait[] {
  let at = start;
  return waits.map(({ event, waitNs }) => {
    const startUnixNano = String(BigInt(Math.round(at * 1e6)) * 1000n);
    at += waitNs / 1e9;
    return { event, startUnixNano, waitNs };
  });
}

/** PostgreSQL 18's number of `Lock:transactionid`. */
function eventNumber(name: string): number {
  const [type, event] = name.split(':');
  for (const [number, { type: own, names }] of Object.entries(postgres18.classes))
    for (const [at, each] of Object.entries(names))
      if (own === type && each === event) return Number(number) * 2 ** 24 + Number(at);
  throw new Error(`PostgreSQL 18 has no wait event ${name}`);
}

/** One whose client thinks for 4 s in a transaction, one that waits for its row and then works on, two that wait for that one. */
function runChain(telemetry: Telemetry, nowSeconds: number): void {
  const at = (seconds: number) => String(BigInt(Math.round((nowSeconds - 9 + seconds) * 1e6)) * 1000n);
  const session = (pid: number, began: number, text: string, state = 'active') => {
    const described = { summary: text.split(' ').slice(0, 2).join(' '), text };
    return { pid, waiting: false, state, application: 'checkout', transactionStartUnixNano: at(began), described };
  };
  const thinking = session(6001, 0, 'UPDATE products SET price = $1', 'idle in transaction');
  const working = session(6002, 1, 'UPDATE products SET stock = stock - $1 WHERE id = $2');
  const lock = ([from, to]: [number, number], mode: number, blockers: Blocker[]): LongWait => ({
    event: eventNumber(mode === 5 ? 'Lock:transactionid' : 'Lock:relation') + mode * 65_536,
    startUnixNano: at(from),
    waitNs: (to - from) * 1e9,
    lock: { mode, fields: mode === 5 ? [771, 0, 0, 0] : [5, 16_384, 0, 0], blockers },
  });
  const waited = (pid: number, index: number, wait: LongWait, failed?: string): StatementEvent => ({
    type: 'statement',
    target: 'shop',
    fingerprint: fingerprintOf(index),
    reason: 'slow',
    pid,
    databaseOid: 5,
    userOid: 10,
    application: 'checkout',
    queryId: '0',
    startUnixNano: wait.startUnixNano,
    durationNs: wait.waitNs + 2e6,
    tag: failed === undefined ? 'UPDATE' : '',
    ...(failed === undefined ? {} : { sqlstate: failed }),
    cpuNs: 1e6,
    waits: [{ event: wait.event, count: 1, waitNs: wait.waitNs }],
    longWaits: [wait],
  });
  for (const event of [
    waited(6002, 2, lock([1, 5], 5, [thinking])),
    waited(6003, 6, lock([2, 7.5], 8, [thinking, working])),
    waited(6004, 4, lock([3, 6], 3, [{ ...session(6003, 2, 'SELECT order_items'), waiting: true }]), '55P03'),
  ])
    telemetry.statement(event);
}

function runBackground(telemetry: Telemetry, seconds: number, strain: number): void {
  const common = { type: 'aggregate' as const, target: 'shop', databaseOid: 0, userOid: 0, calls: 0, errors: 0 };
  const sync = { event: eventNumber('IO:DataFileSync'), count: 3, waitNs: 0.05e9 * strain * seconds };
  const idle = { event: eventNumber('Activity:CheckpointerMain'), count: 1, waitNs: 0.5e9 * seconds };
  const checkpointer = {
    cpuNs: 0.01e9 * seconds,
    storageWriteBytes: 1e6 * seconds,
    walBytes: 200,
    waits: [sync, idle],
  };
  telemetry.aggregate({ ...common, fingerprint: '0000000000000105', backendType: 'checkpointer', ...checkpointer });
  const walwriter = { cpuNs: 0.002e9 * seconds, runQueueNs: 0.001e9 * seconds };
  telemetry.aggregate({ ...common, fingerprint: '000000000000010d', backendType: 'walwriter', ...walwriter });
  runFiles(telemetry, seconds);
}

function runFiles(telemetry: Telemetry, seconds: number): void {
  const calls = (backendType: string, operation: FileOperation, event: string, told: Partial<IoEvent>): void => {
    const { calls: count = 0, durations = bucketsOf(new Array<number>(count).fill(0.00002)) } = told;
    const durationNs = told.durationNs ?? count * 20_000;
    const common = { type: 'io' as const, target: 'shop', backendType, operation, event: eventNumber(event) };
    telemetry.io({ ...common, calls: count, ...told, durationNs, durations });
  };
  const blocks = 100 * seconds;
  calls('io worker', 'read', 'IO:DataFileRead', { calls: blocks, bytes: blocks * 8192, storageReadBytes: 40 * 8192 });
  calls('client backend', 'read', 'IO:DataFileRead', { calls: 3, bytes: 3 * 8192 });
  calls('checkpointer', 'write', 'IO:DataFileWrite', { calls: blocks, bytes: blocks * 8192 });
  const durations = bucketsOf([0.004, 0.005, 0.09]);
  calls('client backend', 'sync', 'IO:WalSync', { calls: 3, errors: 1, durationNs: 99e6, durations });
  calls('client backend', 'write', 'IO:BuffileWrite', { calls: 8, bytes: 65536 });
}

export function fingerprintOf(index: number): string {
  return (index + 1).toString(16).padStart(16, 'a');
}

/** The exponential histogram of scale 3, as the tracer sends it. */
function bucketsOf(durations: readonly number[]): { scale: number; offset: number; counts: number[] } {
  const indices = durations.map((each) => Math.ceil(Math.log2(each) * 8) - 1);
  const offset = Math.min(...indices);
  const counts = new Array<number>(Math.max(...indices) - offset + 1).fill(0);
  for (const index of indices) counts[index - offset] = (counts[index - offset] ?? 0) + 1;
  return { scale: 3, offset, counts };
}

/** Park and Miller's generator: numbers from 0 to 1, the same for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
}
