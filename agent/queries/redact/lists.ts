/** Lists of constants, `IN (…)` and `ARRAY[…]`, of any length get one form: their first element and an ellipsis of dots. */
import type { Piece } from './pieces.js';

const CLOSERS: Record<string, string> = { '(': ')', '[': ']' };
const CONSTANT_WORDS = new Set(['NULL', 'TRUE', 'FALSE']);
/** Arrays of arrays, rows of rows: what is nested deeper is shown as it is. */
const MAX_NESTING = 6;

interface Match {
  pieces: Piece[];
  /** The index behind it. */
  end: number;
}

export function foldLists(pieces: readonly Piece[]): Piece[] {
  const folded: Piece[] = [];
  for (let at = 0; at < pieces.length; ) {
    const piece = pieces[at] as Piece;
    const list = opensList(piece, folded.at(-1)) ? listAt(pieces, at, 0) : undefined;
    folded.push(...(list?.pieces ?? [piece]));
    at = list?.end ?? at + 1;
  }
  return folded;
}

function opensList({ text }: Piece, before: Piece | undefined): boolean {
  if (before?.kind !== 'word') return false;
  const word = before.text.toUpperCase();
  return (text === '(' && word === 'IN') || (text === '[' && word === 'ARRAY');
}

/** A list that the end of the text cuts off is folded too. */
function listAt(pieces: readonly Piece[], opener: number, nesting: number): Match | undefined {
  const open = pieces[opener] as Piece;
  const first = elementAt(pieces, opener + 1, open.text, nesting);
  if (!first) return undefined;
  let end = first.end;
  while (pieces[end]?.text === ',') {
    const next = elementAt(pieces, end + 1, open.text, nesting);
    if (!next && end + 1 < pieces.length) return undefined;
    end = next?.end ?? end + 1;
  }
  const closer = pieces[end];
  if (closer && closer.text !== CLOSERS[open.text]) return undefined;
  return { pieces: [open, ...first.pieces, ...REST, ...(closer ? [closer] : [])], end: closer ? end + 1 : end };
}

const REST: Piece[] = [
  { kind: 'mark', text: ',', gap: false },
  { kind: 'mark', text: '...', gap: true },
];

function elementAt(pieces: readonly Piece[], at: number, opener: string, nesting: number): Match | undefined {
  const piece = pieces[at];
  if (!piece) return undefined;
  if (piece.text === opener && piece.kind === 'mark') return nestedAt(pieces, at, nesting + 1);
  if (!isConstant(piece)) return undefined;
  const end = endOfCasts(pieces, at + 1);
  return { pieces: [{ ...piece, kind: 'constant' }, ...pieces.slice(at + 1, end)], end };
}

/** An inner array is folded itself; of a row every column is shown. */
function nestedAt(pieces: readonly Piece[], at: number, nesting: number): Match | undefined {
  if (nesting > MAX_NESTING) return undefined;
  const list = listAt(pieces, at, nesting);
  if (!list || pieces[at]?.text === '[') return list;
  const row = pieces.slice(at, list.end);
  return { pieces: row.map((piece) => (isConstant(piece) ? { ...piece, kind: 'constant' } : piece)), end: list.end };
}

function isConstant({ kind, text }: Piece): boolean {
  return kind === 'constant' || (kind === 'word' && CONSTANT_WORDS.has(text.toUpperCase()));
}

/** `::numeric(10, 2)[]`, any number of times. */
function endOfCasts(pieces: readonly Piece[], from: number): number {
  let at = from;
  while (pieces[at]?.text === '::') {
    at += 1;
    while (pieces[at]?.kind === 'word' || pieces[at]?.kind === 'name' || pieces[at]?.text === '.') at += 1;
    at = endOfBrackets(pieces, at);
  }
  return at;
}

function endOfBrackets(pieces: readonly Piece[], from: number): number {
  let at = from;
  for (;;) {
    const closer = CLOSERS[pieces[at]?.text ?? ''];
    if (!closer) return at;
    let end = at + 1;
    while (pieces[end]?.kind === 'constant' || pieces[end]?.text === ',') end += 1;
    if (pieces[end]?.text !== closer) return at;
    at = end + 1;
  }
}
