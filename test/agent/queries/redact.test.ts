import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isClean } from '../../../agent/queries/disclosure.js';
import type { DescribedQuery } from '../../../agent/queries.js';
import { loadDescribe } from './describing.js';
import { QUERIES, REFUSED, UTILITIES, WITH_WORDS } from './statements.js';

let describeText: (text: string, truncated?: boolean) => DescribedQuery;
beforeAll(async () => {
  describeText = await loadDescribe();
});

function fill(statement: string): string {
  return statement.replaceAll(/%[sv]/g, "'x'").replaceAll('%n', '1').replaceAll('%w', 'x');
}

describe('queries', () => {
  test.each([
    ['select  *\n from t  where a=1 and b = -5', 'select * from t where a=$1 and b = $2'],
    ['select a - 5, a-5 from t', 'select a - $1, a-$2 from t'],
    ["select $1, 'x', $3 from t where a = 4", 'select $1, $4, $3 from t where a = $5'],
    ['select a from t where b in (1,2,3) and c = 4', 'select a from t where b in ($1, ...) and c = $2'],
    ['select a from t where b IN(1) and c = 4', 'select a from t where b IN ($1, ...) and c = $2'],
    ['select a from t where b in ($1, $2, $3)', 'select a from t where b in ($1, $2, $3)'],
    ['select a from t where b in ($1, 2)', 'select a from t where b in ($1, $2)'],
    ["select 1 where a in ('x'::text, null)", 'select $1 where a in ($2::text, ...)'],
    ['select array[1,2], array[[1,2],[3,4]]', 'select array[$1, ...], array[[$2, ...], ...]'],
    ['select a in ((1, 2), (3, 4)), b[1]', 'select a in (($1, $2), ...), b[$3]'],
    ['select a in (1, b, 2)', 'select a in ($1, b, $2)'],
    ['insert into t values (1, true), (2, null)', 'insert into t values ($1, $2), ($3, $4)'],
    ['select /*+ hint */ 1 -- why\n, a/* x */from t;', 'select $1, a from t'],
    ["select 'a'\n 'b', E'\\'', $$x$$, U&'x' uescape '!'", 'select $1, $2, $3, $4 uescape $5'],
    ['select größe from "Ä b" where c = \'€\'', 'select größe from "Ä b" where c = $1'],
    ['select ( a , b ) from t where c [ 1 ] = 2', 'select (a, b) from t where c [$1] = $2'],
    [";; select 'a' ; ", 'select $1'],
  ])('%j', (text, expected) => {
    expect(describeText(text).text).toBe(expected);
  });
});

