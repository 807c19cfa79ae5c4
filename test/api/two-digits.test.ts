import { expect, test } from '@jest/globals';
import { twoDigits } from '../../api/two-digits.js';

test('counts are rounded to two significant digits', () => {
  expect([0, 7, 99, 101, 149, 999, 12_345].map(twoDigits)).toEqual([0, 7, 99, 100, 150, 1000, 12_000]);
});
