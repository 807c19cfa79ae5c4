/** Tokens as pieces of the text to be shown: comments are gone, white space is a mere gap, constants are marked. */
import { ELLIPSIS } from '../cut.js';
import type { Token, TokenKind } from '../lexer.js';

export interface Piece {
  kind: Exclude<TokenKind, 'space' | 'comment' | 'string' | 'number'> | 'constant';
  text: string;
  /** White space or a comment stood before it. */
  gap: boolean;
}

/** Parameters above `lastParameter` are constants that the parser has replaced. */
export function piecesOf(tokens: readonly Token[], lastParameter: number): Piece[] {
  const pieces: Piece[] = [];
  let gap = false;
  for (const token of tokens) {
    const kind = pieceKind(token, lastParameter);
    if (kind) pieces.push(shown(kind, token, gap));
    gap = kind === undefined;
  }
  return pieces;
}

/** The highest parameter of the client's own text, 0 if it has none. */
export function lastParameter(tokens: readonly Token[]): number {
  return tokens.reduce((last, token) => Math.max(last, parameterNumber(token)), 0);
}

/** A statement without the semicolons around it. */
export function withoutSemicolons(pieces: Piece[]): Piece[] {
  const isContent = (piece: Piece) => piece.text !== ';';
  const first = pieces.findIndex(isContent);
  return first < 0 ? [] : pieces.slice(first, pieces.findLastIndex(isContent) + 1);
}

function pieceKind(token: Token, last: number): Piece['kind'] | undefined {
  switch (token.kind) {
    case 'space':
    case 'comment':
      return undefined;
    case 'string':
    case 'number':
      return 'constant';
    case 'parameter':
      return parameterNumber(token) > last ? 'constant' : 'parameter';
    default:
      return token.kind;
  }
}

/** A quoted identifier that was cut off might be something else that was quoted wrongly: it is not shown. */
function shown(kind: Piece['kind'], { text, closed }: Token, gap: boolean): Piece {
  return kind === 'name' && !closed ? { kind: 'word', text: ELLIPSIS, gap } : { kind, text, gap };
}

function parameterNumber(token: Token): number {
  return token.kind === 'parameter' ? Number(token.text.slice(1)) : 0;
}
