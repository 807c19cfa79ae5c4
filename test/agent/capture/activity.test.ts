import { describe, expect, test } from '@jest/globals';
import { createActivity } from '../../../agent/capture/activity.js';
import type { CapturedServer } from '../../../agent/capture.js';
import type { AggregateEvent, LockEvent } from '../../../agent/tracer.js';

/** Class Lock and class Activity, the first event of each; both are the same in all versions. */
const LOCK_RELATION = 0x03000000;
const IDLE = 0x05000000;
const PAGE_FAULT = 0xf0000001;

function aggregate(given: Partial<AggregateEvent>): AggregateEvent {
  const counts = { databaseOid: 5, userOid: 10, calls: 0, errors: 0 };
  return { type: 'aggregate', target: 'main', fingerprint: '00000000000000ab', ...counts, ...given };
}

function activity() {
  const created = createActivity(() => {});
  created.addTarget({ target: 'main', major: 15 } as CapturedServer);
  return created;
}

describe('what happened in an interval', () => {
  test('has system calls on files by kind of file, and each only once', () => {
    const happened = activity();
    const calls = { type: 'io', target: 'main', backendType: 'walwriter', operation: 'sync', event: 0 } as const;
    happened.io({ ...calls, calls: 2, durationNs: 9, durations: { scale: 2, offset: -60, counts: [2] } });
    expect(happened.take().io).toEqual([
      {
        target: 'main',
        backendType: 'walwriter',
        operation: 'sync',
        kind: 'unknown',
        calls: 2,
        durationNs: 9,
        durations: { scale: 2, offset: -60, counts: [2] },
      },
    ]);
    expect(happened.take().io).toEqual([]);
  });

  test('has waits by their names, and none that is idle', () => {
    const happened = activity();
    const waits = [
      { event: LOCK_RELATION, count: 2, waitNs: 30 },
      { event: IDLE, count: 1, waitNs: 1000 },
      { event: PAGE_FAULT, count: 3, waitNs: 7 },
    ];
    happened.aggregate(aggregate({ calls: 1, waits }));
    expect(happened.take().queries).toMatchObject([
      {
        calls: 1,
        waits: [
          { type: 'Lock', event: 'relation', count: 2, waitNs: 30 },
          { type: 'Kernel', event: 'PageFault', count: 3, waitNs: 7 },
        ],
      },
    ]);
  });

  test('names an event as the version of its server does', () => {
    const event = 0x0a000000 + 21; // numbered anew in 16 and 17
    const namedBy = (major: number) => {
      const happened = createActivity(() => {});
      happened.addTarget({ target: 'main', major } as CapturedServer);
      happened.aggregate(aggregate({ waits: [{ event, count: 1, waitNs: 1 }] }));
      return happened.take().queries[0]?.waits[0]?.event;
    };
    expect(namedBy(15)).not.toBe(namedBy(18));
  });

  test('has who waits for a lock at its end, in words and in seconds, once', () => {
    const happened = activity();
    const seconds = (count: number) => String(1_790_000_000_000_000_000n + BigInt(count) * 1_000_000_000n);
    const waiting: LockEvent = {
      type: 'lock',
      target: 'main',
      pid: 7,
      event: LOCK_RELATION | (8 << 16),
      sinceUnixNano: seconds(10),
      databaseOid: 5,
      userOid: 10,
      application: 'shop',
      lock: {
        mode: 8,
        fields: [5, 16_384, 0, 0],
        blockers: [{ pid: 8, waiting: true, state: 'active', application: '', transactionStartUnixNano: seconds(30) }],
      },
    };
    happened.identity({ type: 'identity', target: 'main', databaseOid: 5, database: 'shop', userOid: 10, user: 'app' });
    happened.lock?.(waiting);
    happened.lock?.(waiting); // by a drain that failed
    const drained = { type: 'drained' as const, losses: {}, bpf: { runTimeNs: 0, runCount: 0 } };
    const targets = [{ target: 'main', pid: 1, backends: 9, lockWaitsUntold: 3 }];
    happened.drained({ ...drained, unixNano: seconds(25), targets });
    const { waits, untold } = happened.take().locks;
    expect(untold).toBe(3);
    expect(waits).toMatchObject([
      {
        pid: 7,
        database: 'shop',
        user: 'app',
        mode: 'AccessExclusiveLock',
        object: 'relation 16384',
        seconds: 15,
        blockers: [{ pid: 8, isQueued: true, transactionSeconds: 0 }],
      },
    ]);
    happened.drained({ ...drained, unixNano: seconds(26), targets: [] });
    expect(happened.take().locks).toEqual({ waits: [], untold: 0 });
  });

  test('keeps background processes apart from queries', () => {
    const happened = activity();
    happened.aggregate(aggregate({ calls: 1 }));
    happened.aggregate(aggregate({ backendType: 'checkpointer', walBytes: 5, waits: [] }));
    const { queries, background } = happened.take();
    expect(queries).toHaveLength(1);
    expect(background).toMatchObject([{ backendType: 'checkpointer', walBytes: 5, waits: [] }]);
    expect(happened.take()).toEqual({ queries: [], background: [], io: [], locks: { waits: [], untold: 0 } });
  });
});