describe('utility statements', () => {
  test.each([
    ["COPY t FROM PROGRAM 'curl x' WITH (DELIMITER ',')", 'COPY t FROM PROGRAM $1 WITH (DELIMITER $2)'],
    ["EXECUTE p('x', -1, ARRAY[1, 2], true)", 'EXECUTE p($1, $2, ARRAY[$3, ...], true)'],
    ["COMMENT ON TABLE t IS 'x'", 'COMMENT ON TABLE t IS $1'],
    ["PREPARE p AS SELECT $1, 'x'", 'PREPARE p AS SELECT $1, $2'],
    ['CREATE TABLE t (a numeric(10,2) DEFAULT -1.5)', 'CREATE TABLE t (a numeric($1, $2) DEFAULT $3)'],
    ["CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p", 'CREATE SUBSCRIPTION s CONNECTION $1 PUBLICATION p'],
    ['SET app.tenant = acme, "b", 5', 'SET app.tenant = $1, $2, $3'],
    ['SET x TO DEFAULT', 'SET x TO DEFAULT'],
    ['SET x TO first', 'SET x TO $1'],
    ['SET ROLE bob', 'SET ROLE $1'],
    ['SET TIME ZONE utc', 'SET TIME ZONE $1'],
    ['SET LOCAL search_path TO a, "b"', 'SET LOCAL search_path TO $1, $2'],
    ['SET x FROM CURRENT', 'SET x FROM CURRENT'],
    [
      'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY',
      'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY',
    ],
    ['ALTER DATABASE d SET x = y', 'ALTER DATABASE d SET x = $1'],
    ['ALTER FUNCTION f(int) SET x TO y', 'ALTER FUNCTION f(int) SET x TO $1'],
    ['ALTER TABLE t ALTER a SET DEFAULT b', 'ALTER TABLE t ALTER a SET DEFAULT $1'],
    ['ALTER TABLE t ADD a text DEFAULT now() CHECK (a > b)', 'ALTER TABLE t ADD a text DEFAULT now() CHECK (a > b)'],
    [
      'COPY t FROM STDIN WITH (null x, format csv, force_null (a))',
      'COPY t FROM STDIN WITH (null $1, format csv, force_null (a))',
    ],
    [
      'EXPLAIN (ANALYZE, BUFFERS, FORMAT json) SELECT a FROM b',
      'EXPLAIN (ANALYZE, BUFFERS, FORMAT json) SELECT a FROM b',
    ],
    ['EXPLAIN (ANALYZE, x) SELECT a FROM b', 'EXPLAIN (ANALYZE, $1) SELECT a FROM b'],
    ['EXECUTE p(x, now(), (SELECT a FROM b))', 'EXECUTE p($1, now(), (SELECT a FROM b))'],
    ['CREATE TABLE t (a int) WITH (fillfactor = x)', 'CREATE TABLE t (a int) WITH (fillfactor = $1)'],
    [
      'CREATE AGGREGATE g (int) (sfunc = f, stype = int, x = y)',
      'CREATE AGGREGATE g (int) (sfunc = f, stype = int, x = $1)',
    ],
    [
      "CREATE FUNCTION f() RETURNS int LANGUAGE c STABLE SET x TO y AS 'z'",
      'CREATE FUNCTION f() RETURNS int LANGUAGE c STABLE SET x TO $1 AS $2',
    ],
    [
      'CREATE TRIGGER g AFTER DELETE ON t EXECUTE FUNCTION f(x)',
      'CREATE TRIGGER g AFTER DELETE ON t EXECUTE FUNCTION f($1)',
    ],
    [
      'ALTER TABLE t ATTACH PARTITION p FOR VALUES FROM (x) TO (MAXVALUE)',
      'ALTER TABLE t ATTACH PARTITION p FOR VALUES FROM ($1) TO (MAXVALUE)',
    ],
    ['select a from t; set b.c = d', 'select a from t; set b.c = $1'],
  ])('%s', (text, expected) => {
    expect(describeText(text).text).toBe(expected);
  });
});

test.each([
  ...REFUSED,
  'SELECT a FROM t WHERE b = 1 AND',
  "SELECT a FROM t WHERE b = 'x",
  'REPACK t (a = 1)',
  'SELECT 10.0.0.1',
  '\\d t',
  '',
  '-- nothing',
  ';',
])('what the parser refuses is withheld: %s', (text) => {
  expect(describeText(fill(text)).text).toBeUndefined();
});

test.each([
  ["SELECT a FROM t WHERE b = 1 AND c = 'x", 'SELECT a FROM t WHERE b = $1 AND c = …'],
  ['SELECT a FROM t WHERE b IN (1, 2, 3', 'SELECT a FROM t WHERE b IN ($1, ... …'],
  ['SELECT a FROM t WHERE b IN (1, 2,', 'SELECT a FROM t WHERE b IN ($1, ... …'],
  ['SELECT a FROM t WHERE b = -1 AND c - 1 > NULL AND', 'SELECT a FROM t WHERE b = $1 AND c - $2 > NULL …'],
  ['SELECT a FROM "t', 'SELECT a FROM …'],
  ['WITH x AS (SELECT 1) SELECT a FROM x WHERE', 'WITH x AS (SELECT $1) SELECT a FROM x …'],
  ['SELECT a FROM FROM t WHERE b', undefined],
  ['SELECT a SET b = c WHERE', undefined],
  ['SELECT a FROM t; SET b = c', undefined],
  ['SET a = b, c', undefined],
  ["CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'x", undefined],
  ['REPACK t (a = 1)', undefined],
])('of what is cut off, a query is shown as far as the parser takes it: %s', (text, expected) => {
  expect(describeText(text, true).text).toBe(expected);
});

