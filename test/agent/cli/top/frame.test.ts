import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { renderFrame, textOf } from '../../../../agent/cli/top/frame.js';
import { initialState, type TopState } from '../../../../agent/cli/top/keys.js';
import { SORT_KEYS } from '../../../../agent/cli/top/sort.js';
import type { View } from '../../../../agent/cli/top/view.js';
import { widthOf } from '../../../../agent/cli/top/width.js';
import { queryTotals, shopView } from './view.js';

function draw(view: View, columns: number, rows?: number, state: Partial<TopState> = {}): string[] {
  return renderFrame(view, { ...initialState('time'), ...state }, { columns, rows }).map(textOf);
}

describe('a frame', () => {
  test('at 80 columns', () => {
    expect(draw(shopView(), 80)).toEqual([
      'pgscope top · PostgreSQL 18.4 · pid 4711                     14:30:05 · last 1 s',
      'load 1.00 · 1.8k statements/s · 2.0 errors/s · 12 backends · sorted by time',
      '',
      ' TIME CALL/s  MEAN   P50   P99   CPU  IO/s ROW/s ERR/s QUERY',
      '62.0%   1.2k 502µs 500µs 3.0ms   31%  4.8M   12k     0 SELECT orders customers …',
      '30.0%    3.0  60ms     –     –   <1%     0     0   2.0 UPDATE inventory',
      ' 8.0%     40 2.0ms     –     –  220%     0    40     0 SELECT 注文 顧客 注文明…',
      ' 0.0%    500 800ns     –     –   <1%     0     0     0 BEGIN',
    ]);
  });

  test('at 120 columns shows bars and databases', () => {
    expect(draw(shopView(), 120)).toEqual([
      'pgscope top · PostgreSQL 18.4 · pid 4711                                                             14:30:05 · last 1 s',
      'load 1.00 · 1.8k statements/s · 2.0 errors/s · 12 backends · sorted by time',
      '',
      ' TIME            CALL/s  MEAN   P50   P99   CPU  IO/s ROW/s ERR/s DATABASE     QUERY',
      '62.0% ██████▎      1.2k 502µs 500µs 3.0ms   31%  4.8M   12k     0 shop         SELECT orders customers order_items prod…',
      '30.0% ███           3.0  60ms     –     –   <1%     0     0   2.0 warehouse_o… UPDATE inventory',
      ' 8.0% ▊              40 2.0ms     –     –  220%     0    40     0 shop         SELECT 注文 顧客 注文明細 商品 在庫 倉庫',
      ' 0.0%               500 800ns     –     –   <1%     0     0     0 shop         BEGIN',
    ]);
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
      'sort: t c m 9 p i r e · s smooth · space pause · ? help · q quit',
    ]);
  });

  test('without statements says so', () => {
    const lines = draw(shopView({ queries: [], seconds: 10, servers: [] }), 80);
    expect(lines).toEqual([
      'pgscope top · no server                                     14:30:05 · last 10 s',
      'load 0.00 · 0 statements/s · 0 errors/s · 0 backends · sorted by time',
      '',
      ' TIME CALL/s  MEAN   P50   P99   CPU  IO/s ROW/s ERR/s QUERY',
      '  No statement ended in the last 10 s.',
    ]);
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
    const lines = draw(shopView(), 80, 24, { help: true });
    expect(lines).toContain('  9  p99                           P50 P99 half, 99 of 100 were faster');
    expect(lines.at(-2)).toBe('');
    expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(80);
  });

  test('no text breaks out of its line or its width', () => {
    const anyView = fc
      .array(fc.record({ summary: fc.string({ unit: 'binary' }), database: fc.string({ unit: 'grapheme' }) }))
      .map((queries) => shopView({ queries: queries.map((query) => queryTotals(query)), notices: ['\u001b[2J\n'] }));
    fc.assert(
      fc.property(
        anyView,
        fc.integer({ min: 20, max: 200 }),
        fc.integer({ min: 5, max: 50 }),
        (view, columns, rows) => {
          const lines = draw(view, columns, rows);
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
    const large = { calls: 9, errors: 9, rows: 9, durationNs: 9e9, cpuNs: 9, ioBytes: 9 };
    const queries = [
      queryTotals({ summary: 'small', calls: 1, durationNs: 1 }),
      queryTotals({ summary: 'large', ...large, durations: { scale: 0, offset: 3, counts: [18], zeroCount: 0 } }),
    ];
    expect(draw(shopView({ queries }), 80, 24, { sort })[4]).toContain('large');
  });
});
