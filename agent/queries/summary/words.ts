/** Summarises a query whose end is missing: from the words before names, FROM, JOIN, INTO, UPDATE and the like. */
import type { Token } from '../lexer.js';
import { type Summary, startSummary } from './parts.js';
import { readWords, type WordReader } from './reader.js';

const OPERATIONS = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE']);
/** `FOR UPDATE`, `ON DELETE`, `THEN INSERT`: no operation of their own. */
const NO_OPERATION_BEHIND = new Set('FOR KEY DO ON THEN OR AFTER BEFORE INSTEAD'.split(' '));
const BEFORE_NAME = new Set(['FROM', 'JOIN', 'INTO', 'USING', 'UPDATE']);
const SKIPPED = new Set(['ONLY', 'LATERAL', 'TABLE', 'ROWS']);
const ENDS_FROM = new Set(
  'WHERE GROUP ORDER HAVING LIMIT OFFSET SET RETURNING UNION EXCEPT INTERSECT VALUES WINDOW FETCH FOR'.split(' '),
);
/** Functions with a FROM of their own: `extract(year FROM ordered_at)`. */
const FROM_INSIDE = new Set(['EXTRACT', 'SUBSTRING', 'TRIM', 'OVERLAY', 'POSITION']);

/** What is open at one depth of parentheses. */
interface Frame {
  /** Between FROM and the next clause: a comma leads to another name. */
  inFrom: boolean;
  /** The next identifier is a target. */
  expectsName: boolean;
  ignoresFrom: boolean;
}

export function summarizeWords(tokens: readonly Token[], tag: string): string {
  const summary = startSummary();
  if (!OPERATIONS.has(tag) && tag !== 'WITH') summary.operation(tag);
  new WordWalk(readWords(tokens), expressionNames(tokens), summary).run();
  return summary.toString() || tag;
}

class WordWalk {
  readonly #reader: WordReader;
  readonly #expressions: ReadonlySet<string>;
  readonly #summary: Summary;
  #frames: Frame[] = [];
  #frame: Frame = { inFrom: false, expectsName: false, ignoresFrom: false };
  #before = '';

  constructor(reader: WordReader, expressions: ReadonlySet<string>, summary: Summary) {
    this.#reader = reader;
    this.#expressions = expressions;
    this.#summary = summary;
  }

  run(): void {
    while (!this.#reader.atEnd) {
      const word = this.#reader.peek();
      if (word === '') this.#mark(this.#reader.peekText());
      else if (!this.#keyword(word)) this.#name();
      else this.#reader.skip();
      if (word !== '') this.#before = word;
    }
  }

  #mark(text: string): void {
    if (text.endsWith('"') && this.#frame.expectsName) this.#name();
    else this.#punctuation(text);
    this.#before = text;
  }

  #punctuation(text: string): void {
    this.#reader.skip();
    if (text === '(') this.#open();
    else if (text === ')') this.#frame = this.#frames.pop() ?? this.#frame;
    else this.#frame.expectsName = text === ',' && this.#frame.inFrom;
    if (text === ')') this.#frame.expectsName = false;
  }

  #open(): void {
    const { expectsName } = this.#frame;
    this.#frames.push(this.#frame);
    this.#frame = { inFrom: expectsName, expectsName, ignoresFrom: FROM_INSIDE.has(this.#before) };
  }

  /** Whether the word is one that leads to names or away from them. */
  #keyword(word: string): boolean {
    if (OPERATIONS.has(word) && !NO_OPERATION_BEHIND.has(this.#before)) {
      this.#summary.operation(word);
      this.#frame = { ...this.#frame, inFrom: false, expectsName: word === 'UPDATE' };
      return true;
    }
    if (BEFORE_NAME.has(word)) {
      if (this.#leadsToName(word)) {
        this.#frame = { ...this.#frame, inFrom: word === 'FROM' || this.#frame.inFrom, expectsName: true };
      }
      return true;
    }
    if (ENDS_FROM.has(word)) this.#frame = { ...this.#frame, inFrom: false, expectsName: false };
    return ENDS_FROM.has(word) || (SKIPPED.has(word) && this.#frame.expectsName);
  }

  #leadsToName(word: string): boolean {
    if (word === 'USING') return this.#reader.peekText(1) !== '(';
    return !this.#frame.ignoresFrom && this.#before !== 'DISTINCT' && word !== 'UPDATE';
  }

  #name(): void {
    const name = this.#reader.name();
    if (name === undefined) this.#reader.skip();
    else if (this.#frame.expectsName && !this.#expressions.has(name.toLowerCase())) this.#summary.target(name);
    this.#frame.expectsName = false;
  }
}

/** Names of common table expressions: what stands before `AS (`, `AS MATERIALIZED (`, with or without a list of columns. */
function expressionNames(tokens: readonly Token[]): Set<string> {
  const reader = readWords(tokens);
  const names = new Set<string>();
  for (let name = ''; !reader.atEnd; ) {
    const found = reader.name();
    if (found === undefined) reader.skip();
    else if (found.toUpperCase() === 'AS' && isQueryAhead(reader)) names.add(name.toLowerCase());
    else {
      name = found;
      if (isColumnList(reader)) reader.skipParentheses();
    }
  }
  return names;
}

function isQueryAhead(reader: WordReader): boolean {
  reader.skipWords(new Set(['NOT', 'MATERIALIZED']));
  return reader.peekText() === '(';
}

function isColumnList(reader: WordReader): boolean {
  return reader.peekText() === '(';
}