test('every statement of the table that the parser takes is shown', () => {
  const withheld = [...QUERIES, ...UTILITIES, ...WITH_WORDS].filter(
    (statement) => describeText(fill(statement)).text === undefined,
  );
  expect(withheld).toEqual([]);
});

/** What is no SQL any more (`SET a = $1`, `IN ($1, ...)`) is withheld. */
test.each([...QUERIES, ...UTILITIES])('a normalised text stays as it is: %s', (statement) => {
  const { text = '' } = describeText(fill(statement));
  expect([text, undefined]).toContain(describeText(text).text);
});

/** Without NULL: where the parser takes only the normalised text, it is a constant there and was a word before. */
const part = fc.constantFrom(
  ..."'a' E'\\'' $$a$$ \"b\" 1 -1 .5 $1 $2 - + -- /* */ ( ) [ ] , ; . .. :: = @- IN ARRAY SELECT SET TO FROM x … é \\ { ' \"".split(
    ' ',
  ),
  ' ',
  ' ',
  '\n',
);
const anyText = fc.oneof(
  fc.array(part, { maxLength: 40 }).map((parts) => parts.join('')),
  fc.array(part, { maxLength: 40 }).map((parts) => `SELECT ${parts.join(' ')}`),
  fc.string({ unit: 'binary' }),
);

test('whatever is sent: nothing that must not be shown, within the limits, and the same when normalised again', () => {
  fc.assert(
    fc.property(anyText, fc.boolean(), (sent, truncated) => {
      const { summary, text } = describeText(sent, truncated);
      expect(summary).toMatch(/^\S/);
      expect(summary.length).toBeLessThanOrEqual(255);
      if (text === undefined) return;
      expect(isClean(text)).toBe(true);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(2048);
      expect([text, undefined]).toContain(describeText(text).text);
    }),
    { numRuns: 3000 },
  );
});

describe('long texts', () => {
  test.each([
    ['queries', `SELECT ${'größe, '.repeat(1000)} a FROM t`],
    ['names', `SELECT ${'ö'.repeat(3000)} FROM t`],
    ['quoted names', `SELECT "${'ö '.repeat(3000)}" FROM t`],
    ['lists of rows', `INSERT INTO t VALUES ${"(1, 'x'), ".repeat(5000)}(1, 'x')`],
  ])('%s end with an ellipsis within 2 KiB', (_, sent) => {
    const { text } = describeText(sent);
    expect(text).toMatch(/ …$/);
    expect(Buffer.byteLength(text ?? '')).toBeLessThanOrEqual(2048);
  });

  test('a long list is short', () => {
    const numbers = Array.from({ length: 3000 }, (_, index) => index).join(',');
    expect(describeText(`SELECT a FROM t WHERE b IN (${numbers}) AND c = 1`)).toEqual({
      summary: 'SELECT t',
      text: 'SELECT a FROM t WHERE b IN ($1, ...) AND c = $2',
    });
  });

  test.each([
    ['parentheses', `SELECT ${'('.repeat(8000)}1${')'.repeat(8000)}`],
    ['operators', `SELECT ${'1+'.repeat(8000)}1`],
    ['negations', `SELECT ${'not '.repeat(4000)}a`],
    ['subqueries', `SELECT ${'(select '.repeat(2000)}1${')'.repeat(2000)}`],
    ['arrays', `SELECT array${'['.repeat(8000)}1${']'.repeat(8000)}`],
    ['joins', `SELECT 1 FROM a ${'JOIN b ON true '.repeat(1000)}`],
    ['unions', `SELECT 1 ${'UNION SELECT 1 '.repeat(1000)}`],
    ['casts', `SELECT a${'::int'.repeat(3000)}`],
    ['rows of rows', `SELECT a IN ${'('.repeat(100)}1${')'.repeat(100)}`],
  ])('deeply nested %s are no trouble', (_, sent) => {
    expect(describeText(sent)).toEqual({
      summary: expect.stringMatching(/^SELECT/),
      text: expect.stringMatching(/^SELECT/),
    });
  });
});
