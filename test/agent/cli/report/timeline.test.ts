import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LATENCY_ROWS, rowLimit, rowsOf } from '../../../../agent/cli/report/latency.js';
import { Clock } from '../../../../agent/cli/report/timeline.js';

describe('a timeline', () => {
  test('spreads what happened evenly over its time', () => {
    const clock = new Clock();
    const timeline = clock.timeline(2);
    timeline.add(10.5, 12.5, [
      [0, 8],
      [1, 4],
    ]);
    expect(clock.bins).toEqual([10, 11, 12]);
    expect(clock.bins.map((bin) => [...(timeline.at(bin) ?? [])])).toEqual([
      [2, 1],
      [4, 2],
      [2, 1],
    ]);
  });

  test('a moment, and a stretch that ends on a limit, lie in one bin', () => {
    const clock = new Clock();
    const timeline = clock.timeline(1);
    timeline.add(3, 3, [[0, 1]]);
    timeline.add(4, 5, [[0, 1]]);
    expect(clock.bins).toEqual([3, 4]);
    expect(timeline.at(3)?.[0]).toBe(1);
  });

  test('before the first use there are no bins', () => {
    expect(new Clock().bins).toEqual([]);
  });

  test('never has more bins than the limit, and loses nothing', () => {
    const stretches = fc.array(
      fc.tuple(
        fc.double({ min: -1e5, max: 1e6, noNaN: true }),
        fc.double({ min: 0, max: 1e4, noNaN: true }),
        fc.integer({ min: 1, max: 1000 }),
      ),
      { minLength: 1, maxLength: 30 },
    );
    fc.assert(
      fc.property(stretches, (given) => {
        const clock = new Clock(16);
        const timelines = [clock.timeline(1), clock.timeline(1)];
        for (const [index, [from, length, amount]] of given.entries())
          timelines[index % 2]?.add(from, from + length, [[0, amount]]);
        expect(clock.bins.length).toBeLessThanOrEqual(16);
        const found = timelines
          .flatMap((timeline) => clock.bins.map((bin) => timeline.at(bin)?.[0] ?? 0))
          .reduce((sum, each) => sum + each, 0);
        const all = given.reduce((sum, [, , amount]) => sum + amount, 0);
        expect(Math.abs(found - all)).toBeLessThan(all * 1e-4);
      }),
    );
  });
});

describe('the latency axis', () => {
  test('rows hold what lies between their limits', () => {
    fc.assert(
      fc.property(fc.double({ min: 2e-6, max: 500, noNaN: true }), (seconds) => {
        const offset = Math.ceil(Math.log2(seconds) * 8) - 1;
        const [[row, count] = [0, 0]] = rowsOf({ scale: 3, offset, counts: [4], zeroCount: 0 });
        expect(count).toBe(4);
        expect(rowLimit(row)).toBeLessThanOrEqual(seconds * 1.000001);
        expect(rowLimit(row + 1)).toBeGreaterThanOrEqual(seconds * 0.999999);
      }),
    );
  });

  test('what lies outside goes to its ends', () => {
    expect(rowsOf({ scale: 0, offset: -60, counts: [1], zeroCount: 2 })).toEqual([
      [0, 2],
      [0, 1],
    ]);
    expect(rowsOf({ scale: 0, offset: 38, counts: [1], zeroCount: 0 })).toEqual([[LATENCY_ROWS - 1, 1]]);
  });
});
