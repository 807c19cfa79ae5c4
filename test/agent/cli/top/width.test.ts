import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { padEnd, padStart, printable, truncate, widthOf } from '../../../../agent/cli/top/width.js';

describe('width', () => {
  test.each([
    ['abc', 3],
    ['漢字', 4],
    ['한글', 4],
    ['ｆｕｌｌ', 8],
    ['e\u0301', 1],
    ['👨‍👩‍👧', 2],
    ['🇩🇪', 2],
    ['❤️', 2],
    ['123', 3],
    ['\u200b', 0],
  ])('of %p is %p', (text, width) => {
    expect(widthOf(text)).toBe(width);
  });

  test('truncation leaves what fits and never splits a character', () => {
    expect(truncate('SELECT orders', 13)).toBe('SELECT orders');
    expect(truncate('SELECT orders', 12)).toBe('SELECT orde…');
    expect(truncate('漢字漢字', 5)).toBe('漢字…');
    expect(truncate('漢字漢字', 4)).toBe('漢…');
    expect(truncate('e\u0301e\u0301e\u0301', 2)).toBe('e\u0301…');
    expect(truncate('abc', 0)).toBe('');
  });

  test('padding gives exactly the width', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 40 }), (text, width) => {
        expect(widthOf(padEnd(printable(text), width))).toBe(width);
        expect(widthOf(padStart(printable(text), width))).toBe(width);
      }),
    );
  });

  test('printable text steers no terminal', () => {
    expect(printable('a\u001b[31mb\nc\u0085d\u202ee')).toBe('a [31mb c d e');
  });
});
