/** Values of settings need no quotes (`SET app.tenant = acme`): behind the name of a setting, words are constants. */
import { ELLIPSIS } from '../cut.js';
import type { Piece } from './pieces.js';

const ALTERED = new Set(['SYSTEM', 'ROLE', 'USER', 'DATABASE', 'FUNCTION', 'PROCEDURE', 'ROUTINE']);

export function hideSettings(pieces: readonly Piece[]): Piece[] {
  const start = startOfValues(pieces);
  if (start < 0) return [...pieces];
  const rest = pieces.slice(start);
  const length = rest.findIndex(({ text }) => text === ';');
  const end = length < 0 ? pieces.length : start + length;
  return pieces.map((piece, index) => (index >= start && index < end ? hidden(piece) : piece));
}

/** The index behind `SET name =` or `SET name TO`, or -1. */
function startOfValues(pieces: readonly Piece[]): number {
  const isSetting = isWord(pieces[0], 'SET');
  const isAltering = isWord(pieces[0], 'ALTER') && ALTERED.has(pieces[1]?.text.toUpperCase() ?? '');
  if (!isSetting && !isAltering) return -1;
  let at = pieces.findIndex((piece) => isWord(piece, 'SET')) + 1;
  if (at === 0) return -1;
  while (at < pieces.length && !isAssignment(pieces[at])) {
    if (!['word', 'name'].includes(pieces[at]?.kind ?? '') && pieces[at]?.text !== '.') return -1;
    at += 1;
  }
  return at + 1;
}

function isAssignment(piece: Piece | undefined): boolean {
  return piece?.text === '=' || isWord(piece, 'TO');
}

function hidden(piece: Piece): Piece {
  const isShown = isWord(piece, 'DEFAULT') || piece.text === ELLIPSIS;
  return !isShown && (piece.kind === 'word' || piece.kind === 'name') ? { ...piece, kind: 'constant' } : piece;
}

function isWord(piece: Piece | undefined, word: string): boolean {
  return piece?.kind === 'word' && piece.text.toUpperCase() === word;
}
