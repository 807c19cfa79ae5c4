import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lineAt, tokensOf } from '../../../../agent/programs/source/tokens.js';

test('tokens of every kind', () => {
  const kinds = tokensOf('@a[$1] = str(arg0, 5) /* c */ && "x\\"y" // z\n#').map(({ kind, text }) => `${kind} ${text}`);
  expect(kinds.filter((token) => !token.startsWith('space'))).toEqual([
    ...['map @a', 'mark [', 'variable $1', 'mark ]', 'mark =', 'word str', 'mark (', 'word arg0', 'mark ,'],
    ...['number 5', 'mark )', 'comment /* c */', 'mark &&', 'string "x\\"y"', 'comment // z', 'stray #'],
  ]);
});

test('what nothing closes takes the rest', () => {
  expect(tokensOf('a "b\nc')).toMatchObject([{ text: 'a' }, {}, { kind: 'string', text: '"b\nc', closed: false }]);
  expect(tokensOf('/* b')).toMatchObject([{ kind: 'comment', closed: false }]);
});

test('the texts of all tokens join to the input', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(
        tokensOf(text)
          .map((token) => token.text)
          .join(''),
      ).toBe(text);
    }),
  );
});

test('lines count from 1', () => {
  expect([0, 1, 2, 3].map((at) => lineAt('a\nb\n', at))).toEqual([1, 1, 2, 2]);
});
