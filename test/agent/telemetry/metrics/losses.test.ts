import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createRestartingCounters } from '../../../../agent/telemetry/metrics/losses.js';

test('counts on when the tracer begins anew', () => {
  const counters = createRestartingCounters();
  counters.update({ ringFull: 5, scratchBusy: 1 });
  counters.update({ ringFull: 7, scratchBusy: 1 });
  counters.update({ ringFull: 2 });
  expect(counters.totals()).toEqual({ ringFull: 9, scratchBusy: 1 });
});

test('is told of a restart that the values do not show', () => {
  const counters = createRestartingCounters();
  counters.update({ ringFull: 5 });
  counters.restarted();
  counters.update({ ringFull: 6 });
  expect(counters.totals()).toEqual({ ringFull: 11 });
});

test('never decreases', () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), (values) => {
      const counters = createRestartingCounters();
      let before = 0;
      for (const value of values) {
        counters.update({ lost: value });
        const now = counters.totals().lost ?? 0;
        expect(now).toBeGreaterThanOrEqual(before);
        before = now;
      }
    }),
  );
});
