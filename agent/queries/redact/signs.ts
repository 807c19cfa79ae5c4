/** A sign belongs to the number behind it unless something stands before it that it could be taken from: `a - 5`, but `= -5`. */
import type { Piece } from './pieces.js';

/** Words behind which an expression begins. Behind any other word a minus subtracts. */
const BEFORE_EXPRESSION = new Set(
  `ALL AND ANY AS BETWEEN BY CACHE CASE DEFAULT DISTINCT ELSE EXECUTE FETCH FROM HAVING ILIKE IN INCREMENT IS LIKE LIMIT MAXVALUE
  MINVALUE MOVE NOT OFFSET ON OR RESTART RETURN RETURNING SELECT SET SIMILAR START SYMMETRIC THEN TO VALUES WHEN WHERE WITH
  BACKWARD FORWARD ABSOLUTE RELATIVE`.split(/\s+/),
);

export function foldSigns(pieces: readonly Piece[]): Piece[] {
  const folded: Piece[] = [];
  for (const piece of pieces) {
    const sign = folded.at(-1);
    if (isNumber(piece) && isSign(sign) && !isOperand(folded.at(-2))) {
      folded.pop();
      folded.push({ ...piece, gap: sign?.gap ?? false });
    } else folded.push(piece);
  }
  return folded;
}

function isNumber({ kind, text }: Piece): boolean {
  return kind === 'constant' && /^[.\d]/.test(text);
}

function isSign(piece: Piece | undefined): boolean {
  return piece?.kind === 'operator' && (piece.text === '-' || piece.text === '+');
}

function isOperand(piece: Piece | undefined): boolean {
  if (piece === undefined) return false;
  if (piece.kind === 'word') return !BEFORE_EXPRESSION.has(piece.text.toUpperCase());
  return piece.text === ')' || piece.text === ']' || ['name', 'constant', 'parameter'].includes(piece.kind);
}
