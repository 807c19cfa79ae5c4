/** Reads a statement's tokens word by word, without white space and comments. */
import type { Token } from '../lexer.js';

export interface WordReader {
  /** The word `ahead` of the next one, in upper case; '' for anything that is no word. */
  peek(ahead?: number): string;
  /** The token `ahead` of the next one, as it is written; '' at the end. */
  peekText(ahead?: number): string;
  /** Moves on. */
  skip(count?: number): void;
  /** Moves on behind the given words, in any order. */
  skipWords(words: ReadonlySet<string>): void;
  /** Moves on behind a pair of parentheses, if one opens here. */
  skipParentheses(): void;
  /** Reads `schema.table` as it is written; undefined and no step if there is no identifier. */
  name(): string | undefined;
  readonly atEnd: boolean;
}

export function readWords(tokens: readonly Token[], from = 0): WordReader {
  const words = tokens.slice(from).filter(({ kind }) => kind !== 'space' && kind !== 'comment');
  let at = 0;
  const text = (index: number) => words[index]?.text ?? '';
  return {
    get atEnd() {
      return at >= words.length;
    },
    peek: (ahead = 0) => (words[at + ahead]?.kind === 'word' ? text(at + ahead).toUpperCase() : ''),
    peekText: (ahead = 0) => text(at + ahead),
    skip(count = 1) {
      at += count;
    },
    skipWords(skipped) {
      while (skipped.has(this.peek())) at += 1;
    },
    skipParentheses() {
      let depth = 0;
      do {
        if (text(at) === '(') depth += 1;
        if (text(at) === ')') depth -= 1;
        if (depth > 0 || text(at) === ')') at += 1;
      } while (depth > 0 && at < words.length);
    },
    name() {
      const start = at;
      while (isIdentifier(words[at]) && text(at + 1) === '.' && isIdentifier(words[at + 2])) at += 2;
      if (!isIdentifier(words[at])) return undefined;
      at += 1;
      return words
        .slice(start, at)
        .map((word) => word.text.replace(/\s+/g, ' '))
        .join('');
    },
  };
}

function isIdentifier(token: Token | undefined): boolean {
  return token?.closed === true && (token.kind === 'word' || token.kind === 'name');
}
