/** The limits of the parser, which has a small stack: what is beyond them is cut off before it is asked. */
import type { Token } from './lexer.js';

/** UTF-16 units. What is longer costs too much to parse, for a text of which 2 KiB are shown. */
const MAX_PARSED_LENGTH = 16_384;
/** Parentheses. The parser took 500 of them, not 1,000. */
const MAX_PARSED_DEPTH = 200;
/** Tokens that can nest. The parser took `1+1+1+…` of 4,000 numbers and operators each, not of 8,000. */
const MAX_PARSED_WEIGHT = 4000;

/** How many tokens the parser can take. */
export function endOfParsable(tokens: readonly Token[]): number {
  let depth = 0;
  let weight = 0;
  const end = tokens.findIndex((token) => {
    if (token.text === '(' || token.text === '[') depth += 1;
    if (token.text === ')' || token.text === ']') depth -= 1;
    if (canNest(token)) weight += 1;
    return depth > MAX_PARSED_DEPTH || weight > MAX_PARSED_WEIGHT || token.end > MAX_PARSED_LENGTH;
  });
  return end < 0 ? tokens.length : end;
}

/** Whether the parser may go one level deeper for it. */
export function canNest({ kind, text }: Token): boolean {
  return kind === 'word' || kind === 'operator' || /[([:]/.test(text.charAt(0));
}
