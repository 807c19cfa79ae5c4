import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createLineCutter } from '../../../kube/client/lines.js';

test('wherever chunks end, the lines are the same', () => {
  const line = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\n'));
  fc.assert(
    fc.property(fc.array(line), line, fc.array(fc.nat(200)), (lines, rest, cuts) => {
      const bytes = Buffer.from([...lines, rest].join('\n'));
      const ends = [...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].sort((one, other) => one - other);
      const cutter = createLineCutter(10_000);
      const cut = ends.flatMap((end, index) => cutter.push(bytes.subarray(ends[index - 1] ?? 0, end)));
      expect(cut).toEqual(lines);
      expect(cutter.pendingBytes).toBe(Buffer.byteLength(rest));
    }),
  );
});

test('a line may be as long as the limit, and no longer', () => {
  const cutter = createLineCutter(5);
  expect(cutter.push(Buffer.from('12345\n12'))).toEqual(['12345']);
  expect(() => cutter.push(Buffer.from('3456'))).toThrow('a line is longer than 5 bytes');
});
