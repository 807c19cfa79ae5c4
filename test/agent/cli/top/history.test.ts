import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loadFrom, totalOf } from '../../../../agent/cli/load.js';
import { historyOf, type Past, pushPast } from '../../../../agent/cli/top/history.js';

function past(...intervals: [seconds: number, cpu: number][]): Past[] {
  return intervals.reduce<Past[]>(
    (history, [seconds, cpu]) =>
      pushPast(history, { seconds, load: loadFrom((each) => (each === 'CPU' ? cpu * seconds : 0)) }),
    [],
  );
}

function course(history: readonly Past[], maxCells: number): number[] {
  return historyOf(history, maxCells).cells.map((cell) => Math.round(totalOf(cell) * 1000) / 1000);
}

describe('the history of load', () => {
  test('has a cell for each interval while there is room, then longer ones', () => {
    const history = past([1, 1], [1, 2], [1, 3], [1, 4]);
    expect(course(history, 4)).toEqual([1, 2, 3, 4]);
    expect(course(history, 3)).toEqual([1.5, 3.5]);
    expect(historyOf(history, 3).cellSeconds).toBe(2);
  });

  test('cells are no shorter than intervals, and none is empty between others', () => {
    expect(course(past([5.01, 1], [5.01, 1], [5.01, 1]), 40)).toEqual([1, 1, 1, 1]);
    expect(historyOf(past([5.01, 1]), 40).cellSeconds).toBe(5);
    expect(historyOf(past([3600, 1], [3600, 2]), 40)).toMatchObject({ cellSeconds: 3600 });
  });

  test('of nothing is nothing', () => {
    expect(historyOf([], 40).cells).toEqual([]);
    expect(historyOf(past([1, 1]), 0).cells).toEqual([]);
  });

  test('keeps five minutes, or sixty long intervals', () => {
    expect(past(...Array.from({ length: 400 }, (): [number, number] => [1, 1]))).toHaveLength(300);
    expect(past(...Array.from({ length: 400 }, (): [number, number] => [60, 1]))).toHaveLength(60);
  });

  test('has never more cells than asked for, and a steady load stays steady', () => {
    const anyIntervals = fc.array(fc.double({ min: 0.05, max: 90, noNaN: true }), { minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(anyIntervals, fc.integer({ min: 1, max: 60 }), (intervals, maxCells) => {
        const cells = historyOf(past(...intervals.map((seconds): [number, number] => [seconds, 2])), maxCells).cells;
        expect(cells.length).toBeGreaterThan(0);
        expect(cells.length).toBeLessThanOrEqual(maxCells);
        for (const cell of cells) expect(totalOf(cell)).toBeCloseTo(2, 6);
      }),
    );
  });
});
