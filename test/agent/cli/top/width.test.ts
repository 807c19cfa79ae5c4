import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { padEnd, padStart, printable, truncate, widthOf, wrap } from '../../../../agent/cli/top/width.js';

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

describe('wrapped text', () => {
  test('breaks between words, and says where it goes on', () => {
    expect(wrap('select id from orders', 10, 3)).toEqual(['select id', 'from', 'orders']);
    expect(wrap('select id from orders', 10, 2)).toEqual(['select id', 'from orde…']);
    expect(wrap('aaaaaaaaaaaa bb', 10, 3)).toEqual(['aaaaaaaaaa', 'aa bb']);
    expect(wrap('', 10, 3)).toEqual([]);
  });

  test('never is wider or longer than it may be', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 2, max: 30 }),
        fc.integer({ min: 1, max: 5 }),
        (text, width, most) => {
          const lines = wrap(printable(text), width, most);
          expect(lines.length).toBeLessThanOrEqual(most);
          for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});
