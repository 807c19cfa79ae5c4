/**
 * Describes one statement's text. Fail-closed: a text is shown only if the parser takes it, whole or as far as it is there, so that it
 * is certain which of its parts are constants; of what it refuses the command's tag alone is told.
 */
import { hasTouchingQuotes, isClean, isReadTwoWays } from './disclosure.js';
import type { Grammar, RawStatement } from './grammar.js';
import { lex, type Token } from './lexer.js';
import { canNest, endOfParsable } from './parsable.js';
import { lastParameter, redact } from './redact.js';
import { beginsQuery, commandTag, summarize, UNKNOWN } from './summary.js';
import { hideValues } from './values.js';

/** A text as the tracer read it. */
export interface SentText {
  text: string;
  /** It is only the beginning of what the client sent. */
  truncated: boolean;
}

export interface Description {
  summary: string;
  /** Undefined: withheld. */
  text: string | undefined;
  /** What told the structure: the parser's tree, or tokens alone. */
  readBy: 'grammar' | 'lexer';
}

/** The normaliser took `NOT NOT NOT …` of 500 words, not of 1,000. */
const MAX_NORMALIZED_WEIGHT = 400;

const QUERIES = new Set(['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt']);

/** Never throws. */
export function describeStatement(sent: SentText, grammar: Grammar): Description {
  try {
    return describe(sent, grammar);
  } catch {
    return { summary: UNKNOWN, text: undefined, readBy: 'lexer' };
  }
}

function describe({ text, truncated }: SentText, grammar: Grammar): Description {
  const tokens = lex(text);
  const parsable = endOfParsable(tokens);
  // More of the last token may have been sent than is here.
  if (truncated || parsable < tokens.length) return describeBeginning(tokens.slice(0, parsable).slice(0, -1), grammar);
  const statements = grammar.parse(text);
  const described = statements && describeWhole({ text, tokens, statements }, grammar);
  return described ?? { summary: commandTag(tokens), text: undefined, readBy: statements ? 'grammar' : 'lexer' };
}

interface Parsed {
  text: string;
  tokens: readonly Token[];
  statements: readonly RawStatement[];
}

/** Undefined: the text is withheld, and nothing but its tag is told. */
function describeWhole({ text, tokens, statements }: Parsed, grammar: Grammar): Description | undefined {
  if (statements.length === 0 || isReadTwoWays(text, tokens, { parsed: true })) return undefined;
  const isQuery = statements.every(({ stmt }) => Object.keys(stmt).every((kind) => QUERIES.has(kind)));
  // In queries every word is a name or a keyword.
  const named = isQuery ? tokens : hideValues(tokens, grammar);
  if (!named) return undefined;
  const normal = isQuery ? normalized(text, tokens, grammar) : undefined;
  const shown = redact(normal ?? named, { lastParameter: lastParameter(tokens), truncated: false });
  if (shown === '' || !isClean(shown)) return undefined;
  return { summary: summarize({ text, tokens: named, statements }), text: shown, readBy: 'grammar' };
}

/** Of a text whose end is missing. What is no query has a summary alone: which of its words are values can be told of the whole. */
function describeBeginning(tokens: readonly Token[], grammar: Grammar): Description {
  const text = tokens.map((token) => token.text).join('');
  const withheld = { summary: commandTag(tokens), text: undefined, readBy: 'lexer' } as const;
  if (!isCertain(text, tokens, grammar)) return withheld;
  const summary = summarize({ text, tokens, statements: undefined });
  const shown = redact(tokens, { lastParameter: lastParameter(tokens), truncated: true });
  return { ...withheld, summary, text: beginsQuery(tokens) && shown !== '' && isClean(shown) ? shown : undefined };
}

/** The parser would take all of it, it is one statement, and no quote stands where one of another string might be meant. */
function isCertain(text: string, tokens: readonly Token[], grammar: Grammar): boolean {
  const isOne = tokens.every(({ text }) => text !== ';');
  if (!isOne || hasTouchingQuotes(tokens) || isReadTwoWays(text, tokens, { parsed: false })) return false;
  return grammar.isBeginning(text);
}

/**
 * The parser's normal form, of queries alone: in utility statements it keeps constants, or puts the placeholder in a wrong place
 * (`CREATE SUBSCRIPTION`).
 */
function normalized(text: string, tokens: readonly Token[], grammar: Grammar): Token[] | undefined {
  if (tokens.filter(canNest).length > MAX_NORMALIZED_WEIGHT) return undefined;
  const normal = lex(grammar.normalize(text) ?? '');
  return isNormalFormOf(normal, tokens) ? normal : undefined;
}

/** The normaliser gives an error message in place of a text: its words are not those of the statement. */
function isNormalFormOf(normal: readonly Token[], tokens: readonly Token[]): boolean {
  const words = tokens.filter(isWord);
  let at = 0;
  return (
    normal.length > 0 &&
    normal.filter(isWord).every(({ text }) => {
      while (at < words.length && words[at]?.text !== text) at += 1;
      return at++ < words.length;
    })
  );
}

function isWord({ kind }: Token): boolean {
  return kind === 'word' || kind === 'name';
}
