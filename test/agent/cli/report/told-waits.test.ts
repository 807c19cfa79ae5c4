import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { toldWaits, withWaits } from '../../../../agent/cli/report/page/told-waits.js';
import { span } from './lines.js';

function told(waits: string) {
  return toldWaits(span({ attributes: { 'pgscope.waits': waits } }));
}

describe('the waits of a span', () => {
  test('are read as they were written', () => {
    expect(told('Lock:transactionid 12.3 ms (2), IO:WalSync 1.200 ms (1), Other:further 3.000 ms (4)')).toEqual([
      { style: 'w-lock', seconds: 0.0123 },
      { style: 'w-io', seconds: 0.0012 },
      { style: 'w-other', seconds: 0.003 },
    ]);
    expect(told('')).toEqual([]);
    expect(told('anything else, 12 ms')).toEqual([]);
  });

  test('take from the remainder, and never more than there is', () => {
    const parts = [
      { style: 'w-cpu', seconds: 1 },
      { style: 'rest', seconds: 2 },
    ];
    expect(withWaits(parts, [{ style: 'w-io', seconds: 0.5 }])).toEqual([
      { style: 'w-cpu', seconds: 1 },
      { style: 'w-io', seconds: 0.5 },
      { style: 'rest', seconds: 1.5 },
    ]);
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 5, noNaN: true })), (seconds) => {
        const waits = seconds.map((each) => ({ style: 'w-io', seconds: each }));
        const sum = withWaits(parts, waits).reduce((all, each) => all + each.seconds, 0);
        expect(sum).toBeCloseTo(3, 9);
      }),
    );
  });
});
