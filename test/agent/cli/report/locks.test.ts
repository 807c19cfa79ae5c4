import { describe, expect, test } from '@jest/globals';
import { type ChainLink, lockChains } from '../../../../agent/cli/report/lock-chains.js';
import { type LockWait, LockWaitStore, MAX_LOCK_WAITS } from '../../../../agent/cli/report/lock-waits.js';
import { span } from './lines.js';

const server = { key: 'a', attributes: {} };

interface Given extends Partial<Omit<LockWait, 'blocker'>> {
  /** When the first blocker's transaction began. */
  began?: number;
}

/** PID `pid` waits from one second to another for these, whose first one is told at length. */
function wait(
  pid: number,
  [fromSeconds, toSeconds]: [number, number],
  blockerPids: number[],
  given: Given = {},
): LockWait {
  const [first] = blockerPids;
  const { began = 0, ...rest } = given;
  return {
    server,
    pid,
    summary: `UPDATE t${pid}`,
    text: '',
    application: `app-${pid}`,
    failure: '',
    mode: 'ShareLock',
    object: 'transaction 7',
    fromSeconds,
    toSeconds,
    blocker:
      first === undefined
        ? undefined
        : {
            pid: first,
            isQueued: false,
            state: 'idle in transaction',
            application: `app-${first}`,
            summary: `UPDATE t${first}`,
            text: '',
            transactionSeconds: began,
          },
    blockerPids,
    ...rest,
  };
}

/** `2(3 4)`. */
function shape(links: readonly ChainLink[]): string {
  return links
    .map(({ wait: { pid }, links: below }) => `${pid}${below.length === 0 ? '' : `(${shape(below)})`}`)
    .join(' ');
}

function chainsOf(...waits: LockWait[]): string[] {
  return lockChains(waits).chains.map(({ root, links }) => `${root.pid}(${shape(links)})`);
}

function blamed(...waits: LockWait[]): Record<string, number> {
  return Object.fromEntries(
    lockChains(waits).queries.map(({ summary, seconds }) => [summary, Number(seconds.toFixed(6))]),
  );
}

describe('chains', () => {
  test('a chain of three is one, whichever blocker is told first', () => {
    for (const blockers of [
      [1, 2],
      [2, 1],
    ]) {
      expect(chainsOf(wait(2, [1, 5], [1]), wait(3, [2, 7], blockers))).toEqual(['1(2(3))']);
    }
  });

  test('waits for one transaction belong together, for the next one of the same process they do not', () => {
    const waits = [wait(2, [1, 2], [1]), wait(3, [4, 5], [1]), wait(2, [10, 13], [1], { began: 9 })];
    expect(chainsOf(...waits)).toEqual(['1(2)', '1(2 3)']);
    expect(lockChains(waits).chains.map(({ seconds }) => seconds)).toEqual([3, 2]);
  });

  test('the same PID on another server is another process', () => {
    const other = { server: { key: 'b', attributes: {} } };
    expect(chainsOf(wait(2, [1, 5], [1]), wait(3, [2, 4], [2], other))).toEqual(['1(2)', '2(3)']);
  });

  test('a deadlock ends, and everybody in it is shown once', () => {
    expect(chainsOf(wait(1, [0, 3], [2]), wait(2, [1, 3], [1], { failure: '40P01' }))).toEqual(['1(2(1))']);
    const [round] = chainsOf(wait(1, [0, 3], [2]), wait(2, [1, 3], [3]), wait(3, [1, 3], [1]));
    expect(round?.match(/\d/g)).toHaveLength(4);
  });

  test('at most so many, those with the longest waits; the others are counted', () => {
    const waits = Array.from({ length: 10 }, (_, at) => wait(100 + at, [0, 10 + at], [at + 1]));
    const { chains, moreChains } = lockChains(waits);
    expect(chains[0]?.root.pid).toBe(10);
    expect([chains.length, moreChains]).toEqual([8, 2]);
  });
});

describe('the time of each wait goes to who stood at the beginning at that time', () => {
  test('to the first one while the second waited, to the second afterwards', () => {
    expect(blamed(wait(2, [1, 5], [1]), wait(3, [2, 7], [2]))).toEqual({ 'UPDATE t1': 7, 'UPDATE t2': 2 });
  });

  test('what the blocker was seen to do, and how often', () => {
    const [query] = lockChains([wait(2, [1, 5], [1]), wait(3, [2, 4], [1], { server })]).queries;
    expect(query).toMatchObject({
      waits: 2,
      longestSeconds: 4,
      states: ['idle in transaction'],
      applications: ['app-1'],
    });
  });

  test('a wait of which nobody was seen is told apart', () => {
    const { queries, chains, unexplained, waits, seconds } = lockChains([wait(2, [0, 3], []), wait(3, [1, 2], [2])]);
    expect(unexplained).toEqual({ waits: 1, seconds: 3 });
    expect([waits, seconds]).toEqual([2, 4]);
    // The last one that is known stands at the beginning.
    expect(queries).toMatchObject([{ summary: 'UPDATE t2', seconds: 1 }]);
    expect(chains.map(({ root, links }) => `${root.pid}(${shape(links)})`)).toEqual(['2(3)']);
  });

  test.each([1, 2, 3, 4, 5])('nothing is counted twice, however they wait for each other (%d)', (seed) => {
    let state = seed;
    const random = (below: number) => {
      state = (state * 48_271) % 2_147_483_647;
      return state % below;
    };
    // A process waits for one thing at a time.
    const waits = Array.from({ length: 60 }, (_, at) => {
      const from = Math.floor(at / 6) * 10 + random(5);
      return wait(
        at % 6,
        [from, from + 1 + random(5)],
        [random(8), random(8)].filter((pid) => pid !== at % 6),
      );
    });
    const { queries, seconds, chains } = lockChains(waits);
    const blamedSeconds = queries.reduce((sum, query) => sum + query.seconds, 0);
    expect(blamedSeconds).toBeLessThanOrEqual(seconds + 1e-6);
    for (const chain of chains) expect(chain.seconds).toBeLessThanOrEqual(seconds);
  });
});

