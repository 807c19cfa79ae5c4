import { describe, expect, test } from '@jest/globals';
import type { LockBlocker, LockSession, LockWait } from '../../../../agent/capture.js';
import { renderFrame } from '../../../../agent/cli/top/frame.js';
import { initialState, type Page } from '../../../../agent/cli/top/keys.js';
import { textOf } from '../../../../agent/cli/top/lines.js';
import { lockAlarm, lockLines, lockLinesOf } from '../../../../agent/cli/top/lock-lines.js';
import { lockTrees } from '../../../../agent/cli/top/lock-tree.js';
import type { View } from '../../../../agent/cli/top/view.js';
import { queryTotals, shopView } from './view.js';

function session(pid: number, given: Partial<LockSession> = {}): LockSession {
  const nothing = { backendType: undefined, application: '', transactionSeconds: undefined };
  return {
    pid,
    state: 'active',
    summary: 'UPDATE accounts',
    text: `update accounts set a = ${'$1'}`,
    ...nothing,
    ...given,
  };
}

function blocker(pid: number, given: Partial<LockBlocker> = {}): LockBlocker {
  return { ...session(pid, { state: 'idle in transaction' }), isQueued: false, ...given };
}

function wait(
  pid: number,
  seconds: number,
  blockers: (number | LockBlocker)[],
  given: Partial<LockWait> = {},
): LockWait {
  return {
    ...session(pid),
    target: 'a',
    database: 'shop',
    user: 'app',
    mode: 'ShareLock',
    object: 'transaction 771',
    seconds,
    blockers: blockers.map((each) => (typeof each === 'number' ? blocker(each) : each)),
    ...given,
  };
}

/** `1(2(3) 4)`. */
function shape(nodes: ReturnType<typeof lockTrees>): string {
  return nodes
    .map(({ session: { pid }, waiters }) => `${pid}${waiters.length === 0 ? '' : `(${shape(waiters)})`}`)
    .join(' ');
}

function lines(waits: LockWait[], columns = 80, untold = 0): string[] {
  return lockLines(shopView({ locks: { waits, untold } }), columns).map(textOf);
}

describe('trees', () => {
  test('a chain of three, though the last one is blocked by both others, whatever comes first', () => {
    const [middle, last] = [wait(2, 5, [1]), wait(3, 4, [1, 2])];
    for (const waits of [
      [middle, last],
      [last, middle],
    ]) {
      const [root] = lockTrees(waits);
      expect(shape(lockTrees(waits))).toBe('1(2(3))');
      expect(root?.below).toEqual({ sessions: 2, seconds: 9 });
      expect(root?.waiters[0]?.waiters[0]?.others).toEqual([1]);
    }
  });

  test('the root behind which most time is waited first, then the longest wait', () => {
    expect(shape(lockTrees([wait(2, 1, [1]), wait(4, 2, [3]), wait(5, 3, [3])]))).toBe('3(5 4) 1(2)');
  });

  test('the same PID on another server is another process', () => {
    expect(shape(lockTrees([wait(2, 2, [1]), wait(1, 1, [9], { target: 'b' })]))).toBe('1(2) 9(1)');
  });

  test('a circle has an end: the one that has waited longest is the root', () => {
    const [root] = lockTrees([wait(1, 1, [2]), wait(2, 3, [3]), wait(3, 2, [1]), wait(4, 1, [1])]);
    expect(shape(root === undefined ? [] : [root])).toBe('2(1(3 4))');
    expect(root?.deadlockWith).toBe(3);
  });

  test('one that is blocked by nobody that was seen stands alone, and may block others', () => {
    expect(shape(lockTrees([wait(1, 1, []), wait(2, 1, [1])]))).toBe('1(2)');
  });

  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])(
    'each that waits is shown once, however they block each other (%d)',
    (seed) => {
      let state = seed + 1;
      const random = (below: number) => {
        state = (state * 48_271) % 2_147_483_647;
        return state % below;
      };
      const waits = Array.from({ length: 12 }, (_, pid) =>
        wait(
          pid,
          random(50),
          Array.from({ length: random(4) }, () => random(16)),
        ),
      );
      const shown: number[] = [];
      const visit = (nodes: ReturnType<typeof lockTrees>): void => {
        for (const node of nodes) {
          if (node.wait !== undefined) shown.push(node.session.pid);
          visit(node.waiters);
        }
      };
      visit(lockTrees(waits));
      expect(shown.toSorted((a, b) => a - b)).toEqual(waits.map(({ pid }) => pid));
    },
  );
});

