/**
 * Random statements from a grammar that knows where a value may stand without quotes. Each value is or holds the canary, or the
 * number; no name does.
 */
import fc from 'fast-check';
import { CANARY, NUMBER } from './leaks.js';

export type Sql = fc.Arbitrary<string>;

const name = fc.constantFrom('a', 'orders', '"Ö b"', 's.t', 'first', 'value', 'größe', 'login', 'text');
const word = fc.constantFrom(
  CANARY,
  CANARY.toUpperCase(),
  `"${CANARY}"`,
  `"it's ${CANARY}"`,
  `x${CANARY}$1`,
  `é_${CANARY}`,
);
const string = fc.constantFrom(
  `'${CANARY}'`,
  `'it''s ${CANARY}'`,
  `E'\\'${CANARY}'`,
  `U&'\\0041${CANARY}'`,
  `N'${CANARY}'`,
  `$$ ${CANARY} ' $$`,
  `$q$ ${CANARY}; $$ $q$`,
);
const number = fc.constantFrom(NUMBER, `-${NUMBER}`, `${NUMBER}.5`, `0x${NUMBER}`, `+${NUMBER}e3`);
const value = fc.oneof({ weight: 3, arbitrary: word }, string, number);
const quoted = fc.oneof(string, number);

/** Parts in a row, with white space or a comment between. */
function row(...parts: (string | Sql)[]): Sql {
  const arbitraries = parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part));
  return fc.tuple(gap, ...arbitraries).map(([space, ...texts]) => texts.filter((text) => text !== '').join(space));
}
const gap = fc.oneof(
  { weight: 8, arbitrary: fc.constant(' ') },
  fc.constantFrom('\n', ` /* ${CANARY} */ `, ` -- it's ${CANARY}\n`, ` /*+ " ${CANARY} /* $$ */ ' */ `),
);
const many = (part: Sql): Sql => fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(', '));
const maybe = (part: Sql): Sql => fc.oneof(fc.constant(''), part);
const either = (...words: string[]): Sql => fc.constantFrom(...words);

const setting = fc.constantFrom('app.secret', 'a', 'search_path', '"A".b', 'role', 'timezone');
const assignment = row(setting, either('=', 'TO', 'to'), many(value));
const set = row('SET', either('', 'LOCAL', 'SESSION'), fc.oneof(assignment, row('TIME ZONE', value)));
/** `(name value, name = value)`. */
const definition = row(
  '(',
  many(row(either('password', 'null', 'x', 'fillfactor', 'toast.y', 'format'), '=', value)),
  ')',
);
const options = row(
  '(',
  many(row(either('x', 'format', 'timing', 'verbose', 'null', 'tablespace', 'parallel'), value)),
  ')',
);
const foreign = row('OPTIONS (', many(row(either('', 'ADD', 'SET'), either('user', 'password'), string)), ')');

const query = fc.oneof(
  row('SELECT', many(fc.oneof(name, quoted)), 'FROM', name, 'WHERE a =', quoted),
  row('SELECT a FROM t WHERE b IN (', many(quoted), ')'),
  row('INSERT INTO', name, 'VALUES (', many(quoted), ')'),
  row('UPDATE t SET', either('a', 'b'), '=', quoted, 'WHERE c <>', quoted),
  row('WITH x AS (DELETE FROM t WHERE a =', quoted, 'RETURNING *) SELECT * FROM x'),
);
const utility = fc.oneof(
  set,
  row('ALTER SYSTEM SET', assignment),
  row('ALTER', either('ROLE', 'USER', 'DATABASE'), either('a', '"Ö b"'), 'SET', assignment),
  row('ALTER', either('FUNCTION', 'PROCEDURE', 'ROUTINE'), name, '(int) SET', assignment),
  row('CREATE FUNCTION', name, '() RETURNS', name, 'LANGUAGE sql STABLE SET', assignment, 'AS', string),
  row('CREATE PROCEDURE', name, '( a text DEFAULT', quoted, ') LANGUAGE plpgsql SET', assignment, 'AS', string),
  row('COPY', name, either('FROM STDIN', 'TO STDOUT'), 'WITH', options),
  row('COPY (', query, ') TO PROGRAM', string, 'WITH', options),
  row('CREATE TABLE', name, '(a int DEFAULT', quoted, ') WITH', definition),
  row('CREATE TABLE', name, 'WITH', definition, 'AS', query),
  row('CREATE INDEX i ON t USING gin (a b', definition, ') WITH', definition),
  row('CREATE VIEW', name, 'WITH', definition, 'AS SELECT a FROM t WHERE b =', quoted),
  row('ALTER TABLE', name, 'ALTER a SET', definition, ', SET', definition, ', ALTER b SET DEFAULT', quoted),
  row('CREATE SERVER s FOREIGN DATA WRAPPER w', foreign),
  row('CREATE USER MAPPING FOR bob SERVER s', foreign),
  row('CREATE DATABASE d', maybe(row('ENCODING', value)), row('LOCALE', either('', '='), value)),
  row('CREATE SUBSCRIPTION s CONNECTION', string, 'PUBLICATION p WITH', definition),
  row('ALTER SUBSCRIPTION s SET', definition),
  row('CREATE PUBLICATION p FOR ALL TABLES WITH', definition),
  row('EXPLAIN', options, query),
  row(either('VACUUM', 'ANALYZE', 'CLUSTER'), options, either('t', 's.t')),
  row('REINDEX', options, 'TABLE t'),
  row('CREATE TEXT SEARCH', either('DICTIONARY', 'TEMPLATE', 'PARSER', 'CONFIGURATION'), 'd', definition),
  row('CREATE', either('AGGREGATE a (int)', 'OPERATOR ===', 'TYPE y', 'COLLATION c'), definition),
  row('CREATE TYPE r AS RANGE', definition),
  row('CREATE TRIGGER g AFTER DELETE ON', name, 'EXECUTE FUNCTION f(', many(value), ')'),
  row('CREATE EXTENSION e VERSION', value),
  row('EXECUTE p (', many(value), ')'),
  row('CALL p (', many(value), ')'),
  row('CREATE TABLE y PARTITION OF p FOR VALUES IN (', many(value), ')'),
  row('DECLARE c CURSOR FOR', query),
  row('PREPARE p AS', query),
  row('PREPARE TRANSACTION', string),
  row(either('COMMIT', 'ROLLBACK'), 'PREPARED', string),
  row('NOTIFY channel,', string),
  row('COMMENT ON TABLE t IS', string),
  row(either('CREATE', 'ALTER'), 'ROLE bob PASSWORD', string, 'VALID UNTIL', string, 'CONNECTION LIMIT', number),
  row('CREATE TYPE e AS ENUM (', many(string), ')'),
  row('DO', maybe(fc.constant('LANGUAGE plpgsql')), string),
  row('LOAD', string),
);

const statement = fc.oneof(query, { weight: 4, arbitrary: utility });

/** One or more of them, as a client may send them at once. */
export const statements: Sql = fc.array(statement, { minLength: 1, maxLength: 3 }).map((texts) => texts.join('; '));
