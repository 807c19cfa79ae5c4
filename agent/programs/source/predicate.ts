/** Whether a predicate lets nothing through but what belongs to the target. */
import type { Token } from './tokens.js';

/** Stands for "this process belongs to the target". */
export const PLACEHOLDER = 'PGSCOPE_TARGET';

/** What binds less than && does: beside it the placeholder would restrict a part of the predicate alone. */
const WEAKER = new Set(['||', '?', ':', '=', ',', ';', '+=', '-=', '*=', '/=', '%=', '&=', '|=', '^=', '<<=', '>>=']);

/** The placeholder is one of the terms that && joins. */
export function isRestricted(tokens: readonly Token[]): boolean {
  const terms: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.text === '(' || token.text === '[') depth += 1;
    if (token.text === ')' || token.text === ']') depth -= 1;
    if (depth === 0 && WEAKER.has(token.text)) return false;
    if (depth === 0 && token.text === '&&') terms.push([]);
    else terms.at(-1)?.push(token);
  }
  return terms.some(isPlaceholder);
}

/** Itself, in any number of parentheses. */
function isPlaceholder(term: readonly Token[]): boolean {
  const middle = (term.length - 1) / 2;
  const { kind, text } = term[middle] ?? {};
  if (kind !== 'word' || text !== PLACEHOLDER) return false;
  return term.every((token, index) => index === middle || token.text === (index < middle ? '(' : ')'));
}
