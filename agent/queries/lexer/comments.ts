/** Comments: `--` to the end of the line, and slash-star ones, which nest. */
import { type Extent, endOfMatch } from './token.js';

const LINE = /--[^\n\r]*/y;
const FENCE = /\/\*|\*\//g;

export function commentAt(text: string, at: number): Extent | undefined {
  const line = endOfMatch(LINE, text, at);
  if (line >= 0) return { kind: 'comment', end: line, closed: true };
  return text.startsWith('/*', at) ? blockAt(text, at) : undefined;
}

function blockAt(text: string, at: number): Extent {
  FENCE.lastIndex = at;
  let depth = 0;
  for (let fence = FENCE.exec(text); fence; fence = FENCE.exec(text)) {
    depth += fence[0] === '/*' ? 1 : -1;
    if (depth === 0) return { kind: 'comment', end: FENCE.lastIndex, closed: true };
  }
  return { kind: 'comment', end: text.length, closed: false };
}
