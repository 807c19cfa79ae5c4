import { describe, expect, test } from '@jest/globals';
import type { CaptureInterval, QueryActivity } from '../../../../agent/capture.js';
import { countOf } from '../../../../agent/cli/histogram.js';
import { createLedger } from '../../../../agent/cli/record/ledger.js';

function activity(name: string, numbers: Partial<QueryActivity> = {}): QueryActivity {
  return {
    key: name,
    target: 'main',
    fingerprint: '00000000000000ab',
    databaseOid: 5,
    userOid: 10,
    database: 'shop',
    user: 'web',
    summary: `SELECT ${name}`,
    text: undefined,
    calls: 1,
    errors: 0,
    waits: [],
    failures: {},
    ...numbers,
  };
}

function interval(queries: QueryActivity[]): CaptureInterval {
  return {
    at: new Date(0),
    seconds: 1,
    servers: [],
    queries,
    background: [],
    io: [],
    locks: { waits: [], untold: 0 },
    losses: {},
  };
}

describe('the ledger', () => {
  test('adds up what each query did and puts the longest first', () => {
    const ledger = createLedger();
    const durations = { scale: 3, offset: -40, counts: [1] };
    ledger.add(
      interval([activity('a', { durationNs: 10, durations }), activity('b', { durationNs: 15, rows: 2, planNs: 4 })]),
    );
    ledger.add(
      interval([activity('a', { durationNs: 20, errors: 2, cpuNs: 5, durations: { ...durations, offset: -41 } })]),
    );
    expect(ledger.queries).toMatchObject([
      { summary: 'SELECT a', calls: 2, errors: 2, rows: 0, durationNs: 30, cpuNs: 5 },
      { summary: 'SELECT b', calls: 1, errors: 0, rows: 2, durationNs: 15 },
    ]);
    expect(ledger.queries.map((query) => countOf(query.durations))).toEqual([2, 0]);
    ledger.add(interval([activity('b', { planNs: 3, commitNs: 1 })]));
    expect(ledger.queries[1]?.phases).toMatchObject({ parse: 0, plan: 7, commit: 1 });
  });

  test('is bounded: what has no room is counted under other queries', () => {
    const ledger = createLedger(2);
    ledger.add(interval(['a', 'b', 'c', 'd', 'a'].map((name) => activity(name))));
    expect(ledger.queries.map(({ summary, calls }) => [summary, calls])).toEqual([
      ['SELECT a', 2],
      ['SELECT b', 1],
      ['(other queries)', 2],
    ]);
  });
});
