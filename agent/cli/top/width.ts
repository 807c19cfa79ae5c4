/** Text in terminal cells: how wide it is, and how to cut or pad it. Texts come from a database and may hold anything. */

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Wide and full-width blocks of East Asian scripts; emoji are recognised by their property. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]/u;
const EMOJI = /^(\p{Emoji_Presentation}|\p{Emoji}\ufe0f|\p{Regional_Indicator})/u;
const INVISIBLE = /^[\p{Mark}\p{Format}]+$/u;
/** Control characters could move the cursor, bidirectional ones could reorder a line. */
const UNSAFE = /[\p{Control}\p{Surrogate}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu;

/** The same text as one line that cannot steer a terminal. */
export function printable(text: string): string {
  return text.replace(UNSAFE, ' ');
}

/** Cells that a printable text takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += cells(segment);
  return width;
}

/** Cut to at most `width` cells, with `…` at the end where something was cut. */
export function truncate(text: string, width: number): string {
  if (text.length <= width && /^[ -~]*$/.test(text)) return text;
  if (width <= 0) return '';
  let kept = '';
  let used = 0;
  let fits = '';
  for (const { segment } of segmenter.segment(text)) {
    used += cells(segment);
    if (used > width) return `${fits}…`;
    kept += segment;
    if (used <= width - 1) fits = kept;
  }
  return kept;
}

/** Cut and padded to exactly `width` cells, text at the left. */
export function padEnd(text: string, width: number): string {
  const cut = truncate(text, width);
  return cut + ' '.repeat(Math.max(0, width - widthOf(cut)));
}

/** Cut and padded to exactly `width` cells, text at the right. */
export function padStart(text: string, width: number): string {
  const cut = truncate(text, width);
  return ' '.repeat(Math.max(0, width - widthOf(cut))) + cut;
}

function cells(grapheme: string): number {
  if (INVISIBLE.test(grapheme)) return 0;
  return WIDE.test(grapheme) || EMOJI.test(grapheme) ? 2 : 1;
}

/** Words on lines of at most `width` cells; what is longer than `maxLines` ends with `…`. */
export function wrap(text: string, width: number, maxLines: number): string[] {
  const lines: string[] = [];
  let rest = text.trim();
  while (rest !== '' && lines.length < maxLines) {
    const isLast = lines.length === maxLines - 1;
    const whole = truncate(rest, width);
    if (whole === rest || isLast) return [...lines, whole];
    const kept = fitting(rest, width);
    lines.push(kept.trimEnd());
    rest = rest.slice(kept.length).trimStart();
  }
  return lines;
}

/** The longest beginning that fits and ends with a word; of a longer word as much as fits, one character at least. */
function fitting(text: string, width: number): string {
  let kept = '';
  for (const { segment } of segmenter.segment(text)) {
    if (kept !== '' && widthOf(kept) + cells(segment) > width) break;
    kept += segment;
  }
  const space = kept.lastIndexOf(' ');
  return space > 0 ? kept.slice(0, space) : kept;
}
