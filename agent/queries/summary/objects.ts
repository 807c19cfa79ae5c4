/** CREATE, ALTER, DROP and their like: which kind of object, and its name. */
import type { WordReader } from './reader.js';

/** Kinds by which an object is named; those of more than one word stand before those they begin with. */
const NAMED = [
  'ACCESS METHOD',
  'AGGREGATE',
  'COLLATION',
  'COLUMN',
  'CONVERSION',
  'DATABASE',
  'DOMAIN',
  'EVENT TRIGGER',
  'EXTENSION',
  'FOREIGN DATA WRAPPER',
  'FOREIGN TABLE',
  'FUNCTION',
  'GROUP',
  'INDEX',
  'LANGUAGE',
  'MATERIALIZED VIEW',
  'OPERATOR CLASS',
  'OPERATOR FAMILY',
  'POLICY',
  'PROCEDURE',
  'PUBLICATION',
  'ROLE',
  'ROUTINE',
  'RULE',
  'SCHEMA',
  'SEQUENCE',
  'SERVER',
  'STATISTICS',
  'SUBSCRIPTION',
  'TABLE',
  'TABLESPACE',
  'TEXT SEARCH CONFIGURATION',
  'TEXT SEARCH DICTIONARY',
  'TEXT SEARCH PARSER',
  'TEXT SEARCH TEMPLATE',
  'TRIGGER',
  'TYPE',
  'USER',
  'VIEW',
];
/** Kinds without a name worth telling. */
const NAMELESS = [
  'CAST',
  'DEFAULT PRIVILEGES',
  'LARGE OBJECT',
  'OPERATOR',
  'OWNED',
  'SYSTEM',
  'TRANSFORM',
  'USER MAPPING',
];
const KINDS = [...NAMED, ...NAMELESS].sort((one, other) => other.length - one.length);

const MODIFIERS = new Set(
  'OR REPLACE GLOBAL LOCAL TEMP TEMPORARY UNLOGGED RECURSIVE UNIQUE TRUSTED PROCEDURAL CONSTRAINT'.split(' '),
);
const BEFORE_NAME = new Set('CONCURRENTLY IF NOT EXISTS ONLY ON AUTHORIZATION'.split(' '));

interface ObjectReference {
  kind: string;
  names: string[];
}

/** Reads `OR REPLACE VIEW public.v`, `TABLE IF EXISTS a, b`; undefined and no step if there is no such kind. */
export function readObject(reader: WordReader): ObjectReference | undefined {
  if (!readKind(reader, false)) reader.skipWords(MODIFIERS);
  const kind = readKind(reader, true);
  if (!kind) return undefined;
  reader.skipWords(BEFORE_NAME);
  return { kind, names: NAMELESS.includes(kind) ? [] : readNames(reader) };
}

/** Reads `a, b.c`. */
export function readNames(reader: WordReader): string[] {
  const names: string[] = [];
  for (let name = reader.name(); name; name = reader.peekText() === ',' ? nameBehindComma(reader) : undefined)
    names.push(name);
  return names;
}

function nameBehindComma(reader: WordReader): string | undefined {
  reader.skip();
  return reader.name();
}

function readKind(reader: WordReader, moveOn: boolean): string | undefined {
  const kind = KINDS.find((words) => words.split(' ').every((word, ahead) => reader.peek(ahead) === word));
  if (kind && moveOn) reader.skip(kind.split(' ').length);
  return kind;
}
