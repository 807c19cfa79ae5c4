/**
 * Words that are values and not names: `SET app.secret = acme`, `OPTIONS (password acme)`, `WITH (fillfactor = acme)`. The parser tells
 * them apart: each name of the text is replaced by a mark, the text is parsed again, and what the marks have become in its tree
 * says what the words are. A word is a name only where the tree has a place for a name; everywhere else it is taken for a value.
 */
import type { Grammar } from './grammar.js';
import type { Token } from './lexer.js';
import { KEYWORDS_OF_GRAMMAR } from './values/grammar-words.js';
import { markedText } from './values/marks.js';
import { readTree } from './values/tree.js';

/** The tokens with each value as a constant. Undefined: which words are values cannot be told. */
export function hideValues(tokens: readonly Token[], grammar: Grammar): Token[] | undefined {
  const keywords = grammar.keywords(tokens.filter(({ kind }) => kind === 'word').map(({ text }) => text));
  const isKeyword = (word: string) => keywords?.has(word) || KEYWORDS_OF_GRAMMAR.has(word);
  const isFree = ({ kind, text }: Token) => kind === 'name' || (kind === 'word' && !isKeyword(text.toLowerCase()));
  const statements = keywords && grammar.parse(markedText(tokens, isFree));
  if (!statements) return undefined;
  const { names, words, hasTypes } = readTree(
    statements,
    tokens.map(({ text }) => text),
  );
  const isValue = (token: Token, index: number): boolean => {
    if (isFree(token)) return !names.has(index);
    if (token.kind !== 'word') return false;
    // A keyword, `SET app.mode = first`: wherever it stands, as the tree does not say where it has it from.
    const word = token.text.toLowerCase();
    return words.has(word) || (hasTypes && keywords.get(word) === 'type');
  };
  return tokens.map((token, index) => (isValue(token, index) ? { ...token, kind: 'string' as const } : token));
}
