/** Writes pieces as text: one space where there was any white space, constants numbered behind the client's own parameters. */
import { ELLIPSIS, MAX_TEXT_BYTES } from '../cut.js';
import type { Piece } from './pieces.js';

const CUT_MARK = ` ${ELLIPSIS}`;
const WORDLIKE = new Set(['word', 'name', 'constant', 'parameter']);

interface WriteOptions {
  /** Number of the first constant's placeholder. */
  firstNumber: number;
  /** The text goes on where the pieces end. */
  truncated: boolean;
}

/** Ends with an ellipsis if it was cut, here (between two tokens) or before. */
export function write(pieces: readonly Piece[], { firstNumber, truncated }: WriteOptions): string {
  let next = firstNumber;
  const chunks = pieces.map((piece, index) => {
    const text = piece.kind === 'constant' ? `$${next++}` : piece.text;
    return separator(pieces[index - 1], piece) + text;
  });
  const text = chunks.join('');
  const isCut = truncated && text !== '' && !text.endsWith(ELLIPSIS);
  if (Buffer.byteLength(text) + (isCut ? Buffer.byteLength(CUT_MARK) : 0) > MAX_TEXT_BYTES) return cut(chunks);
  return isCut ? text + CUT_MARK : text;
}

function cut(chunks: readonly string[]): string {
  let room = MAX_TEXT_BYTES - Buffer.byteLength(CUT_MARK);
  const fitting = chunks.findIndex((chunk) => {
    room -= Buffer.byteLength(chunk);
    return room < 0;
  });
  return fitting === 0 ? ELLIPSIS : chunks.slice(0, fitting).join('') + CUT_MARK;
}

function separator(before: Piece | undefined, piece: Piece): string {
  if (!before) return '';
  if (before.text === ',' || piece.text === ELLIPSIS) return ' ';
  if (before.text === '(' || before.text === '[' || isAny(piece, [',', ';', ')', ']'])) return '';
  const isApart = piece.gap || (WORDLIKE.has(before.kind) && WORDLIKE.has(piece.kind));
  return isApart || (piece.text === '(' && before.text.toUpperCase() === 'IN') ? ' ' : '';
}

function isAny({ kind, text }: Piece, marks: readonly string[]): boolean {
  return kind === 'mark' && marks.includes(text);
}
