import { describe, expect, test } from '@jest/globals';
import { createLosses } from '../../../agent/capture/losses.js';

describe('losses', () => {
  test('go on where they were when a new tracer counts from zero', () => {
    const losses = createLosses();
    losses.tracerStarted();
    losses.report({ recordsRingFull: 3, scratchBusy: 0 });
    losses.report({ recordsRingFull: 5, scratchBusy: 0 });
    losses.tracerStarted();
    expect(losses.totals).toEqual({ recordsRingFull: 5 });
    losses.report({ recordsRingFull: 1, scratchBusy: 2 });
    losses.add('drainsFailed');
    expect(losses.totals).toEqual({ recordsRingFull: 6, scratchBusy: 2, drainsFailed: 1 });
  });
});
