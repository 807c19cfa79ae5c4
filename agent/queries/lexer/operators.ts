/** Operators, which end where a comment begins, and before a sign that belongs to what follows. */
import { type Extent, endOfMatch } from './token.js';

const OPERATOR = /[~!@#^&|`?+\-*/%<>=]+/y;
const COMMENT_START = /--|\/\*/;
/** Only an operator that holds one of these may end in + or -: `=-5` is `=` and `-5`, `@-5` is `@-` and `5`. */
const MAY_END_IN_SIGN = /[~!@#^&|`?%]/;

export function operatorAt(text: string, at: number): Extent | undefined {
  const end = endOfMatch(OPERATOR, text, at);
  if (end < 0) return undefined;
  let operator = text.slice(at, end);
  const comment = operator.search(COMMENT_START);
  if (comment > 0) operator = operator.slice(0, comment);
  if (!MAY_END_IN_SIGN.test(operator)) operator = operator.replace(/(?<=.)[+-]+$/, '');
  return { kind: 'operator', end: at + operator.length, closed: true };
}
