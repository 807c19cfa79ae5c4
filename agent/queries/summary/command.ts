/** The command of a statement, read from its first words: its tag and what it names. */
import type { Token } from '../lexer.js';
import { readNames, readObject } from './objects.js';
import { readWords, type WordReader } from './reader.js';

export interface Command {
  /** `SELECT`, `CREATE TABLE`; UNKNOWN for what is no command. */
  tag: string;
  /** Names as they are written; none for queries (those need more than the first words). */
  targets: string[];
}

export const UNKNOWN = 'UNKNOWN';

/** What a command names, and the words that may stand before it. `none`: names that programs make up (cursors, savepoints). */
interface Form {
  names: 'none' | 'list' | 'one';
  skip: ReadonlySet<string>;
}

const none: Form = { names: 'none', skip: new Set() };
const one = (...skip: string[]): Form => ({ names: 'one', skip: new Set(skip) });
const list = (...skip: string[]): Form => ({ names: 'list', skip: new Set(skip) });

const FORMS = new Map<string, Form>([
  ...(
    `SELECT INSERT UPDATE DELETE MERGE VALUES WITH TABLE EXPLAIN DECLARE PREPARE ABORT BEGIN CHECKPOINT CLOSE COMMIT DEALLOCATE DO
    END FETCH LOAD MOVE RELEASE ROLLBACK SAVEPOINT`.split(/\s+/) as string[]
  ).map((tag): [string, Form] => [tag, none]),
  ...['COMMIT PREPARED', 'ROLLBACK PREPARED', 'PREPARE TRANSACTION', 'START TRANSACTION'].map((tag): [string, Form] => [
    tag,
    none,
  ]),
  ...[
    'REASSIGN OWNED',
    'SECURITY LABEL',
    'SET SESSION AUTHORIZATION',
    'SET SESSION CHARACTERISTICS',
    'SET TIME ZONE',
  ].map((tag): [string, Form] => [tag, none]),
  ['ANALYZE', list('VERBOSE')],
  ['CALL', one()],
  ['CLUSTER', one('VERBOSE')],
  ['COPY', one('BINARY')],
  ['DISCARD', one()],
  ['EXECUTE', one()],
  ['IMPORT FOREIGN SCHEMA', one()],
  ['LISTEN', one()],
  ['LOCK', list('TABLE', 'ONLY')],
  ['NOTIFY', one()],
  ['REFRESH MATERIALIZED VIEW', one('CONCURRENTLY')],
  ['REINDEX', one('TABLE', 'INDEX', 'SCHEMA', 'DATABASE', 'SYSTEM', 'CONCURRENTLY')],
  ['RESET', one()],
  ['SET', one('SESSION', 'LOCAL')],
  ['SHOW', one()],
  ['TRUNCATE', list('TABLE', 'ONLY')],
  ['UNLISTEN', one()],
  ['VACUUM', list('FULL', 'FREEZE', 'VERBOSE', 'ANALYZE')],
]);
const QUERIES = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'VALUES', 'TABLE']);
const LONGEST_TAG = 3;

/** Reads the statement that begins at the token with index `from`. */
export function readCommand(tokens: readonly Token[], from = 0): Command {
  const reader = readWords(tokens, from);
  while (reader.peekText() === '(' || reader.peekText() === ';') reader.skip();
  return readDefinition(reader) ?? readGrant(reader) ?? readForm(reader) ?? { tag: UNKNOWN, targets: [] };
}

/** CREATE, ALTER, DROP, COMMENT ON. */
function readDefinition(reader: WordReader): Command | undefined {
  const verb = reader.peek();
  if (!['CREATE', 'ALTER', 'DROP', 'COMMENT'].includes(verb)) return undefined;
  reader.skip();
  if (verb === 'COMMENT') reader.skip();
  const object = readObject(reader);
  if (verb === 'COMMENT') return { tag: verb, targets: object?.names ?? [] };
  return object ? { tag: `${verb} ${object.kind}`, targets: object.names } : { tag: verb, targets: [] };
}

/** `GRANT SELECT ON TABLE orders TO reporting` is about orders. */
function readGrant(reader: WordReader): Command | undefined {
  const tag = reader.peek();
  if (tag !== 'GRANT' && tag !== 'REVOKE') return undefined;
  while (!reader.atEnd && reader.peek() !== 'ON') reader.skip();
  reader.skip();
  if (reader.peek() === 'ALL') return { tag, targets: [] };
  return { tag, targets: readObject(reader)?.names ?? readNames(reader) };
}

function readForm(reader: WordReader): Command | undefined {
  for (let words = LONGEST_TAG; words > 0; words -= 1) {
    const tag = Array.from({ length: words }, (_, ahead) => reader.peek(ahead)).join(' ');
    const form = FORMS.get(tag);
    if (form) {
      reader.skip(words);
      return tag === 'WITH' ? readMain(reader) : { tag, targets: namesOf(reader, form, tag) };
    }
  }
  return undefined;
}

/** The operation behind the common table expressions. */
function readMain(reader: WordReader): Command {
  while (!reader.atEnd && !QUERIES.has(reader.peek())) {
    if (reader.peekText() === '(') reader.skipParentheses();
    else reader.skip();
  }
  return { tag: reader.peek() || 'WITH', targets: [] };
}

function namesOf(reader: WordReader, { names, skip }: Form, tag: string): string[] {
  if (names === 'none') return [];
  if (tag !== 'COPY') reader.skipParentheses();
  reader.skipWords(skip);
  return names === 'list' ? readNames(reader) : [reader.name() ?? []].flat();
}
