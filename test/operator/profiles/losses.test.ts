import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addedUp, type LossMemory, lossesOf } from '../../../operator/profiles/losses.js';
import type { NodeProfileObject } from '../../../operator/views.js';

const counts = (all: Record<string, number>) =>
  Object.entries(all).map(([uid, lostEvents]) => ({ metadata: { uid }, status: { lostEvents } }) as NodeProfileObject);

/** The totals after each of the moments, for an operator that sees all of them. */
function totals(stored: number, ...moments: Record<string, number>[]): number[] {
  let memory: LossMemory | undefined;
  return moments.map((all) => {
    memory = addedUp(memory, stored, counts(all));
    return lossesOf(memory);
  });
}

describe('losses', () => {
  test.each<[string, number, Record<string, number>[], number[]]>([
    ['of nodes are added up', 0, [{ a: 5 }, { a: 7, b: 3 }], [5, 10]],
    ['of a node that leaves stay', 0, [{ a: 500, b: 1 }, { b: 1 }, { b: 4 }], [501, 501, 504]],
    ['of a node that comes again are new ones', 0, [{ a: 500 }, {}, { a2: 300 }], [500, 500, 800]],
    ['of a count that began anew are new ones', 0, [{ a: 500 }, { a: 300 }, { a: 310 }], [500, 800, 810]],
    ['that the status has and no node are gone ones', 500, [{ a: 200 }, { a: 260 }], [500, 560]],
    ['that nodes had while no operator ran are taken in', 500, [{ a: 700 }], [700]],
  ])('%s', (_, stored, moments, expected) => {
    expect(totals(stored, ...moments)).toEqual(expected);
  });

  test('never become fewer, and are never more than what nodes have told', () => {
    const moment = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.nat(1000));
    fc.assert(
      fc.property(fc.array(moment, { minLength: 1, maxLength: 8 }), fc.nat(1000), (moments, stored) => {
        const seen = totals(stored, ...moments);
        expect(seen).toEqual(seen.toSorted((a, b) => a - b));
        const told = moments.flatMap((all) => Object.values(all)).reduce((total, count) => total + count, stored);
        expect(seen.at(-1)).toBeLessThanOrEqual(told);
      }),
    );
  });
});
