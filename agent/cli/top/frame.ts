/** The picture of `top`: a view and a state in, lines of styled text out. */
import { backgroundTable } from './background.js';
import { detailLines } from './detail.js';
import { fileTable } from './files.js';
import { headerLines } from './header.js';
import { FOOTER, HELP } from './help.js';
import type { TopState } from './keys.js';
import { cut, type Line, line, run, type Size } from './lines.js';
import { loadLines } from './load-lines.js';
import { lockLines } from './lock-lines.js';
import { memoryTable } from './sessions.js';
import { queryTable } from './table.js';
import type { View } from './view.js';

/** Lines of load classes on a screen: the table of queries is to have more. */
const MAX_CLASSES = 5;
const MOST_CLASSES = 10;
const TALL_ROWS = 40;
/** A screen without so many lines has no load bar. */
const LEAST_ROWS = 18;

export function renderFrame(view: View, state: TopState, size: Size): Line[] {
  const header = headerLines(view, state, size.columns);
  const body = bodyLines(view, state, size, header.length);
  const lines = [...header, ...body].map((each) => cut(each, size.columns));
  if (size.rows === undefined) return lines;
  const filler: Line[] = Array.from({ length: size.rows }, () => []);
  return [...[...lines, ...filler].slice(0, size.rows - 1), cut([run(FOOTER, 'dim')], size.columns)];
}

function bodyLines(view: View, state: TopState, { columns, rows }: Size, used: number): Line[] {
  if (state.page === 'help') return HELP.map((text) => line(text));
  if (state.page === 'query') return detailLines(view, columns);
  if (state.page === 'locks') return lockLines(view, columns);
  if (state.page === 'background') return backgroundLines(view, columns);
  if (rows === undefined) return plainBody(view, state, columns);
  const classes = rows >= TALL_ROWS ? MOST_CLASSES : MAX_CLASSES;
  const load = rows < LEAST_ROWS ? [] : loadLines(view, columns, classes);
  const room = Math.max(3, rows - used - load.length - 1);
  return [...load, ...queryTable(view, state, columns, room)];
}

/** What is no statement's: processes, files, memory. */
function backgroundLines(view: View, columns: number): Line[] {
  return [...backgroundTable(view, columns), ...fileTable(view, columns), ...memoryTable(view, columns)];
}

/** Where there are no keys, everything is shown at once. */
function plainBody(view: View, state: TopState, columns: number): Line[] {
  const background = view.background.length + view.files.length === 0 ? [] : [[], ...backgroundLines(view, columns)];
  const locks = view.locks.waits.length === 0 ? [] : [[], ...lockLines(view, columns)];
  return [
    ...loadLines(view, columns, MOST_CLASSES),
    ...queryTable(view, state, columns, Number.POSITIVE_INFINITY),
    ...locks,
    ...background,
  ];
}
