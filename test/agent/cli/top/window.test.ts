import { describe, expect, test } from '@jest/globals';
import { NO_PHASES } from '../../../../agent/cli/phases.js';
import type { Interval } from '../../../../agent/cli/top/view.js';
import { pushInterval, SMOOTHED_INTERVALS, sumIntervals } from '../../../../agent/cli/top/window.js';
import { backgroundTotals, fileTotals, queryTotals, waited } from './view.js';

const durations = { scale: 3, offset: -60, counts: [1, 1], zeroCount: 0 };

const waits = [waited('IO:WalSync', 2, 1)];
const syncs = fileTotals({ kind: 'wal', operation: 'sync', calls: 3, durationNs: 9 });
const reads = fileTotals({ kind: 'wal', operation: 'read', calls: 1, bytes: 8192, storageReadBytes: 4096 });
const walwriter = backgroundTotals({ backendType: 'walwriter', cpuNs: 3, walBytes: 2 });

describe('the window', () => {
  test('keeps the last intervals and no more', () => {
    let window: Interval[] = [];
    for (let seconds = 1; seconds <= 25; seconds++)
      window = pushInterval(window, { seconds, queries: [], background: [], files: [] });
    expect(window).toHaveLength(SMOOTHED_INTERVALS);
    expect(window.at(-1)?.seconds).toBe(25);
  });

  test('sums each query, and each type of background process, over all intervals', () => {
    const first = queryTotals({
      summary: 'a',
      calls: 2,
      rows: 4,
      durationNs: 10,
      cpuNs: 5,
      ioBytes: 1,
      phases: { ...NO_PHASES, plan: 2, commit: 1 },
      durations,
      waits,
    });
    const second = { ...first, calls: 3, errors: 1 };
    const other = queryTotals({ summary: 'b', calls: 1 });
    const sum = sumIntervals([
      { seconds: 1, queries: [first], background: [walwriter], files: [syncs] },
      { seconds: 1.5, queries: [other, second], background: [walwriter], files: [syncs, reads] },
    ]);
    expect(sum).toEqual({
      seconds: 2.5,
      queries: [
        {
          ...first,
          calls: 5,
          errors: 1,
          rows: 8,
          durationNs: 20,
          cpuNs: 10,
          ioBytes: 2,
          phases: { ...NO_PHASES, plan: 4, commit: 2 },
          waits: [waited('IO:WalSync', 4, 2)],
          durations: { ...durations, counts: [2, 2] },
        },
        other,
      ],
      background: [{ ...walwriter, cpuNs: 6, walBytes: 4 }],
      files: [{ ...syncs, calls: 6, durationNs: 18, durations: { ...syncs.durations, counts: [6] } }, reads],
    });
  });

  test('of nothing is nothing', () => {
    expect(sumIntervals([])).toEqual({ seconds: 0, queries: [], background: [], files: [] });
  });
});
