import { expect, test } from '@jest/globals';
import type { Line } from '../../../../agent/cli/top/lines.js';
import { paint } from '../../../../agent/cli/top/paint.js';

const line: Line = [
  { text: 'lost', style: 'alarm' },
  { text: ' plain ', style: 'plain' },
  { text: '██', style: 'accent' },
  { text: 'TIME', style: 'sorted' },
];

test('styles become attributes that end with their run', () => {
  expect(paint([line, []], true)).toEqual([
    '\u001b[1;31mlost\u001b[0m plain \u001b[36m██\u001b[0m\u001b[1;7mTIME\u001b[0m',
    '',
  ]);
});

test('without colour no colour is set', () => {
  expect(paint([line], false)).toEqual(['\u001b[1mlost\u001b[0m plain ██\u001b[1;7mTIME\u001b[0m']);
});