describe('lines', () => {
  const holder = blocker(4711, { transactionSeconds: 12.3, application: 'psql' });
  const chain = [
    wait(4712, 11.2, [holder], { application: 'checkout', transactionSeconds: 11.4 }),
    wait(4713, 10.1, [holder, blocker(4712)], {
      mode: 'AccessExclusiveLock',
      object: 'relation 16384',
      text: 'lock table accounts in access exclusive mode',
    }),
    wait(4714, 3, [blocker(4713, { isQueued: true })], {
      mode: 'AccessShareLock',
      object: 'relation 16384',
      text: `select *\n  from accounts where name = ${'$1'} and created_at > ${'$2'} order by created_at`,
      backendType: 'parallel worker',
    }),
  ];

  test('fit into 80 columns, and say link by link who, how long, for what', () => {
    expect(lines(chain)).toEqual(
      [
        'LOCKS: WHO WAITS FOR WHOM NOW',
        'pid 4711 idle in transaction · blocks 3 · transaction 12s · psql',
        '│ update accounts set a = $1',
        '└ pid 4712 waits 11s: ShareLock on transaction 771 · transaction 11s · checkout',
        '  │ update accounts set a = $1',
        '  └ pid 4713 waits 10s: AccessExclusiveLock on relation 16384 · also for 4711',
        '    │ lock table accounts in access exclusive mode',
        '    └ pid 4714 waits 3.0s: AccessShareLock on relation 16384 · queued · paralle…',
        '        select * from accounts where name = $1 and created_at > $2 order by cre…',
      ].map((each) => each),
    );
  });

  test('nobody waits, nobody is known yet, too many wait', () => {
    expect(lines([])[1]).toContain('No session waits for a lock.');
    expect(textOf(lockLines(shopView({ seconds: 0 }), 80)[1] ?? [])).toContain('after one interval');
    expect(lines(chain, 80, 7).at(-1)).toContain('7 sessions wait, for which there was no room');
    expect(lockAlarm(shopView())).toBeUndefined();
    expect(lockAlarm(shopView({ locks: { waits: chain, untold: 7 } }))).toBe(
      '10 sessions wait for a lock now, the longest 11s',
    );
  });

  test('what is not known is left out or said', () => {
    const unknown = { summary: undefined, text: undefined, state: undefined };
    const [, root, text, waiter] = lines([
      wait(2, 0, [blocker(1, { ...unknown, backendType: 'autovacuum worker' })], { seconds: undefined }),
    ]);
    expect(root).toBe('pid 1 autovacuum worker · blocks 1');
    expect(text).toBe('│ (its statement is not known)');
    expect(waiter).toBe('└ pid 2 waits: ShareLock on transaction 771');
    expect(lines([wait(2, 1, [])])[1]).toBe('pid 2 waits 1.0s: ShareLock on transaction 771 · nobody seen to hold it');
    expect(lines([wait(1, 1, [2]), wait(2, 2, [1])])[1]).toContain('for pid 1 below: a deadlock');
  });

  test('of one query: its sessions, those above them, those below', () => {
    const locks = { waits: [...chain, wait(9, 1, [8])], untold: 0 };
    const of = (text: string, given = {}) =>
      lockLinesOf(queryTotals({ key: 'a 5 10 f', summary: 'x', text, ...given }), shopView({ locks }), 80).map(textOf);
    const shown = of('lock table accounts in access exclusive mode').join('\n');
    for (const pid of [4711, 4712, 4713, 4714]) expect(shown).toContain(`pid ${pid}`);
    expect(shown).not.toContain('pid 9');
    expect(of('select 1')).toEqual([]);
    expect(of('lock table accounts in access exclusive mode', { user: 'another' })).toEqual([]);
    expect(of('lock table accounts in access exclusive mode', { key: 'b 5 10 f' })).toEqual([]);
  });
});

describe('in a frame', () => {
  const locks = { waits: [wait(4712, 11.2, [4711])], untold: 0 };
  const draw = (given: Partial<View>, rows: number | undefined, page: Page = 'queries') =>
    renderFrame(shopView(given), { ...initialState('time'), page }, { columns: 80, rows }).map(textOf);

  test('a line says that somebody waits, the page behind l who', () => {
    expect(draw({ locks }, 24)).toContain('1 session waits for a lock now, the longest 11s');
    expect(draw({ locks }, 24).join('\n')).not.toContain('pid 4712');
    expect(draw({ locks }, 24, 'locks').join('\n')).toContain('└ pid 4712 waits 11s: ShareLock');
    expect(draw({}, 24, 'locks').join('\n')).toContain('No session waits for a lock.');
  });

  test('a query alone shows its own, and why its statements failed', () => {
    const query = queryTotals({
      key: 'a 5 10 f',
      summary: 'UPDATE accounts',
      text: `update accounts set a = ${'$1'}`,
      failures: { '40P01': 2, '55P03': 1 },
    });
    const shown = draw({ locks, detail: { seconds: 10, query } }, 30, 'query').join('\n');
    expect(shown).toContain('failed: 2 deadlock (40P01) · 1 lock not available (55P03)');
    expect(shown).toContain('└ pid 4712 waits 11s: ShareLock');
  });

  test('without keys all of it is there', () => {
    const queries = [
      queryTotals({ summary: 'a', failures: { '40P01': 2 } }),
      queryTotals({ summary: 'b', failures: { '40P01': 1 } }),
    ];
    const shown = draw({ locks, queries }, undefined);
    expect(shown).toContain('failed: 3 deadlock (40P01)');
    expect(shown.join('\n')).toMatch(/LOCKS: WHO WAITS FOR WHOM NOW\npid 4711 idle in transaction · blocks 1\n/);
  });
});
