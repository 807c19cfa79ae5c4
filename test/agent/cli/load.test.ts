import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addLoad, classOf, LOAD_CLASSES, loadFrom, loadOf, sharesOf, totalOf } from '../../../agent/cli/load.js';
import { addWaits, waitSeconds, waitsOf } from '../../../agent/cli/waits.js';

const anyLoad = fc
  .array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: LOAD_CLASSES.length, maxLength: 10 })
  .map((seconds) => loadFrom((each) => seconds[LOAD_CLASSES.indexOf(each)] ?? 0));
const anyWait = fc.record({
  type: fc.constantFrom('IO', 'Lock', 'Kernel', 'Extension'),
  event: fc.constantFrom('a', 'b', 'c'),
  count: fc.nat(1000),
  waitNs: fc.nat(),
});

describe('load', () => {
  test.each([
    ['Lock', 'Lock'],
    ['IO', 'IO'],
    ['Kernel', 'Kernel'],
    ['BufferPin', 'other'],
    ['class 12', 'other'],
    ['CPU', 'other'],
  ])('waits of type %s are of class %s', (type, loadClass) => {
    expect(classOf(type)).toBe(loadClass);
  });

  test('shares of a whole that is not nothing add up to 1', () => {
    fc.assert(
      fc.property(anyLoad, (load) => {
        const sum = sharesOf(load).reduce((all, [, share]) => all + share, 0);
        expect(sum).toBeCloseTo(totalOf(load) > 0 ? 1 : 0, 9);
      }),
    );
  });

  test('nothing that was measured is lost in classes', () => {
    fc.assert(
      fc.property(fc.array(anyWait), fc.nat(), (named, cpu) => {
        const waits = waitsOf(named);
        const load = loadOf({ cpuSeconds: cpu, runQueueSeconds: 1, waits });
        expect(totalOf(load)).toBeCloseTo(cpu + 1 + waitSeconds(waits), 3);
        expect(totalOf(addLoad(load, load))).toBeCloseTo(2 * totalOf(load), 3);
      }),
    );
  });
});

test('waits are added up by event, the longest first', () => {
  fc.assert(
    fc.property(fc.array(anyWait), fc.array(anyWait), (left, right) => {
      const sum = addWaits(waitsOf(left), waitsOf(right));
      expect(new Set(sum.map(({ name }) => name)).size).toBe(sum.length);
      expect(sum.map(({ seconds }) => seconds)).toEqual(sum.map(({ seconds }) => seconds).toSorted((a, b) => b - a));
      expect(waitSeconds(sum)).toBeCloseTo(
        [...left, ...right].reduce((all, { waitNs }) => all + waitNs / 1e9, 0),
        6,
      );
    }),
  );
});
