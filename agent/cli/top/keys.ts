/** What a key press changes: state in, state out. */
import type { SortKey } from './sort.js';

/** What is shown: the table of queries, the selected query alone, who waits for locks, the background processes, or how it works. */
export type Page = 'queries' | 'query' | 'locks' | 'background' | 'help';

export interface TopState {
  sort: SortKey;
  /** Rates over several intervals instead of the last one. */
  smoothed: boolean;
  /** The picture stands still; capture goes on. */
  paused: boolean;
  page: Page;
  /** Key of the query that is selected; undefined until one is. */
  selected: string | undefined;
  quit: boolean;
}

export const SORT_OF_KEY: Record<string, SortKey> = {
  t: 'time',
  c: 'calls',
  m: 'mean',
  '9': 'p99',
  p: 'cpu',
  w: 'wait',
  i: 'io',
  r: 'rows',
  e: 'errors',
};

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const ESCAPE = '\u001b';
/** Whole escape sequences, such as those of arrows, and single characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals send them
const PRESSES = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|O.|.)?|./gsu;
const UP = new Set(['\u001b[A', '\u001bOA', 'k']);
const DOWN = new Set(['\u001b[B', '\u001bOB', 'j']);
const ENTER = new Set(['\r', '\n']);

export function initialState(sort: SortKey): TopState {
  return { sort, smoothed: false, paused: false, page: 'queries', selected: undefined, quit: false };
}

/** `input` is what the terminal sent at once: one key or several typed quickly. `rows` are the keys of the queries in their order. */
export function pressKeys(state: TopState, input: string, rows: readonly string[]): TopState {
  return (input.match(PRESSES) ?? []).reduce((now, key) => press(now, key, rows), state);
}

function press(state: TopState, key: string, rows: readonly string[]): TopState {
  if (UP.has(key)) return { ...state, selected: neighbour(state, rows, -1) };
  if (DOWN.has(key)) return { ...state, selected: neighbour(state, rows, 1) };
  if (ENTER.has(key)) return opened(state, state.selected ?? rows[0]);
  const sort = SORT_OF_KEY[key.toLowerCase()];
  if (sort !== undefined) return { ...state, sort, page: 'queries' };
  return pressOther(state, key);
}

function opened(state: TopState, selected: string | undefined): TopState {
  return selected === undefined ? state : { ...state, page: 'query', selected };
}

function pressOther(state: TopState, key: string): TopState {
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
    case 'l':
      return toggled(state, 'locks');
    case 'b':
      return toggled(state, 'background');
    case '?':
    case 'h':
      return toggled(state, 'help');
    case ESCAPE:
      // Back to the table, and then to no selection.
      return state.page === 'queries' ? { ...state, selected: undefined } : { ...state, page: 'queries' };
    default:
      return state;
  }
}

function toggled(state: TopState, page: Page): TopState {
  return { ...state, page: state.page === page ? 'queries' : page };
}

/** The row above or below; the first one if what was selected is no longer there. */
function neighbour({ selected }: TopState, rows: readonly string[], step: number): string | undefined {
  const at = selected === undefined ? -1 : rows.indexOf(selected);
  if (at < 0) return rows[0] ?? selected;
  return rows[Math.max(0, Math.min(rows.length - 1, at + step))];
}
