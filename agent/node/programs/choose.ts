/** Several profiles may give a program different arguments; it runs with one set of them. */

import type { Args, Variant } from './plan.js';

/**
 * Those that it runs with already, else the first that the program takes; of equal ones the shortest interval. Where it takes none, the first, which
 * is then refused. `wordsOf`: what the program gets; undefined if it does not take them.
 */
export function chooseVariant(
  variants: readonly Variant[],
  wordsOf: (args: Args) => string | undefined,
  present: string | undefined,
): Variant | undefined {
  const taken = variants.flatMap((variant) => {
    const words = wordsOf(variant.args);
    return words === undefined ? [] : [{ ...variant, words }];
  });
  const chosen = taken.find(({ words }) => words === present) ?? taken[0];
  if (chosen === undefined) return variants[0];
  const same = taken.filter(({ words }) => words === chosen.words);
  return { args: chosen.args, intervalMs: Math.min(...same.map(({ intervalMs }) => intervalMs)) };
}
