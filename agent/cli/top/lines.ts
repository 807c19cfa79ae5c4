/** Lines of styled text, of which a frame is made. Nothing here knows a terminal. */
import type { LoadClass } from '../load.js';
import { padEnd, padStart, printable, truncate, widthOf } from './width.js';

/** How a piece of text looks; a class of load is drawn in the class's colour. */
export type Style = 'plain' | 'bold' | 'dim' | 'alarm' | 'accent' | 'heading' | 'sorted' | 'selected' | LoadClass;

export interface Run {
  text: string;
  style: Style;
}

export type Line = Run[];

export interface Size {
  columns: number;
  /** Undefined where the output is no screen: every query is listed, and neither keys nor a footer are shown. */
  rows: number | undefined;
}

export function textOf(frameLine: Line): string {
  return frameLine
    .map(({ text }) => text)
    .join('')
    .trimEnd();
}

/** The line cut to the screen's width, run by run. */
export function cut(frameLine: Line, columns: number): Line {
  let room = columns;
  return frameLine.flatMap(({ text, style }) => {
    if (room <= 0) return [];
    const kept = truncate(text, room);
    room -= widthOf(kept);
    return [run(kept, style)];
  });
}

export function line(text: string, style: Style = 'plain'): Line {
  return [run(text, style)];
}

export function run(text: string, style: Style = 'plain'): Run {
  return { text, style };
}

export interface Cell {
  text: string;
  width: number;
  align?: 'left' | 'right';
  style?: Style;
}

/** Cells side by side with a space between them. */
export function row(cells: readonly Cell[], between: Style = 'plain'): Line {
  return cells.flatMap(({ text, width, align = 'right', style = between }, index) => [
    run(index === 0 ? '' : ' ', between),
    run((align === 'left' ? padEnd : padStart)(printable(text), width), style),
  ]);
}
