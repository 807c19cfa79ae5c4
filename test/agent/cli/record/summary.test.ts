import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fromBuckets } from '../../../../agent/cli/histogram.js';
import { NO_PHASES } from '../../../../agent/cli/phases.js';
import type { QueryTotals } from '../../../../agent/cli/record/ledger.js';
import { formatSummary } from '../../../../agent/cli/record/summary.js';
import { widthOf } from '../../../../agent/cli/top/width.js';

const orders: QueryTotals = {
  summary: 'SELECT orders',
  text: 'SELECT *\n  FROM orders\n WHERE customer = $1',
  database: 'shop',
  calls: 12_345,
  errors: 0,
  rows: 37_000,
  durationNs: 3e9,
  cpuNs: 1.2e9,
  runQueueNs: 0.3e9,
  waits: [{ name: 'IO:DataFileRead', type: 'IO', count: 9, seconds: 1.5 }],
  phases: NO_PHASES,
  durations: fromBuckets({ scale: 3, offset: -64, counts: [12_000, 0, 345] }),
};
const stock: QueryTotals = {
  ...orders,
  summary: 'UPDATE stock',
  text: undefined,
  calls: 9,
  errors: 1,
  rows: 9,
  durationNs: 1e9,
  waits: [],
  durations: fromBuckets({ scale: 3, offset: -27, counts: [10] }),
};

describe('the table at the end', () => {
  test('shows the queries, their sum, and what is missing', () => {
    const losses = ['9 failed statements did not become spans: raise --max-per-second.'];
    expect(formatSummary({ level: 'statements', seconds: 30, queries: [orders, stock], losses })).toBe(`\
 TIME CALLS   ERR  MEAN   P50   P99 TOTAL   CPU  ROWS QUERY
75.0% 12345       243µs 4.1ms 4.9ms  3.0s  1.2s 37000 SELECT orders
      SELECT * FROM orders WHERE customer = $1
25.0%     9     1 100ms 101ms 105ms  1.0s  1.2s     9 UPDATE stock

12355 statements (1 failed) of 2 queries, 4.0s of database time in 30s.
Where it went: CPU 53.3%, IO 33.3%, run queue 13.3%.

9 failed statements did not become spans: raise --max-per-second.
`);
  });

  test('at level waits shows time alone', () => {
    const queries = [orders, stock].map((query) => ({ ...query, calls: 0, errors: 0, rows: 0, durationNs: 0 }));
    expect(formatSummary({ level: 'waits', seconds: 30, queries, losses: [] })).toBe(`\
 TIME TOTAL   CPU  RUNQ WAITS BIGGEST WAIT            QUERY
66.7%  3.0s  1.2s 300ms  1.5s IO:DataFileRead 50%     SELECT orders
      SELECT * FROM orders WHERE customer = $1
33.3%  1.5s  1.2s 300ms     0                         UPDATE stock

4.5s of database time in 30s.
Where it went: CPU 53.3%, IO 33.3%, run queue 13.3%.
`);
    expect(formatSummary({ level: 'waits', seconds: 2, queries: [], losses: [] })).toBe(
      'No statement ran within 2.0s.\n',
    );
  });

  test('at level phases shows what planning, executing and committing took', () => {
    const phases = { ...NO_PHASES, parse: 1e6, plan: 0.5e9, execute: 2e9, commit: 12e6 };
    const queries = [{ ...orders, phases }, stock];
    const [heading, first, , second] = formatSummary({ level: 'phases', seconds: 30, queries, losses: [] }).split('\n');
    expect([heading, first, second]).toEqual([
      ' TIME CALLS   ERR  MEAN   P99 TOTAL  PLAN  EXEC COMMIT QUERY',
      '75.0% 12345       243µs 4.9ms  3.0s 500ms  2.0s   12ms SELECT orders',
      '25.0%     9     1 100ms 105ms  1.0s     0     0      0 UPDATE stock',
    ]);
  });

  test('says so when there was nothing', () => {
    expect(formatSummary({ level: 'statements', seconds: 2, queries: [], losses: [] })).toBe(
      'No statement ended within 2.0s.\n',
    );
  });

  test('shows twenty queries and the share of the others', () => {
    const queries = Array.from({ length: 25 }, (_, index) => ({ ...stock, summary: `SELECT t${index}` }));
    const lines = formatSummary({ level: 'statements', seconds: 2, queries, losses: [] }).split('\n');
    expect(lines).toHaveLength(1 + 20 + 1 + 4);
    expect(lines[21]).toMatch(/^20\.0% +\(5 more queries\)$/);
  });

  test('fits 80 columns and stays in its lines, whatever the texts and numbers are', () => {
    const number = fc.double({ min: 0, max: 1e18, noNaN: true });
    const query = fc.record<QueryTotals>({
      summary: fc.string({ unit: 'grapheme', maxLength: 255 }),
      text: fc.option(fc.string({ unit: 'binary', maxLength: 300 }), { nil: undefined }),
      database: fc.string(),
      calls: number,
      errors: number,
      rows: number,
      durationNs: number,
      cpuNs: number,
      runQueueNs: number,
      waits: fc.array(
        fc.record({ name: fc.string({ unit: 'binary' }), type: fc.string(), count: number, seconds: number }),
      ),
      phases: number.map((ns) => ({ ...NO_PHASES, plan: ns, execute: ns, commit: ns })),
      durations: fc.constant(orders.durations),
    });
    const anyLevel = fc.constantFrom('waits' as const, 'statements' as const, 'phases' as const);
    fc.assert(
      fc.property(
        fc.array(query, { minLength: 1, maxLength: 5 }),
        fc.string({ unit: 'grapheme' }),
        anyLevel,
        (queries, loss, level) => {
          const lines = formatSummary({ level, seconds: 1, queries, losses: [loss.replaceAll('\n', ' ')] }).split('\n');
          const table = lines.slice(0, lines.indexOf(''));
          for (const line of table) expect(widthOf(line)).toBeLessThanOrEqual(80);
          expect(table.length).toBeLessThanOrEqual(1 + 2 * queries.length);
        },
      ),
      { numRuns: 50 },
    );
  });
});