describe('spans', () => {
  const statement = span({
    spanId: 's',
    attributes: {
      'pgscope.waits': 'Lock:relation 3000.0 ms (1)',
      'postgresql.pid': 7,
      'db.query.summary': 'LOCK TABLE t',
      'postgresql.application_name': 'psql',
      'db.response.status_code': '55P03',
    },
  });
  const waited = span({
    parentSpanId: 's',
    spanId: 'w',
    kind: 1,
    name: 'Lock:relation',
    startNs: 10_000_000_000n,
    endNs: 13_000_000_000n,
    attributes: {
      'postgresql.wait_event_type': 'Lock',
      'postgresql.wait_event': 'relation',
      'pgscope.lock.mode': 'AccessExclusiveLock',
      'pgscope.lock.object': 'relation 16384 in database 5',
      'pgscope.blocker.pid': 8,
      'pgscope.blocker.other_pids': '9, 10',
      'pgscope.blocker.role': 'waiter',
      'pgscope.blocker.state': 'active',
      'pgscope.blocker.query.summary': 'SELECT t',
      'pgscope.blocker.transaction.duration': 4,
    },
  });

  test('of a statement and of its wait, in either order, are one wait', () => {
    for (const spans of [
      [statement, waited],
      [waited, statement],
    ]) {
      const store = new LockWaitStore();
      for (const each of spans) store.add(each);
      expect(store.waits()).toMatchObject([
        {
          pid: 7,
          summary: 'LOCK TABLE t',
          application: 'psql',
          failure: '55P03',
          mode: 'AccessExclusiveLock',
          object: 'relation 16384 in database 5',
          fromSeconds: 10,
          toSeconds: 13,
          blocker: { pid: 8, isQueued: true, state: 'active', summary: 'SELECT t', transactionSeconds: 6 },
          blockerPids: [8, 9, 10],
        },
      ]);
    }
  });

  test('other waits, other services and lonely waits', () => {
    const store = new LockWaitStore();
    store.add(span({ kind: 1, attributes: { 'postgresql.wait_event_type': 'IO' } }));
    store.add({ ...waited, resource: { key: 'client', attributes: {} } });
    expect(store.waits()).toEqual([]);
    store.add({ ...waited, attributes: { 'postgresql.wait_event_type': 'Lock', 'postgresql.wait_event': 'tuple' } });
    expect(store.waits()).toMatchObject([{ pid: undefined, object: 'tuple', blocker: undefined, blockerPids: [] }]);
  });

  test('a wait below a phase is its statement’s', () => {
    const store = new LockWaitStore();
    const phase = span({ spanId: 'p', parentSpanId: 's', kind: 1, attributes: { 'pgscope.phase': 'execute' } });
    for (const each of [statement, phase, { ...waited, parentSpanId: 'p' }]) store.add(each);
    expect(store.waits()).toMatchObject([{ pid: 7, summary: 'LOCK TABLE t', failure: '55P03' }]);
  });

  test('a wait that was interrupted for the look for a deadlock is one', () => {
    const store = new LockWaitStore();
    const [startNs, endNs] = [13_020_000_000n, 14_000_000_000n];
    for (const each of [statement, waited, { ...waited, startNs, endNs }]) store.add(each);
    expect(store.waits()).toMatchObject([{ fromSeconds: 10, toSeconds: 14 }]);
    store.add({ ...waited, startNs: 20_000_000_000n, endNs: 21_000_000_000n });
    store.add({
      ...waited,
      startNs: 14_001_000_000n,
      endNs,
      attributes: { ...waited.attributes, 'pgscope.lock.mode': 'ShareLock' },
    });
    expect(store.waits()).toHaveLength(3);
  });

  test('the longest are kept, the others counted', () => {
    const store = new LockWaitStore();
    const extra = 5;
    for (let at = 0; at < MAX_LOCK_WAITS + extra; at++)
      store.add({ ...waited, parentSpanId: `s${at}`, endNs: waited.startNs + BigInt(at) });
    const waits = store.waits();
    expect([waits.length, store.leftOut]).toEqual([MAX_LOCK_WAITS, extra]);
  });
});
