import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isClean } from '../../../agent/queries/disclosure.js';
import type { DescribedQuery } from '../../../agent/queries.js';
import { loadDescribe } from './describing.js';
import { ALL, QUERIES, REFUSED, UTILITIES } from './statements.js';

let describeText: (text: string, truncated?: boolean) => DescribedQuery;
beforeAll(async () => {
  describeText = await loadDescribe();
});

function fill(statement: string): string {
  return statement.replaceAll('%s', "'x'").replaceAll('%n', '1');
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
    ['SET ROLE bob', 'SET ROLE bob'],
    ['ALTER DATABASE d SET x = y', 'ALTER DATABASE d SET x = $1'],
    ['ALTER FUNCTION f(int) SET x TO y', 'ALTER FUNCTION f(int) SET x TO $1'],
    ['ALTER TABLE t ALTER a SET DEFAULT b', 'ALTER TABLE t ALTER a SET DEFAULT b'],
  ])('%s', (text, expected) => {
    expect(describeText(text).text).toBe(expected);
  });
});

describe('what the parser refuses', () => {
  test.each([
    ['SELECT a FROM t WHERE b = 1 AND', false, 'SELECT a FROM t WHERE b = $1 AND'],
    ["SELECT a FROM t WHERE b = 'x", true, 'SELECT a FROM t WHERE b = $1 …'],
    ["SELECT a FROM t WHERE b = 'x", false, undefined],
    ['SELECT a FROM t WHERE b IN (1, 2, 3', true, 'SELECT a FROM t WHERE b IN ($1, ... …'],
    ['SELECT a FROM t WHERE b IN (1, 2,', true, 'SELECT a FROM t WHERE b IN ($1, ... …'],
    ['SELECT a FROM t WHERE b = -1 AND c - 1 > NULL AND', false, 'SELECT a FROM t WHERE b = $1 AND c - $2 > NULL AND'],
    ['SELECT a FROM "t', true, 'SELECT a FROM …'],
    ['REPACK t (a = 1)', false, 'REPACK t (a = $1)'],
    ['\\d t', false, undefined],
    ['SELECT 10.0.0.1', false, 'SELECT $1 $2 $3'],
    ['', false, undefined],
    ['-- nothing', false, undefined],
    [';', false, undefined],
  ])('%j (truncated: %s)', (text, truncated, expected) => {
    expect(describeText(text, truncated).text).toBe(expected);
  });
});

test('every statement of the table is shown', () => {
  const withheld = ALL.filter((statement) => describeText(fill(statement)).text === undefined);
  expect(withheld).toEqual(['ALTER ROLE r PASSWORD zqcanary']);
});

test.each([...QUERIES, ...UTILITIES, ...REFUSED])('a normalised text stays as it is: %s', (statement) => {
  const { text } = describeText(fill(statement));
  if (text !== undefined) expect(describeText(text).text).toBe(text);
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
      expect(describeText(text).text).toBe(text);
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
    ['unparsable ones', `SELECT FROM FROM ${'a '.repeat(5000)}`],
  ])('%s end with an ellipsis within 2 KiB', (_, sent) => {
    const { text } = describeText(sent);
    expect(text).toMatch(/ …$/);
    expect(Buffer.byteLength(text ?? '')).toBeLessThanOrEqual(2048);
    expect(describeText(text ?? '').text).toBe(text);
  });

  test('a long list is short', () => {
    const numbers = Array.from({ length: 10_000 }, (_, index) => index).join(',');
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
