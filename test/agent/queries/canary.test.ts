import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lex } from '../../../agent/queries/lexer.js';
import type { DescribedQuery } from '../../../agent/queries.js';
import { loadDescribe } from './describing.js';
import { CANARY, leaks, NUMBER } from './leaks.js';
import { ALL } from './statements.js';

/** Ways to write a value without quotes. */
const WORDS = [CANARY, `"${CANARY}"`, `Zq${CANARY}$1_é`, `U&"\\0041${CANARY}"`];

/** Ways to write a string constant. */
const STRINGS = [
  `'${CANARY}'`,
  `'it''s ${CANARY}'`,
  `E'it\\'s ${CANARY}\\\\'`,
  `U&'\\0041 ${CANARY}'`,
  `$$it's ${CANARY}$$`,
  `$a1$ $$ ${CANARY} $b$ $a1$`,
  `'x' -- y\n  '${CANARY}'`,
  `' -- ' /* ' */`,
  `' /* ${CANARY}'`,
  `'"${CANARY}'`,
  `'"ü€😀 \u{fffd}${CANARY}'`,
];
const NUMBERS = [NUMBER, `${NUMBER}.5e-3`, `0x${NUMBER}F`, '7_351_946', `.${NUMBER}`];

let describeText: (text: string, truncated?: boolean) => DescribedQuery;
beforeAll(async () => {
  describeText = await loadDescribe();
});

/** `word`: what stands where a value needs no quotes; `string` if it is not given. */
function fill(statement: string, string: string, number: string, word = string): string {
  return statement
    .replaceAll('%s', () => string)
    .replaceAll('%v', () => word)
    .replaceAll('%w', () => (WORDS.includes(word) ? word : CANARY))
    .replaceAll('%n', number);
}

describe('a value in every kind of statement', () => {
  test.each(ALL)('%#: %s', (statement) => {
    for (const string of STRINGS) {
      for (const number of NUMBERS) {
        const text = fill(statement, string, number);
        expect({ text, leaks: leaks(describeText(text)) }).toEqual({ text, leaks: false });
      }
    }
    for (const word of [...WORDS, ...NUMBERS, `-${NUMBER}`]) {
      const text = fill(statement, "'x'", '1', word);
      expect({ text, leaks: leaks(describeText(text)) }).toEqual({ text, leaks: false });
    }
  });
});

test('no constant shows in a statement that is cut off anywhere', () => {
  const leaking: string[] = [];
  for (const [index, statement] of ALL.entries()) {
    const text = fill(statement, STRINGS[index % STRINGS.length] ?? '', NUMBER, WORDS[index % WORDS.length]);
    for (let end = 0; end < text.length; end += 1) {
      const cut = text.slice(0, end);
      if (leaks(describeText(cut, true)) || leaks(describeText(cut, false))) leaking.push(cut);
    }
  }
  expect(leaking).toEqual([]);
});

test('no comment shows, wherever it stands', () => {
  const comments = [
    `/* ${CANARY} */`,
    `/*+ ${CANARY} /* nested ${CANARY} */ */`,
    `-- ${CANARY}\n`,
    `/* ' ${CANARY} */`,
  ];
  const leaking: string[] = [];
  for (const [index, statement] of ALL.entries()) {
    const tokens = lex(fill(statement, "'x'", '1').replaceAll(CANARY, 'word'));
    for (let at = 0; at <= tokens.length; at += 1) {
      const before = tokens.slice(0, at).map(({ text }) => text);
      const after = tokens.slice(at).map(({ text }) => text);
      const text = [...before, comments[(index + at) % comments.length], ...after].join('');
      if (leaks(describeText(text))) leaking.push(text);
    }
  }
  expect(leaking).toEqual([]);
});

test('a text that goes on behind its last comment or string does not show it', () => {
  for (const end of [
    `/* ${CANARY}`,
    `-- ${CANARY}`,
    `/*/* ${CANARY} */`,
    `$a$ ${CANARY} $b$`,
    `"${CANARY}`,
    `U&"${CANARY}`,
    `E'\\'${CANARY}`,
  ]) {
    const described = describeText(`SELECT a FROM t WHERE b = ${end}`, true);
    expect(described).toEqual({
      summary: 'SELECT t',
      text: expect.stringMatching(/^SELECT a FROM t WHERE b = ?(\$1)? ?…$/),
    });
  }
});

describe('quotes that do not match up', () => {
  test.each([
    "SELECT * FROM users WHERE name = 'O'zqcanary'",
    "SELECT * FROM users WHERE name = 'O'zqcanary' AND city = 'x'y'",
    "INSERT INTO t VALUES ('the dogs' zqcanary', 5, 'x')",
    "INSERT INTO t VALUES ('a', b'zqcanary', 'x)",
    'SELECT * FROM t WHERE a = "zqcanary',
    "SELECT * FROM t WHERE a = 'it\\'s from zqcanary'",
    "SELECT * FROM t WHERE a = 'x\\' OR b = zqcanary OR c = 'y\\''",
    "UPDATE t SET a = 'it's from zqcanary' WHERE id = 1",
  ])('%s', (text) => {
    for (const truncated of [false, true]) expect(leaks(describeText(text, truncated))).toBe(false);
  });
});

/** Any content, written as a constant. */
const content = fc
  .array(
    fc.constantFrom(
      "'",
      '"',
      '\\',
      '$',
      '$$',
      '$a$',
      '--',
      '/*',
      '*/',
      '\n',
      ' ',
      '(',
      ',',
      ';',
      'E',
      'U&',
      '1',
      'é',
      CANARY,
    ),
  )
  .map((parts) => `${parts.join('')}${CANARY}`);
const constant = fc.oneof(
  content.map((value) => `'${value.replaceAll('\\', '/').replaceAll("'", "''")}'`),
  content.map((value) => `E'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`),
  content.map((value) => `U&'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`),
  content.map((value) => `$quote$${value}$quote$`),
);

test('no constant shows, whatever is in it', () => {
  fc.assert(
    fc.property(fc.constantFrom(...ALL), constant, fc.nat(), (statement, value, cut) => {
      const text = fill(statement, value, '1');
      expect(leaks(describeText(text))).toBe(false);
      expect(leaks(describeText(text.slice(0, cut % text.length), true))).toBe(false);
    }),
    { numRuns: 1500 },
  );
});
