import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { initialState, pressKeys, SORT_OF_KEY } from '../../../../agent/cli/top/keys.js';
import { SORT_KEYS } from '../../../../agent/cli/top/sort.js';

const start = initialState('time');

describe('keys', () => {
  test('every sort key has a key to press', () => {
    expect(Object.values(SORT_OF_KEY).toSorted()).toEqual([...SORT_KEYS].toSorted());
    for (const [key, sort] of Object.entries(SORT_OF_KEY)) expect(pressKeys(start, key).sort).toBe(sort);
  });

  test('q, control C and control D quit', () => {
    for (const key of ['q', 'Q', '\u0003', '\u0004']) expect(pressKeys(start, key).quit).toBe(true);
  });

  test('space pauses and goes on, s smooths, ? opens and closes the help', () => {
    expect(pressKeys(start, ' ').paused).toBe(true);
    expect(pressKeys(start, '  ').paused).toBe(false);
    expect(pressKeys(start, 's').smoothed).toBe(true);
    expect(pressKeys(start, '?').help).toBe(true);
    expect(pressKeys(start, '??').help).toBe(false);
    expect(pressKeys({ ...start, help: true }, '\u001b').help).toBe(false);
  });

  test('several keys at once count one after the other', () => {
    expect(pressKeys(start, 'c e')).toEqual({ ...start, sort: 'errors', paused: true });
  });

  test('arrows and other sequences change nothing', () => {
    fc.assert(
      fc.property(fc.constantFrom('\u001b[A', '\u001bOP', '\u001b[3~', 'x', 'Ω', ''), (input) => {
        expect(pressKeys(start, input)).toEqual(start);
      }),
    );
  });
});
