/** Makes the text that may be shown of a statement: no comment, `$n` for each constant, lists in one form, at most 2 KiB. */
import type { Token } from './lexer.js';
import { foldLists } from './redact/lists.js';
import { piecesOf, withoutSemicolons } from './redact/pieces.js';
import { foldSigns } from './redact/signs.js';
import { write } from './redact/writer.js';

export { lastParameter } from './redact/pieces.js';

interface RedactOptions {
  /** The highest parameter of the client's own text; those above it stand for constants. */
  lastParameter: number;
  truncated: boolean;
}

export function redact(tokens: readonly Token[], { lastParameter, truncated }: RedactOptions): string {
  const pieces = withoutSemicolons(piecesOf(tokens, lastParameter));
  const folded = foldLists(foldSigns(pieces));
  return write(folded, { firstNumber: lastParameter + 1, truncated });
}
