/** The text in which every free word is a mark that can be found again in the parse tree, and no string says anything. */
import type { Token } from '../lexer.js';

const MARK = /pgscope_(\d+)_/g;

export function markedText(tokens: readonly Token[], isFree: (token: Token) => boolean): string {
  return tokens
    .map((token, index) => {
      if (isFree(token)) return `pgscope_${index}_`;
      if (token.kind === 'comment') return ' ';
      return token.kind === 'string' ? blank(token.text) : token.text;
    })
    .join('');
}

/** Indexes of the tokens whose marks are in a string of the tree: more than one in `app.secret`. */
export function marksIn(text: string): number[] {
  return Array.from(text.matchAll(MARK), ([, index]) => Number(index));
}

/** What was there before, as the parser would have read it. */
export function withoutMarks(text: string, texts: readonly string[]): string {
  return text.replace(MARK, (_, index) => (texts[Number(index)] ?? '').replaceAll('"', '').toLowerCase());
}

/** Bits and hexadecimal digits are another kind of constant. The space keeps `'a'b` two tokens. */
function blank(string: string): string {
  return /^[bx]/i.test(string) ? "B'0' " : "'' ";
}
