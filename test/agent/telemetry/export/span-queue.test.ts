import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createSpanQueue, groupByResource, type QueuedSpan } from '../../../../agent/telemetry/export/span-queue.js';

const resource = { attributes: [] };
const span = (name: string, failed = false, bytes = 10): QueuedSpan => {
  return { resource, encoded: Buffer.from(name.padEnd(bytes, '.')), failed };
};
const limits = { maxItems: 4, maxBytes: 1000, maxBatchItems: 3, maxBatchBytes: 100 };
const names = (batch: QueuedSpan[]) => batch.map(({ encoded }) => Buffer.from(encoded).toString().replace(/\.+$/, ''));

describe('a full queue', () => {
  test('drops what is new', () => {
    const queue = createSpanQueue(limits);
    expect(['a', 'b', 'c', 'd', 'e'].map((name) => queue.push(span(name)))).toEqual([0, 0, 0, 0, 1]);
    expect(names([...queue.take(), ...queue.take()])).toEqual(['a', 'b', 'c', 'd']);
  });

  test('takes a failed one in place of the newest that did not fail', () => {
    const queue = createSpanQueue(limits);
    for (const name of ['a', 'b', 'c', 'd']) queue.push(span(name));
    expect(queue.push(span('failed', true))).toBe(1);
    expect(names([...queue.take(), ...queue.take()])).toEqual(['a', 'b', 'c', 'failed']);
  });

  test('of failed ones drops a new failed one too', () => {
    const queue = createSpanQueue(limits);
    for (const name of ['a', 'b', 'c', 'd']) queue.push(span(name, true));
    expect(queue.push(span('e', true))).toBe(1);
    expect(queue.items).toBe(4);
  });

  test('counts what is on its way', () => {
    const queue = createSpanQueue(limits);
    for (const name of ['a', 'b', 'c', 'd']) queue.push(span(name));
    const batch = queue.take();
    expect(queue.push(span('e'))).toBe(1);
    queue.settle(batch);
    expect(queue.push(span('f'))).toBe(0);
  });
});

test('batches are bounded in number and bytes; a span that is larger goes alone', () => {
  const queue = createSpanQueue({ ...limits, maxItems: 100, maxBatchItems: 3 });
  for (const bytes of [60, 60, 150, 10, 10, 10, 10]) queue.push(span('s', false, bytes));
  const sizes: number[][] = [];
  for (let batch = queue.take(); batch.length > 0; batch = queue.take())
    sizes.push(batch.map(({ encoded }) => encoded.length));
  expect(sizes).toEqual([[60], [60], [150], [10, 10, 10], [10]]);
});

test('what comes back is first again', () => {
  const queue = createSpanQueue(limits);
  for (const name of ['a', 'b', 'c', 'd']) queue.push(span(name));
  queue.giveBack(queue.take());
  expect(names(queue.take())).toEqual(['a', 'b', 'c']);
});

describe('whatever happens', () => {
  const push = fc.record({ failed: fc.boolean(), bytes: fc.integer({ min: 1, max: 300 }) });
  const step = fc.oneof(push, fc.constantFrom('giveBack' as const, 'settle' as const));

  test('it never holds more than its limits, and loses nothing that it does not count', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const queue = createSpanQueue(limits);
        const pushed = steps.filter((one) => typeof one === 'object').length;
        let gone = 0;
        let left = pushed;
        for (const one of steps) {
          if (typeof one === 'object') {
            left -= 1;
            gone += queue.push(span('s', one.failed, one.bytes));
          } else {
            const batch = queue.take();
            queue[one](batch);
            gone += one === 'settle' ? batch.length : 0;
          }
          expect(queue.items).toBeLessThanOrEqual(limits.maxItems);
          expect(queue.bytes).toBeLessThanOrEqual(limits.maxBytes);
          expect(queue.items + gone + left).toBe(pushed);
        }
      }),
    );
  });
});

test('spans of one resource stand together', () => {
  const other = { attributes: [] };
  const batch = [span('a'), { ...span('b'), resource: other }, span('c')];
  expect(groupByResource(batch).map((group) => [group.resource === resource, group.items.length])).toEqual([
    [true, 2],
    [false, 1],
  ]);
});
