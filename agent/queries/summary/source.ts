/** Finds in the text what the parse tree points at; the tree counts bytes of UTF-8, the tokens UTF-16 units. */
import type { Token } from '../lexer.js';
import { readWords } from './reader.js';

export interface SourceText {
  /** The index of the first token at or behind a byte. */
  tokenAt(byte: number): number;
  /** The identifier, with its schema, that is written at a byte. */
  nameAt(byte: number): string | undefined;
}

/** `catalog.schema.table`, with room for white space and comments. */
const MAX_NAME_TOKENS = 12;

export function sourceText(text: string, tokens: readonly Token[]): SourceText {
  const bytes = Buffer.from(text);
  const isAscii = bytes.length === text.length;
  const tokenAt = (byte: number): number => {
    const index = isAscii ? byte : bytes.subarray(0, byte).toString().length;
    return indexOfStart(tokens, index);
  };
  const nameAt = (byte: number) => readWords(window(tokens, tokenAt(byte))).name();
  return { tokenAt, nameAt };
}

/** By halving. */
function indexOfStart(tokens: readonly Token[], index: number): number {
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tokens[middle]?.start ?? 0) < index) low = middle + 1;
    else high = middle;
  }
  return low;
}

function window(tokens: readonly Token[], from: number): readonly Token[] {
  return tokens.slice(from, from + MAX_NAME_TOKENS);
}
