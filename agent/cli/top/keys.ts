/** What a key press changes: state in, state out. */
import type { SortKey } from './sort.js';

export interface TopState {
  sort: SortKey;
  /** Rates over several intervals instead of the last one. */
  smoothed: boolean;
  /** The picture stands still; capture goes on. */
  paused: boolean;
  help: boolean;
  quit: boolean;
}

export const SORT_OF_KEY: Record<string, SortKey> = {
  t: 'time',
  c: 'calls',
  m: 'mean',
  '9': 'p99',
  p: 'cpu',
  i: 'io',
  r: 'rows',
  e: 'errors',
};

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const ESCAPE = '\u001b';

export function initialState(sort: SortKey): TopState {
  return { sort, smoothed: false, paused: false, help: false, quit: false };
}

/** `input` is what the terminal sent at once: one key, several typed quickly, or an escape sequence such as an arrow (ignored). */
export function pressKeys(state: TopState, input: string): TopState {
  if (input.startsWith(ESCAPE)) return input === ESCAPE ? { ...state, help: false } : state;
  return [...input].reduce(pressKey, state);
}

function pressKey(state: TopState, key: string): TopState {
  const sort = SORT_OF_KEY[key.toLowerCase()];
  if (sort !== undefined) return { ...state, sort, help: false };
  switch (key) {
    case 'q':
    case 'Q':
    case CTRL_C:
    case CTRL_D:
      return { ...state, quit: true };
    case ' ':
      return { ...state, paused: !state.paused };
    case 's':
      return { ...state, smoothed: !state.smoothed };
    case '?':
    case 'h':
      return { ...state, help: !state.help };
    default:
      return state;
  }
}
