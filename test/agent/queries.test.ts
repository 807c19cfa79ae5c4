import { describe, expect, test } from '@jest/globals';
import { createQueryDescriber } from '../../agent/queries.js';

const normalized = { truncated: false, queryText: 'normalized' } as const;

describe('queryText', () => {
  const text = "SELECT 'ü' /* why */ FROM orders";

  test('normalized: no constants, no comments', async () => {
    const { describe: describeText } = await createQueryDescriber();
    expect(describeText(text, normalized)).toEqual({ summary: 'SELECT orders', text: 'SELECT $1 FROM orders' });
  });

  test('none: the summary alone', async () => {
    const { describe: describeText } = await createQueryDescriber();
    expect(describeText(text, { ...normalized, queryText: 'none' })).toEqual({
      summary: 'SELECT orders',
      text: undefined,
    });
  });

  test('raw: as it was sent, cut to 2 KiB between two characters', async () => {
    const { describe: describeText } = await createQueryDescriber();
    const raw = { ...normalized, queryText: 'raw' } as const;
    expect(describeText(text, raw)).toEqual({ summary: 'SELECT orders', text });
    expect(describeText("SELECT 'a", raw)).toEqual({ summary: 'SELECT', text: "SELECT 'a" });
    for (const letter of ['a', 'ü', '€', '😀']) {
      const cut = describeText(`SELECT ${letter.repeat(2048)}`, raw).text ?? '';
      expect(cut).toMatch(new RegExp(`^SELECT (${letter})+…$`, 'u'));
      expect(Buffer.byteLength(cut)).toBeGreaterThan(2040);
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(2048);
    }
  });
});

describe('counters', () => {
  test('tell who read the texts and how many are withheld', async () => {
    const describer = await createQueryDescriber();
    describer.describe('SELECT 1', normalized);
    describer.describe('SELECT 1 FROM', normalized);
    describer.describe("SELECT 'a", normalized);
    describer.describe("SELECT 'a", normalized);
    expect(describer.counters).toEqual({ parsedByGrammar: 1, parsedByLexer: 2, withheld: 2, grammarRestarts: 0 });
  });

  test('a text whose end is missing is another one', async () => {
    const describer = await createQueryDescriber();
    expect(describer.describe("SELECT 'a", normalized).text).toBeUndefined();
    expect(describer.describe("SELECT 'a", { ...normalized, truncated: true }).text).toBe('SELECT …');
    expect(describer.counters.parsedByLexer).toBe(2);
  });
});

test('the texts used last are kept, the others are described again', async () => {
  const describer = await createQueryDescriber({ maxEntries: 2 });
  for (const table of ['a', 'b', 'a', 'c', 'a', 'b']) {
    expect(describer.describe(`SELECT 1 FROM ${table}`, normalized).summary).toBe(`SELECT ${table}`);
  }
  expect(describer.counters.parsedByGrammar).toBe(4);
});

test('an ill-formed string is no trouble', async () => {
  const describer = await createQueryDescriber();
  expect(describer.describe("SELECT '\ud800' AS a\0", normalized)).toEqual({ summary: 'SELECT', text: undefined });
  expect(describer.describe("SELECT '\ud800' AS a", normalized)).toEqual({ summary: 'SELECT', text: 'SELECT $1 AS a' });
});
