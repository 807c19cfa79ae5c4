import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decadeTicks, linearTicks, spanTicks, timeTicks } from '../../../../agent/cli/report/page/ticks.js';

const START = Date.UTC(2026, 0, 2, 14, 30, 5) / 1000;

describe('ticks', () => {
  test('of time lie at round times and say as much as they need', () => {
    expect(timeTicks(START, START + 20).map(({ label }) => label)).toEqual(['14:30:10', '14:30:15', '14:30:20']);
    expect(timeTicks(START, START + 300).map(({ label }) => label)).toEqual(['14:31', '14:32', '14:33', '14:34']);
    expect(timeTicks(START, START + 86_400).map(({ label }) => label)).toEqual([
      '18:00',
      '21:00',
      '01-03',
      '03:00',
      '06:00',
      '09:00',
      '12:00',
    ]);
    expect(timeTicks(START, START)).toEqual([]);
  });

  test('of time are never many and never outside', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2e9 }), fc.double({ min: 0.01, max: 1e9, noNaN: true }), (from, length) => {
        const ticks = timeTicks(from, from + length);
        expect(ticks.length).toBeLessThanOrEqual(9);
        for (const { at } of ticks) expect(at > 0 && at < 1).toBe(true);
      }),
    );
  });

  test('of loads reach above the highest value in round steps', () => {
    expect(linearTicks(7.2)).toEqual({
      top: 8,
      ticks: ['0', '2', '4', '6', '8'].map((label, index) => ({ at: index / 4, label })),
    });
    expect(linearTicks(0.03).ticks.map(({ label }) => label)).toEqual(['0.00', '0.01', '0.02', '0.03']);
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (max) => {
        const { top, ticks } = linearTicks(max);
        expect(top).toBeGreaterThanOrEqual(max * 0.999);
        expect(ticks.length).toBeLessThanOrEqual(6);
        expect(new Set(ticks.map(({ label }) => label)).size).toBe(ticks.length);
      }),
    );
  });

  test('of latency are powers of ten, of a span round parts of it', () => {
    expect(decadeTicks(5e-5, 2).map(({ label }) => label)).toEqual(['100 µs', '1 ms', '10 ms', '100 ms', '1 s']);
    expect(decadeTicks(1e-3, 1).map(({ at }) => Math.round(at * 100))).toEqual([0, 33, 67, 100]);
    expect(spanTicks(0.162).map(({ label }) => label)).toEqual(['0', '50 ms', '100 ms', '150 ms']);
    expect(spanTicks(7.1).map(({ label }) => label)).toEqual(['0', '2 s', '4 s', '6 s']);
  });
});
