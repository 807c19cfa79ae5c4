/** What begins with a dollar sign: parameters ($1) and dollar-quoted strings ($$…$$, $tag$…$tag$). */
import { type Extent, endOfMatch, WORD_REST, WORD_START } from './token.js';

/** The protocol counts parameters in 16 bits: more digits are no parameter, and nothing to show. */
const MAX_PARAMETER = 65_535;

const PARAMETER = /\$\d+/y;
const WORD = new RegExp(WORD_START + WORD_REST, 'y');
const TAG_LETTERS = '[A-Za-z_\\u0080-\\uffff][A-Za-z0-9_\\u0080-\\uffff]*';
const DELIMITER = new RegExp(`\\$(?:${TAG_LETTERS})?\\$`, 'y');
const CUT_DELIMITER = new RegExp(`\\$(?:${TAG_LETTERS})?(?![\\s\\S])`, 'y');

export function dollarAt(text: string, at: number): Extent {
  return parameterAt(text, at) ?? quoteAt(text, at) ?? { kind: 'stray', end: at + 1, closed: true };
}

/** `$1abc` is an error since PostgreSQL 15; as a constant nothing of it is shown. */
function parameterAt(text: string, at: number): Extent | undefined {
  const end = endOfMatch(PARAMETER, text, at);
  if (end < 0) return undefined;
  const junk = endOfMatch(WORD, text, end);
  if (junk >= 0) return { kind: 'number', end: junk, closed: true };
  const isParameter = Number(text.slice(at + 1, end)) <= MAX_PARAMETER;
  return { kind: isParameter ? 'parameter' : 'number', end, closed: true };
}

function quoteAt(text: string, at: number): Extent | undefined {
  const inside = endOfMatch(DELIMITER, text, at);
  if (inside < 0) {
    const cut = endOfMatch(CUT_DELIMITER, text, at);
    return cut < 0 ? undefined : { kind: 'string', end: cut, closed: false };
  }
  const delimiter = text.slice(at, inside);
  const closing = text.indexOf(delimiter, inside);
  if (closing < 0) return { kind: 'string', end: text.length, closed: false };
  return { kind: 'string', end: closing + delimiter.length, closed: true };
}
