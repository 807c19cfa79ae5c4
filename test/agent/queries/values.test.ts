import { beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lex } from '../../../agent/queries/lexer.js';
import type { DescribedQuery } from '../../../agent/queries.js';
import { loadDescribe } from './describing.js';
import { leaks } from './leaks.js';
import { statements } from './random-statements.js';

let describeText: (text: string, truncated?: boolean) => DescribedQuery;
beforeAll(async () => {
  describeText = await loadDescribe();
});

const RUNS = { numRuns: Number(process.env.VALUE_RUNS ?? 3000) };

test('no value shows, whether it is quoted or not, wherever it stands', () => {
  let shown = 0;
  fc.assert(
    fc.property(statements, (text) => {
      const described = describeText(text);
      if (described.text !== undefined) shown += 1;
      expect(leaks(described)).toBe(false);
    }),
    RUNS,
  );
  // Most are valid, or this test would show nothing.
  expect(shown).toBeGreaterThan(RUNS.numRuns * 0.6);
});

test('no value shows in what is cut off anywhere', () => {
  fc.assert(
    fc.property(statements, fc.nat(), fc.boolean(), (text, at, truncated) => {
      expect(leaks(describeText(text.slice(0, at % text.length), truncated))).toBe(false);
      expect(leaks(describeText(text.slice(at % text.length), truncated))).toBe(false);
    }),
    RUNS,
  );
});

/** None of them makes a name of what was a value, as a parenthesis behind it does: that would be a function. */
const junk = fc.constantFrom(...') , = ; /* [ 7 word SET WITH OPTIONS SELECT TO AND \\ {'.split(' '));

test('no value shows in a statement with an error', () => {
  fc.assert(
    fc.property(statements, junk, fc.nat(), fc.boolean(), (text, inserted, at, replaces) => {
      const tokens = lex(text);
      const index = at % tokens.length;
      const removed = replaces && tokens[index]?.kind === 'mark' ? 1 : 0;
      const sent = tokens.map((token) => token.text);
      // A comma makes an expression of an operator class and its options: its words are names of columns then.
      fc.pre(inserted !== ',' || !/gin \(a( b)?(\s|\/\*[^*]*\*\/)*$/.test(sent.slice(0, index).join('')));
      sent.splice(index, removed, ` ${inserted} `);
      expect({ text: sent.join(''), leaks: leaks(describeText(sent.join(''))) }).toEqual({
        text: sent.join(''),
        leaks: false,
      });
    }),
    RUNS,
  );
});
