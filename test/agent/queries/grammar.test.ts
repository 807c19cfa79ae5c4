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

test('tells the beginning of a statement from what is none', async () => {
  const grammar = await loadGrammar();
  for (const text of ['', 'SELECT', 'SELECT a FROM t WHERE b IN (1, ', 'SELECT a', 'CREATE TABLE t (a int)', 'SET a ='])
    expect([text, grammar.isBeginning(text)]).toEqual([text, true]);
  for (const text of ['SELECT a FROM FROM', 'SELECT 1 SET a', "SELECT 'a", 'SET a = = ', 'acme', 'SELECT 1\0'])
    expect([text, grammar.isBeginning(text)]).toEqual([text, false]);
  expect(grammar.restarts).toBe(0);
});

test('knows the keywords', async () => {
  const grammar = await loadGrammar();
  const keywords = grammar.keywords(['SELECT', 'acme', 'int', 'First', 'select', 'größe']);
  expect([...(keywords ?? [])]).toEqual([
    ['select', 'other'],
    ['int', 'type'],
    ['first', 'other'],
  ]);
  expect(grammar.keywords(["'a"])).toBeUndefined();
});

test('a text on which it fails inside costs the instance, not the process', async () => {
  const grammar = await loadGrammar();
  expect(grammar.normalize(`SELECT ${'NOT '.repeat(4000)} a`)).toBeUndefined();
  expect(grammar.restarts).toBe(1);
  while (!grammar.parse('SELECT 1')) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(grammar.normalize('SELECT 1')).toBe('SELECT $1');
});
