import { expect, test } from '@jest/globals';
import { loadGrammar } from '../../../agent/queries/grammar.js';

test('parses what PostgreSQL parses and refuses the rest', async () => {
  const grammar = await loadGrammar();
  expect(grammar.parse('SELECT 1; COMMIT')?.map(({ stmt }) => Object.keys(stmt))).toEqual([
    ['SelectStmt'],
    ['TransactionStmt'],
  ]);
  expect(grammar.parse('SELECT FROM FROM')).toBeUndefined();
  expect(grammar.parse("SELECT 'a")).toBeUndefined();
  expect(grammar.parse('SELECT 1\0')).toBeUndefined();
  expect(grammar.normalize("SELECT 'ü', -1 FROM t")).toBe('SELECT $1, $2 FROM t');
  expect(grammar.restarts).toBe(0);
});

test('a text on which it fails inside costs the instance, not the process', async () => {
  const grammar = await loadGrammar();
  expect(grammar.normalize(`SELECT ${'NOT '.repeat(4000)} a`)).toBeUndefined();
  expect(grammar.restarts).toBe(1);
  while (!grammar.parse('SELECT 1')) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(grammar.normalize('SELECT 1')).toBe('SELECT $1');
});
