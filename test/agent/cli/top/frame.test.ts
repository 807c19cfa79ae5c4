import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NO_PHASES } from '../../../../agent/cli/phases.js';
import { renderFrame } from '../../../../agent/cli/top/frame.js';
import { FOOTER } from '../../../../agent/cli/top/help.js';
import { initialState, type TopState } from '../../../../agent/cli/top/keys.js';
import { textOf } from '../../../../agent/cli/top/lines.js';
import { SORT_KEYS } from '../../../../agent/cli/top/sort.js';
import type { View } from '../../../../agent/cli/top/view.js';
import { widthOf } from '../../../../agent/cli/top/width.js';
import { backgroundTotals, queryTotals, shopView, waited } from './view.js';

function draw(view: View, columns: number, rows?: number, state: Partial<TopState> = {}): string[] {
  return renderFrame(view, { ...initialState('time'), ...state }, { columns, rows }).map(textOf);
}

/** The table of queries, its heading first. */
function tableOf(lines: readonly string[]): string[] {
  const from = lines.findIndex((text) => text.startsWith(' TIME'));
  const length = lines.slice(from).indexOf('');
  return lines.slice(from, length < 0 ? undefined : from + length);
}

describe('a frame', () => {
  test('at 80 columns', () => {
    expect(draw(shopView(), 80)).toEqual([
      'pgscope top · PostgreSQL 18.4 · pid 4711                     14:30:05 · last 1 s',
      'load 1.00 · 1.8k statements/s · 2.0 errors/s · 12 backends · sorted by time',
      '',
      'at work       now share            last 3s, 1s each, █ = 1.00',
      'CPU          0.39 39.1% ███▉       ▄ █',
      'run queue    0.02  2.0% ▎',
      'IO           0.28 28.0% ██▊',
      'Lock         0.30 29.9% ███         ▂▄',
      'Client       0.01  1.0% ▏',
      'background   0.30 checkpointer 0.30 (IO:DataFileSync 80%)',
      '',
      ' TIME CALL/s  MEAN   P50   P99   CPU  IO/s ROW/s ERR/s QUERY',
      '62.0%   1.2k 502µs 500µs 3.0ms   31%  4.8M   12k     0 SELECT orders customers …',
      '30.0%    3.0  60ms     –     –   <1%     0     0   2.0 UPDATE inventory',
      ' 8.0%     40 2.0ms     –     –    8%     0    40     0 SELECT 注文 顧客 注文明…',
      ' 0.0%    500 800ns     –     –   <1%     0     0     0 BEGIN',
      '',
      'BACKGROUND PROCESS    LOAD   CPU  RUNQ READ/s WRITE/s WAL/s BIGGEST WAIT',
      'checkpointer          0.30    5%    1%      0    2.9M   200 IO:DataFileSync 80%',
      'walwriter             0.00   <1%    0%      0       0     0',
      '',
      'FILES                CALL/s BYTE/s STORAGE/s  MEAN   P99',
      'WAL sync                 20      0         0 2.0ms 2.3ms',
      'tables read             400   3.1M         0 5.0µs 6.4µs',
    ]);
  });

  test('at 140 columns shows bars, biggest waits and databases', () => {
    expect(tableOf(draw(shopView(), 140))).toEqual([
      ' TIME            CALL/s  MEAN   P50   P99   CPU  IO/s ROW/s ERR/s BIGGEST WAIT            DATABASE     QUERY',
      '62.0% ██████▎      1.2k 502µs 500µs 3.0ms   31%  4.8M   12k     0 IO:DataFileRead 45%     shop         SELECT orders customers order_items …',
      '30.0% ███           3.0  60ms     –     –   <1%     0     0   2.0 Lock:transactionid 100% warehouse_o… UPDATE inventory',
      ' 8.0% ▊              40 2.0ms     –     –    8%     0    40     0                         shop         SELECT 注文 顧客 注文明細 商品 在庫 …',
      ' 0.0%               500 800ns     –     –   <1%     0     0     0                         shop         BEGIN',
    ]);
  });

  test('at level waits shows time alone: what statements did is not known', () => {
    const queries = shopView().queries.map((query) => ({ ...query, calls: 0, errors: 0, rows: 0, durationNs: 0 }));
    const lines = draw(shopView({ level: 'waits', queries }), 80);
    expect(lines[1]).toBe('load 1.00 · level waits · 12 backends · sorted by time');
    expect(tableOf(lines)).toEqual([
      ' TIME  LOAD   CPU  RUNQ WAITS  IO/s BIGGEST WAIT            QUERY',
      '62.0%  0.62   31%    2%   29%  4.8M IO:DataFileRead 45%     SELECT orders custo…',
      '30.0%  0.30   <1%    0%   30%     0 Lock:transactionid 100% UPDATE inventory',
      ' 8.0%  0.08    8%    0%    0%     0                         SELECT 注文 顧客 注…',
      ' 0.0%  0.00   <1%    0%    0%     0                         BEGIN',
    ]);
  });

  test('the load bar shows five classes at most on a low screen, and the rest as other', () => {
    const waits = ['IO:a', 'Lock:b', 'LWLock:c', 'IPC:d', 'Client:e', 'Timeout:f', 'BufferPin:g'];
    const query = queryTotals({
      summary: 'all',
      cpuNs: 1e8,
      waits: waits.map((name, at) => waited(name, 0.1 * (at + 1))),
    });
    const classes = (rows: number) =>
      draw(shopView({ queries: [query], history: [] }), 80, rows)
        .filter((text) => /^\S+ +\d+\.\d\d +\d+\.\d%/.test(text))
        .map((text) => text.slice(0, 24));
    expect(classes(24)).toEqual(
      [
        'CPU          0.10  3.4%',
        'IPC          0.40 13.8%',
        'Client       0.50 17.2%',
        'Timeout      0.60 20.7%',
        'other        1.30 44.8%',
      ].map((text) => text.padEnd(24)),
    );
    expect(classes(50)).toHaveLength(8);
    expect(classes(17)).toEqual([]);
  });

  test('of a selected query: its text, its numbers, and where its time went', () => {
    const [query] = shopView().queries;
    const detail = query === undefined ? undefined : { seconds: 2, query };
    expect(draw(shopView({ detail }), 80, 16, { page: 'query' }).slice(3)).toEqual([
      'SELECT orders customers order_items products inventory warehouses suppliers reg…',
      '  SELECT o.id, c.name FROM orders o JOIN customers c ON c.id = o.customer WHERE',
      '  o.placed > $1',
      '',
      '617 calls/s · 0 errors/s · 6.2k rows/s · mean 502µs · p50 500µs · p99 3.0ms',
      'load 0.31 · 2.4M/s of blocks and WAL · last 2 s',
      '',
      'TIME SPENT            TIME SHARE            PER CALL   WAITS   MEAN',
      'CPU                  310ms 50.0% █████         251µs',
      'IO:DataFileRead      280ms 45.2% ████▌         227µs      70  4.0ms',
      'run queue             20ms  3.2% ▍              16µs',
      'Client:ClientWrite    10ms  1.6% ▏             8.1µs       3  3.3ms',
      FOOTER,
    ]);
    expect(draw(shopView(), 80, 16, { page: 'query' })).toContain('  No query is selected; ↑ and ↓ select one.');
  });

  test('of a selected query at level phases: the phases of its statements, too', () => {
    const [first] = shopView().queries;
    if (first === undefined) throw new Error('no query');
    const phases = { ...NO_PHASES, parse: 3.1e6, plan: 62e6, execute: 540e6, commit: 10e6 };
    const detail = { seconds: 2, query: { ...first, phases } };
    expect(draw(shopView({ detail, level: 'phases' }), 80, 24, { page: 'query' }).slice(-9)).toEqual([
      '',
      'PHASES                TIME SHARE            PER CALL',
      'parse                3.1ms  0.5%               2.5µs',
      'plan                  62ms 10.0% █              50µs',
      'execute              540ms 87.1% ████████▊     438µs',
      'commit                10ms  1.6% ▏             8.1µs',
      '',
      '',
      FOOTER,
    ]);
    expect(tableOf(draw(shopView({ level: 'phases' }), 80))).toEqual(tableOf(draw(shopView(), 80)));
  });

  test('of background processes alone', () => {
    const lines = draw(shopView(), 80, 24, { page: 'background' });
    expect(lines.slice(3, 6)).toEqual([
      'BACKGROUND PROCESS    LOAD   CPU  RUNQ READ/s WRITE/s WAL/s BIGGEST WAIT',
      'checkpointer          0.30    5%    1%      0    2.9M   200 IO:DataFileSync 80%',
      'walwriter             0.00   <1%    0%      0       0     0',
    ]);
  });

  test('of files: what took longest first', () => {
    const lines = draw(shopView(), 80, 24, { page: 'background' });
    expect(lines.slice(6, 10)).toEqual([
      '',
      'FILES                CALL/s BYTE/s STORAGE/s  MEAN   P99',
      'WAL sync                 20      0         0 2.0ms 2.3ms',
      'tables read             400   3.1M         0 5.0µs 6.4µs',
    ]);
    expect(draw(shopView({ files: [] }), 80, 24, { page: 'background' }).join('\n')).not.toContain('FILES');
  });

  test('autovacuum is told by table, with room for its name on a wide screen', () => {
    const background = [
      backgroundTotals({ backendType: 'autovacuum worker', work: 'VACUUM ANALYZE public.order_items', cpuNs: 2e8 }),
      backgroundTotals({ backendType: 'autovacuum worker', cpuNs: 1e6 }),
    ];
    const names = (columns: number) =>
      draw(shopView({ background }), columns, 24, { page: 'background' })
        .slice(4, 6)
        .map((text) => text.split(/ {2,}/)[0]);
    expect(names(80)).toEqual(['VACUUM ANALYZE publ…', 'autovacuum worker']);
    expect(names(120)).toEqual(['VACUUM ANALYZE public.order_items', 'autovacuum worker']);
  });

  test('what clients are at, and who holds the memory', () => {
    const sessions = {
      states: { idle: 8, active: 3, 'idle in transaction': 1, disabled: 0 },
      privateBytes: 120 * 2 ** 20,
      sharedBytes: 90 * 2 ** 20,
      largest: [
        {
          pid: 4712,
          backendType: 'client backend',
          application: 'reports',
          privateBytes: 64 * 2 ** 20,
          grownBytes: 12 * 2 ** 20,
        },
        { pid: 4713, backendType: 'autovacuum worker', privateBytes: 9 * 2 ** 20, grownBytes: 0 },
      ],
    };
    const view = shopView({ servers: [{ version: '18.4', pid: 4711, backends: 12, sessions }] });
    const lines = draw(view, 80, 24, { page: 'background' });
    expect(lines[2]).toBe('12 clients: 8 idle, 3 active, 1 idle in transaction · memory 120M + 90M shared');
    expect(lines.slice(11, 15)).toEqual([
      '',
      'LARGEST PROCESSES                PID PRIVATE  GROWN APPLICATION',
      'client backend                  4712     64M   +12M reports',
      'autovacuum worker               4713    9.0M',
    ]);
  });

  test('shows the selected row, also where it is below the last one that has room', () => {
    const frame = renderFrame(shopView(), { ...initialState('time'), selected: 'BEGIN' }, { columns: 80, rows: 7 });
    const rows = frame.map(textOf);
    expect(rows.filter((text) => text.includes('SELECT')).length).toBe(0);
    expect(frame.find((runs) => textOf(runs).endsWith('BEGIN'))?.every(({ style }) => style === 'selected')).toBe(true);
  });

  test('on a screen fills it to the last line, and says how many queries found no room', () => {
    const lines = draw(shopView(), 80, 8, { sort: 'calls' });
    expect(lines).toHaveLength(8);
    expect(lines.slice(1)).toEqual([
      'load 1.00 · 1.8k statements/s · 2.0 errors/s · 12 backends · sorted by calls',
      '',
      ' TIME CALL/s  MEAN   P50   P99   CPU  IO/s ROW/s ERR/s QUERY',
      '62.0%   1.2k 502µs 500µs 3.0ms   31%  4.8M   12k     0 SELECT orders customers …',
      ' 0.0%    500 800ns     –     –   <1%     0     0     0 BEGIN',
      '38.0% … 2 more queries, 380ms of database time',
      FOOTER,
    ]);
  });

  test('without statements says so', () => {
    const lines = draw(shopView({ queries: [], seconds: 10, servers: [], background: [], files: [], history: [] }), 80);
    expect(lines).toEqual([
      'pgscope top · no server                                     14:30:05 · last 10 s',
      'load 0.00 · 0 statements/s · 0 errors/s · 0 backends · sorted by time',
      '',
      'at work       now share            last 0, 1s each, █ = 0.00',
      'CPU          0.00  0.0%',
      'background   0.00',
      '',
      ' TIME CALL/s  MEAN   P50   P99   CPU  IO/s ROW/s ERR/s QUERY',
      '  No statement ended in the last 10 s.',
    ]);
  });

  test('where there are no keys, files are shown without background processes, too', () => {
    expect(draw(shopView({ background: [] }), 80).join('\n')).toContain('tables read');
  });

  test('says what is lost, what is wrong, that it is paused, and which servers there are', () => {
    const servers = [
      { version: '17.10', pid: 1, backends: 2 },
      { version: '15.18', pid: 7, backends: 3 },
    ];
    const view = shopView({ servers, losses: [['records (ring full)', 12]], notices: ['pid 9 is no postmaster'] });
    const lines = draw(view, 80, 24, { paused: true });
    expect(lines[0]).toBe('pgscope top · 2 servers · PostgreSQL 17.10, 15.18   14:30:05 · last 1 s · PAUSED');
    expect(lines[1]).toContain('· 5 backends ·');
    expect(lines.slice(2, 4)).toEqual(['Lost since the start: 12 records (ring full)', 'pid 9 is no postmaster']);
  });

  test('shows the help in place of the table, within 80 columns', () => {
    const lines = draw(shopView(), 80, 24, { page: 'help' });
    expect(lines).toContain('  9  p99                           P50 P99 half, 99 of 100 were faster');
    expect(lines.at(-2)).toBe('');
    expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(80);
  });

  test('no text breaks out of its line or its width', () => {
    const text = fc.string({ unit: 'binary' });
    const anyWait = fc.record({
      name: text,
      type: fc.constantFrom('IO', 'Lock', 'BufferPin'),
      count: fc.nat(),
      seconds: fc.double({ min: 0, max: 1e9, noNaN: true }),
    });
    const anyQuery = fc.record({
      summary: text,
      text,
      database: fc.string({ unit: 'grapheme' }),
      cpuNs: fc.nat(),
      waits: fc.array(anyWait, { maxLength: 4 }),
    });
    const anyView = fc
      .record({
        queries: fc.array(anyQuery, { maxLength: 8 }),
        level: fc.constantFrom('waits' as const, 'statements' as const, 'phases' as const),
        backendType: text,
      })
      .map(({ queries, level, backendType }) => {
        const totals = queries.map((query) => queryTotals(query));
        const detail = totals[0] === undefined ? undefined : { seconds: 1, query: totals[0] };
        const background = [backgroundTotals({ backendType, cpuNs: 1e8 })];
        return shopView({ level, queries: totals, detail, background, notices: ['\u001b[2J\n'] });
      });
    const anyPage = fc.constantFrom<TopState['page']>('queries', 'query', 'background', 'help');
    fc.assert(
      fc.property(
        anyView,
        fc.integer({ min: 20, max: 200 }),
        fc.tuple(fc.integer({ min: 5, max: 50 }), anyPage),
        (view, columns, [rows, page]) => {
          const lines = draw(view, columns, rows, { page });
          expect(lines).toHaveLength(rows);
          for (const line of lines) {
            expect(widthOf(line)).toBeLessThanOrEqual(columns);
            expect(line).not.toMatch(/[\p{Control}\u2028\u202a-\u202e]/u);
          }
        },
      ),
    );
  });

  test.each(SORT_KEYS)('sorted by %s begins with the largest', (sort) => {
    const large = { calls: 9, errors: 9, rows: 9, durationNs: 9e9, cpuNs: 9, waits: [waited('IO:x', 9)], ioBytes: 9 };
    const queries = [
      queryTotals({ summary: 'small', calls: 1, durationNs: 1 }),
      queryTotals({ summary: 'large', ...large, durations: { scale: 0, offset: 3, counts: [18], zeroCount: 0 } }),
    ];
    expect(tableOf(draw(shopView({ queries }), 80, 24, { sort }))[1]).toContain('large');
  });
});
