import { describe, expect, test } from '@jest/globals';
import { createMetricsQueue, type QueuedMetrics } from '../../../../agent/telemetry/export/metrics-queue.js';

const limits = { maxBytes: 1000, maxBatchBytes: 250 };
const part = (key: string, generation: number, final = false, points = 1): QueuedMetrics => {
  return { key, generation, final, points, encoded: new Uint8Array(100) };
};
const shape = (batch: QueuedMetrics[]) => batch.map(({ key, generation }) => `${key}${generation}`);
const all = (queue: ReturnType<typeof createMetricsQueue>) => {
  const taken: QueuedMetrics[] = [];
  for (let batch = queue.take(); batch.length > 0; batch = queue.take()) taken.push(...batch);
  return shape(taken);
};

describe('a newer snapshot', () => {
  test('replaces an older one of the same resource, with all its parts', () => {
    const queue = createMetricsQueue(limits);
    queue.push([part('a', 1, false, 5), part('a', 1, false, 2)]);
    queue.push([part('b', 2)]);
    expect(queue.push([part('a', 3)])).toEqual({ superseded: 7, dropped: 0 });
    expect(queue.items).toBe(2);
    expect(all(queue)).toEqual(['b2', 'a3']);
  });

  test('does not replace ends of series, nor what was before them', () => {
    const queue = createMetricsQueue(limits);
    for (const one of [part('a', 1), part('a', 2, true), part('a', 3), part('a', 4)]) queue.push([one]);
    expect(all(queue)).toEqual(['a1', 'a2', 'a4']);
  });

  test('replaces what comes back undelivered', () => {
    const queue = createMetricsQueue(limits);
    queue.push([part('a', 1), part('b', 2)]);
    const batch = queue.take();
    queue.push([part('a', 3)]);
    expect(queue.giveBack(batch)).toEqual({ superseded: 1, dropped: 0 });
    expect(all(queue)).toEqual(['b2', 'a3']);
  });

  test('does not replace what comes back if series ended in between', () => {
    const queue = createMetricsQueue(limits);
    queue.push([part('a', 1)]);
    const batch = queue.take();
    queue.push([part('a', 2, true)]);
    queue.push([part('a', 3)]);
    expect(queue.giveBack(batch)).toEqual({ superseded: 0, dropped: 0 });
    expect(all(queue)).toEqual(['a1', 'a2', 'a3']);
  });
});

test('drops the oldest when it is full', () => {
  const queue = createMetricsQueue(limits);
  for (let generation = 1; generation <= 10; generation++) queue.push([part('a', generation, true)]);
  expect(queue.push([part('a', 11, true)])).toEqual({ superseded: 0, dropped: 1 });
  expect(queue.bytes).toBe(1000);
  expect(all(queue)[0]).toBe('a2');
});

test('batches are bounded in bytes', () => {
  const queue = createMetricsQueue(limits);
  queue.push(Array.from({ length: 5 }, () => part('a', 1)));
  expect([queue.take(), queue.take(), queue.take()].map(({ length }) => length)).toEqual([2, 2, 1]);
});

test('what is settled gives its memory back, unless others have a share in it', () => {
  const queue = createMetricsQueue(limits);
  const shared = new Uint8Array(200).fill(7);
  queue.push([part('a', 1), { ...part('b', 2), encoded: shared.subarray(100) }]);
  const batch = queue.take();
  queue.settle(batch);
  expect(batch.map(({ encoded }) => encoded.length)).toEqual([0, 100]);
  expect(shared[199]).toBe(7);
  expect(queue.bytes).toBe(0);
});
