/** What the shipped trace programs tell of a small shop, made by the real export from invented maps of bpftrace. The same each time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createProgramMetrics } from '../../../../agent/programs/metrics.js';
import { createProgramExport, openProgram } from '../../../../agent/programs.js';
import { hostResource, openFileExporter, ownResource } from '../../../../agent/telemetry.js';

const scope = { name: 'pgscope', version: '0.1.0' };
const host = { hostName: 'shop-db-1', hostId: 'c0ffee' };
/** Without a version, which `pgscope run` does not know. */
const server = { pid: 4711, dataDirectory: '/var/lib/postgresql/18/main' };

const REPORT =
  'SELECT p.category, sum(i.quantity * p.price) AS revenue FROM order_items i JOIN products p ON p.id = i.product_id';
const UPDATE = 'UPDATE products SET stock = stock - $1 WHERE id = $2';
const STATEMENTS = [
  REPORT,
  UPDATE,
  'SELECT id, name, price, stock FROM products WHERE id = $1',
  ...['orders', 'customers', 'carts', 'reviews', 'audit_log'].map((table) => `SELECT * FROM ${table} WHERE id = $1`),
];

/** As hist() has them: powers of two from `first` on. */
function hist(first: number, counts: number[]): object[] {
  return counts.map((count, at) => ({ min: first * 2 ** at, max: first * 2 ** (at + 1) - 1, count }));
}

function bell(peak: number, most: number, length = 14): object[] {
  return hist(
    1,
    Array.from({ length }, (_, at) => Math.round(most * Math.exp(-((at - peak) ** 2) / 4))),
  );
}

const MAPS: Record<string, Record<string, unknown>> = {
  'pg-cpudist': {
    on_us: {
      'client backend': bell(5, 41_000),
      checkpointer: bell(8, 220),
      walwriter: bell(3, 900),
      'io worker': bell(4, 5300),
      'autovacuum worker': bell(9, 80, 17),
    },
    on_total_ns: { 'client backend': 11_400_000_000, checkpointer: 210_000_000, walwriter: 9_000_000 },
    statement_on_us: Object.fromEntries(STATEMENTS.map((text, at) => [text, bell(10 - at, 9000 / (at + 1))])),
    statement_on_total_ns: Object.fromEntries(STATEMENTS.map((text, at) => [text, 4e9 / (at + 1) ** 2])),
  },
  'pg-read-sleep': {
    read_us: {
      'client backend,table,waited': bell(8, 430),
      'client backend,table,page cache': bell(1, 20_000, 7),
      'io worker,table,read-ahead': bell(5, 2300),
    },
    read_bytes: { 'client backend,table,waited': 3_600_000, 'client backend,table,page cache': 164_000_000 },
    statement_us: { [REPORT]: 1_340_000, [UPDATE]: 20_400 },
  },
  'pg-syscalls': {
    calls: Object.fromEntries(
      [
        'recvfrom',
        'sendto',
        'epoll_wait',
        'pread64',
        'pwrite64',
        'fdatasync',
        'lseek',
        'kill',
        'openat',
        'brk',
        '',
      ].map((name, at) => [`client backend,${name},${45 + at}`, Math.round(90_000 / (at + 1) ** 2)]),
    ),
    errors: { 'client backend,recvfrom,11': 34_000, 'io worker,pread64,4': 2 },
    usecs: Object.fromEntries(
      ['recvfrom', 'epoll_wait', 'pread64', 'fdatasync'].map((name, at) => [
        `client backend,${name},${45 + at}`,
        bell(2 + 3 * at, 30_000 / (at + 1)),
      ]),
    ),
  },
  'pg-writesnoop': {
    count: { 'client backend,fdatasync': 3400, 'checkpointer,pwrite64': 800 },
    usecs: { 'client backend,fdatasync': bell(10, 900, 16), 'checkpointer,pwrite64': bell(3, 310) },
  },
};

/** A file of all four for `path`, as `pgscope run` writes one for each. */
export async function recordPrograms(path: string): Promise<void> {
  const exporter = await openFileExporter(path, scope, () => {}, { signals: ['metrics', 'logs'] });
  const output = createProgramExport({ exporters: [exporter], scope, own: ownResource(scope.version, host) });
  for (const [name, maps] of Object.entries(MAPS)) {
    const program = openProgram(name);
    const disclose = (text: string) => ({ summary: summaryOf(text), text });
    const metrics = createProgramMetrics(program, { disclose, maxEntries: 4096 });
    const run = output.begin(program, { key: 'shop', resource: hostResource(server, host, {}) });
    for (const [map, content] of Object.entries(maps)) metrics.update(map, content);
    if (name === 'pg-writesnoop') for (let n = 0; n < 40; n++) run.event(slowWrite(n));
    run.collect({ metrics, state: 'Running' });
    await sleep(20);
    run.end(metrics);
  }
  output.collectOwn({ linesUnknown: 4 });
  await output.shutdown(10_000);
}

function slowWrite(n: number) {
  const text = n % 3 === 0 ? UPDATE : '';
  return {
    name: 'pgscope.program.write',
    attributes: {
      'pgscope.time_of_day': '14:31:00.123456',
      'process.pid': 5000 + n,
      'pgscope.backend.type': n % 3 === 0 ? 'client backend' : 'checkpointer',
      'pgscope.operation': n % 3 === 0 ? 'fdatasync' : 'pwrite64',
      'pgscope.size': n % 3 === 0 ? 0 : 8192,
      'pgscope.duration_us': 1000 + ((n * 7919) % 9000),
      'pgscope.file.directory': n % 3 === 0 ? 'pg_wal' : 'base/5',
      'pgscope.file.name': n % 3 === 0 ? '000000010000000000000016' : '16384',
      'db.query.summary': summaryOf(text),
      'db.query.text': text,
    },
  };
}

function summaryOf(text: string): string {
  const table = /(?:FROM|UPDATE) (\w+)/.exec(text)?.[1] ?? '';
  return `${text.split(' ')[0] ?? ''} ${table}`.trim();
}
