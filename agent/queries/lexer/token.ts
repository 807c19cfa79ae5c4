/** What the lexer's rules have in common: a token and where it ends. */

/** `mark` is punctuation, `name` a quoted identifier, `stray` a character that no rule of PostgreSQL's lexer takes. */
export type TokenKind =
  | 'space'
  | 'comment'
  | 'string'
  | 'number'
  | 'parameter'
  | 'word'
  | 'name'
  | 'operator'
  | 'mark'
  | 'stray';

/** What one rule found: `end` is the index behind it; `closed` is false where the text ends before its closing quote or `*\/`. */
export interface Extent {
  kind: TokenKind;
  end: number;
  closed: boolean;
}

export interface Token extends Extent {
  text: string;
  start: number;
}

/** The index behind what the sticky pattern matches at `at`, or -1. */
export function endOfMatch(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

/** Characters of identifiers behind the first; every byte above 0x7f counts as a letter, as in PostgreSQL. */
export const WORD_REST = '[A-Za-z0-9_$\\u0080-\\uffff]*';
export const WORD_START = '[A-Za-z_\\u0080-\\uffff]';
