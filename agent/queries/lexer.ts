/**
 * Splits SQL text into tokens by the rules of PostgreSQL's own lexer (src/backend/parser/scan.l). Takes any string and never
 * throws: what is cut off or wrong becomes a token too, so that the tokens' texts always join to the input.
 */
import { commentAt } from './lexer/comments.js';
import { dollarAt } from './lexer/dollars.js';
import { operatorAt } from './lexer/operators.js';
import { nameAt, stringAt } from './lexer/strings.js';
import { type Extent, endOfMatch, type Token, WORD_REST, WORD_START } from './lexer/token.js';

export type { Token, TokenKind } from './lexer/token.js';

const SPACE = /[ \t\n\r\f\v]+/y;
const WORD = new RegExp(WORD_START + WORD_REST, 'y');
/** Letters behind the digits are swallowed: an error to PostgreSQL 15 and later, and nothing to show. */
const NUMBER = new RegExp(
  `(?:0[xX](?:_?[0-9A-Fa-f])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\\d(?:_?\\d)*(?:\\.(?!\\.)(?:\\d(?:_?\\d)*)?)?|\\.\\d(?:_?\\d)*)(?:[eE][-+]?\\d(?:_?\\d)*)?)(?:${WORD_START}${WORD_REST})?`,
  'y',
);
/** Quotes, and the letters that may stand before them. */
const QUOTE_STARTS = new Set('\'"bBeEnNuUxX');
const MARK = /::|:=|\.\.|[,()[\].;:]/y;

/** `backslashes`: read plain strings as a server with standard_conforming_strings = off does. */
export function lex(text: string, { backslashes = false } = {}): Token[] {
  const tokens: Token[] = [];
  for (let start = 0; start < text.length; ) {
    const extent = extentAt(text, start, backslashes);
    tokens.push({ ...extent, start, text: text.slice(start, extent.end) });
    start = extent.end;
  }
  return tokens;
}

function extentAt(text: string, at: number, backslashes: boolean): Extent {
  const character = text.charAt(at);
  if (character === '$') return dollarAt(text, at);
  const quoted = QUOTE_STARTS.has(character) ? (stringAt(text, at, backslashes) ?? nameAt(text, at)) : undefined;
  return (
    quoted ??
    matchOf('space', SPACE, text, at) ??
    matchOf('word', WORD, text, at) ??
    matchOf('number', NUMBER, text, at) ??
    commentAt(text, at) ??
    operatorAt(text, at) ??
    matchOf('mark', MARK, text, at) ?? { kind: 'stray', end: at + 1, closed: true }
  );
}

function matchOf(kind: Extent['kind'], pattern: RegExp, text: string, at: number): Extent | undefined {
  const end = endOfMatch(pattern, text, at);
  return end < 0 ? undefined : { kind, end, closed: true };
}
