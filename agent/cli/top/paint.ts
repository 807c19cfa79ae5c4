/** Styled lines to text for a terminal, with or without colours. */
import { LOAD_CLASSES } from '../load.js';
import type { Line, Style } from './lines.js';

/** ANSI attributes of each style; colours come from the terminal's own palette, so that both light and dark ones stay legible. */
const ATTRIBUTES: Record<Style, string> = {
  plain: '',
  bold: '1',
  dim: '2',
  alarm: '1;31',
  accent: '36',
  heading: '7',
  sorted: '1;7',
  selected: '7',
  CPU: '34',
  'run queue': '33',
  IO: '32',
  Lock: '31',
  LWLock: '35',
  IPC: '36',
  Client: '95',
  Timeout: '37',
  Kernel: '94',
  other: '90',
};

/** Without colour, bold and inverse remain: they carry meaning and are no colours. */
const WITHOUT_COLOR: Record<Style, string> = {
  ...ATTRIBUTES,
  ...Object.fromEntries(LOAD_CLASSES.map((each) => [each, ''])),
  alarm: '1',
  accent: '',
};

export function paint(lines: readonly Line[], color: boolean): string[] {
  const attributes = color ? ATTRIBUTES : WITHOUT_COLOR;
  return lines.map((line) =>
    line
      .map(({ text, style }) => {
        const attribute = attributes[style];
        return attribute === '' || text === '' ? text : `\u001b[${attribute}m${text}\u001b[0m`;
      })
      .join(''),
  );
}
