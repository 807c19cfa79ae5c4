import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createLineSplitter } from '../../agent/lines.js';

function split(chunks: Buffer[], maxBytes: number) {
  const lines: string[] = [];
  let tooLong = 0;
  const splitter = createLineSplitter({
    maxBytes,
    onLine: (line) => lines.push(line),
    onTooLong: () => {
      tooLong += 1;
    },
  });
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return { lines, tooLong };
}

describe('lines', () => {
  test('do not depend on where the chunks are cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.nat(50)), (text, sizes) => {
        const bytes = Buffer.from(text.replaceAll('x', '\n'));
        const chunks: Buffer[] = [];
        let start = 0;
        for (const size of sizes) {
          chunks.push(bytes.subarray(start, start + size));
          start += size;
        }
        chunks.push(bytes.subarray(start));
        const expected = bytes
          .toString()
          .split('\n')
          .filter((line) => line !== '');
        expect(split(chunks, 1000)).toEqual({ lines: expected, tooLong: 0 });
      }),
    );
  });

  test('longer than the limit are dropped, those around them are not', () => {
    const chunks = ['ab\n123', '4567', '89\ncd\n12345', '\n123456\n'].map((text) => Buffer.from(text));
    expect(split(chunks, 5)).toEqual({ lines: ['ab', 'cd', '12345'], tooLong: 2 });
  });

  test('of any bytes, cut anywhere: the same as those of the whole, too long ones counted', () => {
    const byte = fc.oneof(fc.constantFrom(0x0a, 0x0a, 0x0d, 0, 0xff, 0xc3, 0xf0), fc.nat(255));
    fc.assert(
      fc.property(
        fc.array(byte, { maxLength: 200 }),
        fc.array(fc.nat(30)),
        fc.integer({ min: 1, max: 20 }),
        (all, sizes, maxBytes) => {
          const bytes = Buffer.from(all);
          const chunks: Buffer[] = [];
          let start = 0;
          for (const size of sizes) {
            chunks.push(bytes.subarray(start, start + size));
            start += size;
          }
          chunks.push(bytes.subarray(start));
          const lines = bytes
            .toString('latin1')
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => Buffer.from(line, 'latin1'));
          expect(split(chunks, maxBytes)).toEqual({
            lines: lines.filter((line) => line.length <= maxBytes).map((line) => line.toString('utf8')),
            tooLong: lines.filter((line) => line.length > maxBytes).length,
          });
        },
      ),
      { numRuns: 2000 },
    );
  });
});
