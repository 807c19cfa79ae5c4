/** Decides whether a statement's text may be shown. Whatever is in doubt is not: nothing goes out rather than a constant. */
import { lex, type Token } from './lexer.js';

interface Reading {
  /** The parser took the whole text. */
  parsed: boolean;
  /** The text is only the beginning of what was sent. */
  truncated: boolean;
}

/** Whether a redacted text holds nothing that must not be shown. */
export function isClean(text: string): boolean {
  return lex(text).every(({ kind, closed }) => closed && !NEVER_SHOWN.has(kind));
}

const NEVER_SHOWN = new Set<Token['kind']>(['string', 'number', 'comment', 'stray']);

/**
 * Whether it is in doubt which parts of the text are constants: quotes that do not match up (`'O'Brien'`), backslashes that end a
 * string on one server and not on another, a password without quotes.
 */
export function isDoubtful(text: string, tokens: readonly Token[], reading: Reading): boolean {
  if (isReadTwoWays(text, tokens, reading)) return true;
  return !reading.parsed && (isBroken(tokens, reading) || hasTouchingQuotes(tokens) || hasBarePassword(tokens));
}

/** What no server takes. Where the text was cut off, something may be left open. */
function isBroken(tokens: readonly Token[], { truncated }: Reading): boolean {
  return tokens.some(({ kind, closed }) => kind === 'stray' || (!closed && !truncated));
}

/** A quote that touches a word, a number or another quote is likely one in the middle of a string. */
function hasTouchingQuotes(tokens: readonly Token[]): boolean {
  return tokens.some(({ kind }, index) => {
    const before = tokens[index - 1]?.kind;
    return before && ((kind === 'string' && ATTACHED.has(before)) || (before === 'string' && ATTACHED.has(kind)));
  });
}

const ATTACHED = new Set<Token['kind']>(['word', 'name', 'number', 'parameter', 'string']);

/** With standard_conforming_strings = off a backslash escapes the quote behind it: the same text, other strings. */
function isReadTwoWays(text: string, tokens: readonly Token[], reading: Reading): boolean {
  if (!tokens.some(({ kind, text: string }) => kind === 'string' && /^[nN]?'/.test(string) && string.includes('\\')))
    return false;
  const others = lex(text, { backslashes: true });
  const isSame = others.length === tokens.length && others.every(({ end }, index) => end === tokens[index]?.end);
  return !isSame && (!reading.parsed || !isBroken(others, reading));
}

/** Refused by the parser, `ALTER ROLE r PASSWORD secret` would show what was meant as a constant. */
function hasBarePassword(tokens: readonly Token[]): boolean {
  const [verb = '', object = '', ...rest] = tokens
    .filter(({ kind }) => kind !== 'space' && kind !== 'comment')
    .map(({ kind, text }) => (kind === 'word' || kind === 'name' ? text.toUpperCase() : ''));
  if (!/^(CREATE|ALTER)$/.test(verb) || !/^(ROLE|USER|GROUP)$/.test(object)) return false;
  return rest.some((word, index) => word !== '' && word !== 'NULL' && rest[index - 1] === 'PASSWORD');
}
