/** Whether it is certain which parts of a text are constants. */
import { lex, type Token } from './lexer.js';

/** Whether a redacted text holds nothing that must not be shown. */
export function isClean(text: string): boolean {
  return lex(text).every(({ kind, closed }) => closed && !NEVER_SHOWN.has(kind));
}

const NEVER_SHOWN = new Set<Token['kind']>(['string', 'number', 'comment', 'stray']);

/** A quote that touches a word, a number or another quote is likely one in the middle of a string: `'O'Brien'`. */
export function hasTouchingQuotes(tokens: readonly Token[]): boolean {
  return tokens.some(({ kind }, index) => {
    const before = tokens[index - 1]?.kind;
    return before && ((kind === 'string' && ATTACHED.has(before)) || (before === 'string' && ATTACHED.has(kind)));
  });
}

const ATTACHED = new Set<Token['kind']>(['word', 'name', 'number', 'parameter', 'string']);

/**
 * With standard_conforming_strings = off a backslash escapes the quote behind it: the same text, other strings. `parsed`: the text is
 * one that the parser takes, so that the other reading is none if it leaves something open.
 */
export function isReadTwoWays(text: string, tokens: readonly Token[], { parsed }: { parsed: boolean }): boolean {
  if (!tokens.some(({ kind, text: string }) => kind === 'string' && /^[nN]?'/.test(string) && string.includes('\\')))
    return false;
  const others = lex(text, { backslashes: true });
  const isSame = others.length === tokens.length && others.every(({ end }, index) => end === tokens[index]?.end);
  return !isSame && !(parsed && others.some(({ kind, closed }) => kind === 'stray' || !closed));
}
