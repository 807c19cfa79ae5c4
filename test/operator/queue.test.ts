import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createWorkQueue, type QueueMetrics, type WorkQueue } from '../../operator/queue.js';
import { createFakeClock, type FakeClock } from '../kube/clocks.js';

let clock: FakeClock;
let queue: WorkQueue;

beforeEach(() => {
  clock = createFakeClock();
  queue = createWorkQueue({ clock });
});

test('keys come in order, and a key that waits is there once', async () => {
  for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key);
  expect(queue.depth).toBe(3);
  expect([await queue.take(), await queue.take(), await queue.take()]).toEqual(['a', 'b', 'c']);
});

test('whoever waits is given a key as soon as there is one', async () => {
  const taken = Promise.all([queue.take(), queue.take()]);
  queue.add('a');
  queue.add('a');
  queue.add('b');
  expect(await taken).toEqual(['a', 'b']);
});

test('a key added while it is worked on is worked on again, after that', async () => {
  queue.add('a');
  await queue.take();
  queue.add('a');
  queue.add('a');
  expect(queue.depth).toBe(0);
  queue.done('a');
  expect(await queue.take()).toBe('a');
  queue.done('a');
  expect(queue.depth).toBe(0);
  expect(() => queue.done('a')).toThrow('done must follow take once');
});

test('failures double the pause from 5 ms to 1000 s, until the key is forgotten', () => {
  const pauses = Array.from({ length: 20 }, () => {
    const before = clock.now();
    queue.addAfterFailure('a');
    while (queue.depth === 0) clock.advance(1);
    void queue.take();
    queue.done('a');
    return clock.now() - before;
  });
  expect(pauses.slice(0, 4)).toEqual([5, 10, 20, 40]);
  expect(pauses.slice(17)).toEqual([655_360, 1_000_000, 1_000_000]);
  expect(queue.failures('a')).toBe(20);
  queue.forget('a');
  expect(queue.failures('a')).toBe(0);
  queue.addAfterFailure('a');
  clock.advance(5);
  expect(queue.depth).toBe(1);
});

test('many keys that fail at once come back ten a second', () => {
  for (let index = 0; index < 150; index += 1) queue.addAfterFailure(`key-${index}`);
  clock.advance(5);
  expect(queue.depth).toBe(100);
  clock.advance(995);
  expect(queue.depth).toBe(110);
  clock.advance(4000);
  expect(queue.depth).toBe(150);
});

test('of several delays the earliest holds, and a long one does not fire at once', () => {
  queue.addAfter('a', 1000);
  queue.addAfter('a', 500);
  queue.addAfter('a', 2000);
  queue.addAfter('b', 0);
  queue.addAfter('c', 1e12);
  expect(queue.depth).toBe(1);
  clock.advance(500);
  expect(queue.depth).toBe(2);
  clock.advance(10_000);
  expect(queue.depth).toBe(2);
  expect(clock.timers).toBe(1);
});

describe('shutting down', () => {
  test('what waits is worked on, also a key added again before; what is delayed is not', async () => {
    queue.add('a');
    queue.add('b');
    queue.addAfter('c', 10);
    await queue.take();
    queue.add('a');
    let drained = false;
    const end = queue.shutDown().then(() => {
      drained = true;
    });
    queue.add('d');
    queue.addAfterFailure('d');
    expect(clock.timers).toBe(0);
    queue.done('a');
    const left = [await queue.take(), await queue.take()];
    expect(left).toEqual(['b', 'a']);
    const last = queue.take();
    queue.done('b');
    await Promise.resolve();
    expect(drained).toBe(false);
    queue.done('a');
    await end;
    expect(await last).toBeUndefined();
    expect(await queue.take()).toBeUndefined();
  });

  test('an idle queue ends at once, and lets go who waits', async () => {
    const taken = queue.take();
    await queue.shutDown();
    expect(await taken).toBeUndefined();
  });
});

test('metrics and what is unfinished', async () => {
  const told: string[] = [];
  const tell = (name: string) => (value?: number) => void told.push(value === undefined ? name : `${name} ${value}`);
  const metrics: QueueMetrics = {
    added: tell('added'),
    depth: tell('depth'),
    waited: tell('waited'),
    worked: tell('worked'),
    retried: tell('retried'),
  };
  queue = createWorkQueue({ clock, metrics });
  queue.add('a');
  queue.add('a');
  clock.advance(2000);
  await queue.take();
  clock.advance(1000);
  queue.add('b');
  await queue.take();
  clock.advance(500);
  expect(queue.unfinished()).toEqual({ seconds: 2, longestSeconds: 1.5 });
  queue.done('a');
  queue.addAfterFailure('a');
  expect(told).toEqual([
    'added',
    'depth 1',
    'depth 0',
    'waited 2',
    'added',
    'depth 1',
    'depth 0',
    'waited 0',
    'worked 1.5',
    'retried',
  ]);
});

test('by any order of steps: never two workers on a key, nothing that was added is left undone', async () => {
  const key = fc.constantFrom('a', 'b', 'c');
  const step = fc.oneof(
    fc.record({ do: fc.constantFrom('add', 'fail'), key }),
    fc.record({ do: fc.constant('later'), key, ms: fc.integer({ min: 0, max: 50 }) }),
    fc.record({ do: fc.constantFrom('take', 'done', 'wait') }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const workers = createWorkers();
      for (const one of steps) await workers.step(one);
      expect(await workers.finish()).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

interface Step {
  do: string;
  key?: string;
  ms?: number;
}

/** Workers on a queue of their own, who see that no key is worked on twice at once. */
function createWorkers() {
  const moving = createFakeClock();
  const tested = createWorkQueue({ clock: moving });
  const working = new Set<string>();
  /** Keys added since they were last taken. */
  const owed = new Set<string>();

  const take = async (): Promise<void> => {
    if (tested.depth === 0) return;
    const taken = String(await tested.take());
    expect(working.has(taken)).toBe(false);
    working.add(taken);
    owed.delete(taken);
  };
  const done = (): void => {
    for (const first of [...working].slice(0, 1)) {
      working.delete(first);
      tested.done(first);
    }
  };
  const actions: Record<string, (step: Step) => unknown> = {
    add: ({ key = '' }) => tested.add(key),
    fail: ({ key = '' }) => tested.addAfterFailure(key),
    later: ({ key = '', ms = 0 }) => tested.addAfter(key, ms),
    wait: () => moving.advance(7),
    take,
    done,
  };

  return {
    step: async (step: Step): Promise<void> => {
      if (step.key !== undefined) owed.add(step.key);
      await actions[step.do]?.(step);
    },
    /** Gives the keys that were added and never taken since. */
    finish: async (): Promise<string[]> => {
      moving.advance(2_000_000);
      while (working.size > 0 || tested.depth > 0) {
        await take();
        done();
      }
      expect(moving.timers).toBe(0);
      return [...owed];
    },
  };
}
