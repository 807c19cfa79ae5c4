/** String constants and quoted identifiers: '…', E'…', U&'…', B'…', X'…', N'…', "…", U&"…". */
import { type Extent, endOfMatch } from './token.js';

const STRING_START = /(?:[eEbBxXnN]|[uU]&)?'/y;
const NAME_START = /(?:[uU]&)?"/y;
/** A string goes on behind white space that holds a newline; comments up to the line's end may stand between. */
const CONTINUATION = /[ \t\f\v]*(?:--[^\n\r]*)?[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*[\n\r])*'/y;

/** `backslashes`: read plain strings as with standard_conforming_strings = off, where `\'` does not end them. */
export function stringAt(text: string, at: number, backslashes: boolean): Extent | undefined {
  const inside = endOfMatch(STRING_START, text, at);
  if (inside < 0) return undefined;
  const prefix = text.charAt(at).toLowerCase();
  const rules = {
    backslashes: prefix === 'e' || (backslashes && (prefix === "'" || prefix === 'n')),
    doubledQuotes: prefix !== 'b' && prefix !== 'x',
  };
  let segment = endOfSegment(text, inside, rules);
  while (segment.closed) {
    const next = endOfMatch(CONTINUATION, text, segment.end);
    if (next < 0) break;
    segment = endOfSegment(text, next, rules);
  }
  return { kind: 'string', ...segment };
}

export function nameAt(text: string, at: number): Extent | undefined {
  let from = endOfMatch(NAME_START, text, at);
  if (from < 0) return undefined;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) return { kind: 'name', end: text.length, closed: false };
    if (text.charAt(quote + 1) !== '"') return { kind: 'name', end: quote + 1, closed: true };
    from = quote + 2;
  }
}

/** What does not end a segment. */
interface SegmentRules {
  backslashes: boolean;
  doubledQuotes: boolean;
}

/** Ends behind the quote that closes the segment. */
function endOfSegment(text: string, from: number, rules: SegmentRules): { end: number; closed: boolean } {
  for (let at = from; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (rules.backslashes && character === '\\') at += 1;
    else if (character === "'") {
      if (!rules.doubledQuotes || text.charAt(at + 1) !== "'") return { end: at + 1, closed: true };
      at += 1;
    }
  }
  return { end: text.length, closed: false };
}
