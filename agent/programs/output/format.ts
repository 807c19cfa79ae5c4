/** Reads a line of printf() back by its format: each conversion takes as little as it can, up to the text that follows it in the format. */

/** A conversion, and the text between it and the next one. */
export interface Conversion {
  isInteger: boolean;
  /** At least so many characters. */
  width: number;
  behind: string;
}

export interface Format {
  before: string;
  conversions: Conversion[];
}

const CONVERSION = /%(?:%|[-+ #0]*(\d*)(?:\.\d+)?(?:hh|h|ll|l|j|z|t)?([a-zA-Z]))/g;
const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r' };
/** printf() of bpftrace makes lines of some hundred bytes. */
const MAX_CHARACTERS = 16_384;

/** `literal`: a string of the source, with its quotes. */
export function formatOf(literal: string): Format {
  const text = literal.slice(1, -1).replace(/\\(.)/g, (_, letter: string) => ESCAPES[letter] ?? letter);
  const format: Format = { before: '', conversions: [] };
  let at = 0;
  const add = (plain: string): void => {
    const last = format.conversions.at(-1);
    if (last === undefined) format.before += plain;
    else last.behind += plain;
  };
  for (const { 0: found, 1: width, 2: letter, index } of text.matchAll(CONVERSION)) {
    add(text.slice(at, index));
    at = index + found.length;
    if (letter === undefined) add('%');
    else format.conversions.push({ isInteger: /[diu]/.test(letter), width: Number(width), behind: '' });
  }
  add(text.slice(at));
  return format;
}

/** What stands for each conversion; the last one takes all that is left. Undefined: the line is of another format. */
export function readByFormat(line: string, { before, conversions }: Format): string[] | undefined {
  if (line.length > MAX_CHARACTERS || !line.startsWith(before)) return undefined;
  const cells: string[] = [];
  let at = before.length;
  for (const [index, { isInteger, width, behind }] of conversions.entries()) {
    const isLast = index === conversions.length - 1;
    const end = isLast ? line.length - (line.endsWith(behind) ? behind.length : 0) : endOf(line, at, width, behind);
    if (end === undefined) return undefined;
    const cell = line.slice(at, end);
    if (isInteger && !/^ *-?\d+ *$/.test(cell)) return undefined;
    cells.push(cell);
    at = end + behind.length;
  }
  return cells;
}

/** Where the cell ends that begins at `at`; without anything behind it, it has its width. */
function endOf(line: string, at: number, width: number, behind: string): number | undefined {
  const end = behind === '' ? Math.min(line.length, at + width) : line.indexOf(behind, at + Math.max(1, width));
  return end === -1 ? undefined : end;
}
