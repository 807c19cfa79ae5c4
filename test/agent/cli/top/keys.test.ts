import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { initialState, pressKeys as pressed, SORT_OF_KEY, type TopState } from '../../../../agent/cli/top/keys.js';
import { SORT_KEYS } from '../../../../agent/cli/top/sort.js';

const start = initialState('time');
const ROWS = ['first', 'second', 'third'];
const [UP, DOWN, ENTER, ESCAPE] = ['\u001b[A', '\u001b[B', '\r', '\u001b'] as const;

function pressKeys(state: TopState, input: string, rows: readonly string[] = ROWS): TopState {
  return pressed(state, input, rows);
}

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
    expect(pressKeys(start, '?').page).toBe('help');
    expect(pressKeys(start, '??').page).toBe('queries');
    expect(pressKeys({ ...start, page: 'help' }, ESCAPE).page).toBe('queries');
    expect(pressKeys(start, 'b').page).toBe('background');
    expect(pressKeys(start, 'bb').page).toBe('queries');
  });

  test('several keys at once count one after the other', () => {
    expect(pressKeys(start, 'c e')).toEqual({ ...start, sort: 'errors', paused: true });
  });

  test('arrows select a row and stay within the table, whatever mode the terminal is in', () => {
    expect(pressKeys(start, DOWN).selected).toBe('first');
    expect(pressKeys(start, `${DOWN}\u001bOBj${DOWN}`).selected).toBe('third');
    expect(pressKeys(start, `${DOWN}${DOWN}${UP}\u001bOAk`).selected).toBe('first');
    expect(pressKeys(start, DOWN, []).selected).toBeUndefined();
  });

  test('a selected query that did nothing stays selected until an arrow is pressed', () => {
    const state = { ...start, selected: 'gone' };
    expect(pressKeys(state, ENTER)).toMatchObject({ page: 'query', selected: 'gone' });
    expect(pressKeys(state, DOWN).selected).toBe('first');
  });

  test('Enter opens the selected query, or the first one; Escape goes back, and then selects nothing', () => {
    expect(pressKeys(start, ENTER)).toMatchObject({ page: 'query', selected: 'first' });
    expect(pressKeys(start, ENTER, [])).toEqual(start);
    const open = pressKeys(start, `${DOWN}${DOWN}${ENTER}`);
    expect(open).toMatchObject({ page: 'query', selected: 'second' });
    const back = pressKeys(open, ESCAPE);
    expect(back).toMatchObject({ page: 'queries', selected: 'second' });
    expect(pressKeys(back, ESCAPE)).toEqual(start);
  });

  test('what is no key of ours changes nothing', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('\u001b[C', '\u001bx', '\u001b[1;5D', '\u001bOP', '\u001b[3~', 'x', 'Ω', ''),
        (input) => {
          expect(pressKeys(start, input)).toEqual(start);
        },
      ),
    );
  });
});
