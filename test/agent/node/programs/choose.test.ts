import { expect, test } from '@jest/globals';
import { chooseVariant } from '../../../../agent/node/programs/choose.js';
import type { Args } from '../../../../agent/node/programs/plan.js';

/** As of a program with one argument `n`, whose default is 1. */
function wordsOf({ n = '1', ...others }: Args): string | undefined {
  return Object.keys(others).length === 0 && /^\d+$/.test(n) ? n : undefined;
}

const slow = (args: Args) => ({ args, intervalMs: 60_000 });
const fast = (args: Args) => ({ args, intervalMs: 1000 });

test('the first arguments that the program takes count', () => {
  expect(chooseVariant([slow({ m: '1' }), slow({ n: '2' }), fast({ n: '3' })], wordsOf, undefined)).toEqual(
    slow({ n: '2' }),
  );
});

test('of equal ones, defaults and all, the shortest interval counts', () => {
  expect(chooseVariant([slow({}), fast({ n: '1' }), fast({ n: '3' })], wordsOf, undefined)).toEqual(fast({}));
});

test('what runs already goes on, as long as somebody asks for it', () => {
  const variants = [slow({ n: '2' }), slow({ n: '3' })];
  expect(chooseVariant(variants, wordsOf, '3')).toEqual(slow({ n: '3' }));
  expect(chooseVariant(variants, wordsOf, '4')).toEqual(slow({ n: '2' }));
});

test('a program without arguments has none to tell apart', () => {
  expect(chooseVariant([slow({ n: 'x' }), fast({})], ({ n }) => (n === undefined ? '' : undefined), undefined)).toEqual(
    fast({}),
  );
});

test('where none is taken, the first is there to be refused', () => {
  expect(chooseVariant([slow({ m: '1' }), slow({ n: 'x' })], wordsOf, undefined)).toEqual(slow({ m: '1' }));
});
