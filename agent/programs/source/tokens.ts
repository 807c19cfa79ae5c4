/**
 * Splits the text of a bpftrace program into tokens by the rules of bpftrace's own lexer (src/lexer.l). Takes any string and never throws:
 * what it does not know becomes a token too, so that the tokens' texts always join to the input.
 */

export type TokenKind = 'space' | 'comment' | 'string' | 'word' | 'number' | 'map' | 'variable' | 'mark' | 'stray';

export interface Token {
  kind: TokenKind;
  text: string;
  start: number;
  end: number;
  /** Strings and comments: false where the end is missing. */
  closed: boolean;
}

/** In this order: the first that matches at a place is the token there. */
const RULES: [TokenKind, RegExp][] = [
  ['space', /[ \t\r\n\f\v]+/y],
  ['comment', /\/\/[^\n]*|\/\*[\s\S]*?\*\//y],
  ['string', /"(?:[^"\\\n]|\\[^\n])*"/y],
  ['word', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['number', /[0-9][0-9A-Za-z_.]*/y],
  ['map', /@[A-Za-z0-9_]*/y],
  ['variable', /\$[A-Za-z0-9_#]+/y],
  ['mark', /&&|\|\||->|<<=?|>>=?|[<>=!+\-*/%&|^]=|\+\+|--|[(){}[\],;:.?+\-*%<>=!&|^~]|\/(?!\*)/y],
];

/** From `from` to `to`, or to the end. */
export function tokensOf(text: string, from = 0, to = text.length): Token[] {
  const tokens: Token[] = [];
  for (let at = from; at < to; ) {
    const token = tokenAt(text, at);
    tokens.push(token);
    at = token.end;
  }
  return tokens;
}

/** `at` is before the end of the text. */
export function tokenAt(text: string, at: number): Token {
  for (const [kind, pattern] of RULES) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) return { kind, text: found, start: at, end: at + found.length, closed: true };
  }
  // A quote or a comment that nothing closes takes the rest of the text with it.
  const opens = text.startsWith('/*', at) ? 'comment' : text[at] === '"' ? 'string' : undefined;
  const end = opens === undefined ? at + 1 : text.length;
  return { kind: opens ?? 'stray', text: text.slice(at, end), start: at, end, closed: opens === undefined };
}

/** Whether it says nothing to bpftrace. */
export function isBlank({ kind }: Token): boolean {
  return kind === 'space' || kind === 'comment';
}

/** Line of a place in the text, from 1. */
export function lineAt(text: string, at: number): number {
  let line = 1;
  for (let from = text.indexOf('\n'); from !== -1 && from < at; from = text.indexOf('\n', from + 1)) line += 1;
  return line;
}
