import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bar, sparkline } from '../../../../agent/cli/top/glyphs.js';
import { widthOf } from '../../../../agent/cli/top/width.js';

test('a bar is as long as its share, and never longer than its cells', () => {
  expect([0, 0.5, 1, 7].map((share) => bar(share, 4))).toEqual(['', '██', '████', '████']);
  expect(bar(1 / 32, 4)).toBe('▏');
  fc.assert(
    fc.property(fc.double({ noNaN: true }), fc.nat(40), (share, cells) => {
      expect(widthOf(bar(share, cells))).toBeLessThanOrEqual(cells);
    }),
  );
});

test('a sparkline has one character for each value, and nothing for nothing', () => {
  expect(sparkline([0, 1, 4, 8, 2], 8)).toBe(' ▁▄█▂');
  expect(sparkline([1, 0], 0)).toBe('  ');
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e12, noNaN: true })), (values) => {
      expect(widthOf(sparkline(values, Math.max(...values)))).toBe(values.length);
    }),
  );
});
