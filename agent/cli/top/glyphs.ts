/** Shares and courses as text: bars and sparklines of block characters. */

/** Eighths of a cell, so that a bar of ten cells shows shares in steps of 1.25 %. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const HEIGHTS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** At most `cells` characters. */
export function bar(share: number, cells: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * cells * 8);
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
}

/** One character for each value; `top` is the value of a full one, and nothing is a space. */
export function sparkline(values: readonly number[], top: number): string {
  return values.map((value) => glyphOf(value, top)).join('');
}

/** Below one percent of the top there is nothing to see. */
const LEAST = 0.01;

function glyphOf(value: number, top: number): string {
  if (top <= 0 || value < top * LEAST) return ' ';
  return HEIGHTS[Math.min(HEIGHTS.length, Math.ceil((value / top) * HEIGHTS.length - 1e-9)) - 1] ?? ' ';
}
