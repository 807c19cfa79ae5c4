/** Makes a db.query.summary, `SELECT orders customers`: from the parse tree, or from the words of a text that was cut off. */
import type { RawStatement } from './grammar.js';
import type { Token } from './lexer.js';
import { type Command, readCommand } from './summary/command.js';
import { startSummary } from './summary/parts.js';
import { sourceText } from './summary/source.js';
import { summarizeTree } from './summary/tree.js';
import { summarizeWords } from './summary/words.js';

export { UNKNOWN } from './summary/command.js';

/** Commands that are queries or hold one. */
const HOLDS_QUERY = new Set('SELECT INSERT UPDATE DELETE MERGE WITH VALUES TABLE EXPLAIN DECLARE PREPARE'.split(' '));

/** Commands that nothing but a query begins with. */
const QUERIES = new Set('SELECT INSERT UPDATE DELETE MERGE WITH VALUES TABLE'.split(' '));

interface SummarySource {
  text: string;
  tokens: readonly Token[];
  /** Undefined: the text is only the beginning of one. */
  statements: readonly RawStatement[] | undefined;
}

export function summarize({ text, tokens, statements }: SummarySource): string {
  try {
    if (statements && statements.length > 0) return summarizeTree(statements, tokens, sourceText(text, tokens));
  } catch {
    // A tree deeper than the stack: the words tell nearly as much.
  }
  const command = readCommand(tokens);
  return HOLDS_QUERY.has(command.tag) ? summarizeWords(tokens, command.tag) : summarizeCommand(command);
}

/** Whether the text is one query, whatever follows. */
export function beginsQuery(tokens: readonly Token[]): boolean {
  const first = tokens.find(({ kind, text }) => kind !== 'space' && kind !== 'comment' && text !== '(');
  return first?.kind === 'word' && QUERIES.has(first.text.toUpperCase());
}

/** Nothing but the command's tag: for a text of which nothing else may be shown. */
export function commandTag(tokens: readonly Token[]): string {
  return readCommand(tokens).tag;
}

function summarizeCommand({ tag, targets }: Command): string {
  const summary = startSummary();
  summary.operation(tag);
  for (const target of targets) summary.target(target);
  return summary.toString();
}
