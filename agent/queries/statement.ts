/** Describes one statement's text: the parser where it can, the lexer for the rest, and nothing where constants might be left. */
import { isClean, isDoubtful } from './disclosure.js';
import type { Grammar, RawStatement } from './grammar.js';
import { lex, type Token } from './lexer.js';
import { lastParameter, redact } from './redact.js';
import { commandTag, summarize, UNKNOWN } from './summary.js';

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
  /** What told the structure: the parser, or the lexer alone. */
  readBy: 'grammar' | 'lexer';
}

/** UTF-16 units. What is longer costs too much to parse, for a text of which 2 KiB are shown. */
const MAX_PARSED_LENGTH = 16_384;
/** Parentheses. The parser took 500 of them, not 1,000. */
const MAX_PARSED_DEPTH = 200;
/** Tokens that can nest. The normaliser took `NOT NOT NOT …` of 500 words, not of 1,000. */
const MAX_NORMALIZED_WEIGHT = 400;

const NORMALIZED = new Set(['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt']);

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
  const statements = isParsable(text, tokens) ? grammar.parse(text) : undefined;
  const readBy = statements ? 'grammar' : 'lexer';
  if (statements?.length !== 0 && !isDoubtful(text, tokens, { parsed: statements !== undefined, truncated })) {
    const normal = normalized(text, tokens, statements, grammar);
    const shown = redact(normal ?? tokens, { lastParameter: lastParameter(tokens), truncated });
    if (shown !== '' && isClean(shown))
      return { summary: summarize({ text, tokens, statements }), text: shown, readBy };
  }
  return { summary: commandTag(tokens), text: undefined, readBy };
}

function isParsable(text: string, tokens: readonly Token[]): boolean {
  return text.length <= MAX_PARSED_LENGTH && depthOf(tokens) <= MAX_PARSED_DEPTH;
}

/**
 * The parser's normal form, of queries alone: in utility statements it keeps constants, or puts the placeholder in a wrong place
 * (`CREATE SUBSCRIPTION`).
 */
function normalized(
  text: string,
  tokens: readonly Token[],
  statements: readonly RawStatement[] | undefined,
  grammar: Grammar,
): Token[] | undefined {
  const isQuery = statements?.every(({ stmt }) => Object.keys(stmt).every((kind) => NORMALIZED.has(kind)));
  if (!isQuery || weightOf(tokens) > MAX_NORMALIZED_WEIGHT) return undefined;
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

function depthOf(tokens: readonly Token[]): number {
  let depth = 0;
  let deepest = 0;
  for (const { text } of tokens) {
    if (text === '(' || text === '[') depth += 1;
    if (text === ')' || text === ']') depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

function weightOf(tokens: readonly Token[]): number {
  return tokens.filter(({ kind, text }) => kind === 'word' || kind === 'operator' || /[([:]/.test(text.charAt(0)))
    .length;
}
