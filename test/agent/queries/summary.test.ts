import { beforeAll, describe, expect, test } from '@jest/globals';
import type { DescribedQuery } from '../../../agent/queries.js';
import { loadDescribe } from './describing.js';

let describeText: (text: string, truncated?: boolean) => DescribedQuery;
beforeAll(async () => {
  describeText = await loadDescribe();
});

describe('queries', () => {
  test.each([
    ['select * from orders', 'SELECT orders'],
    ['SELECT * FROM Orders o, public."Customers" c', 'SELECT Orders public."Customers"'],
    ['SELECT * FROM orders a JOIN orders b USING (id)', 'SELECT orders'],
    ['SELECT * FROM "song list", artists', 'SELECT "song list" artists'],
    ['SELECT größe FROM tä, "Ö" WHERE a = \'ü\' AND EXISTS (SELECT FROM ß)', 'SELECT tä "Ö" ß'],
    ['SELECT (SELECT count(*) FROM items i WHERE i.o = o.id) FROM orders o', 'SELECT orders items'],
    ['SELECT * FROM (SELECT * FROM (SELECT * FROM a) x) y', 'SELECT a'],
    ['SELECT 1 FROM ONLY "public"."orders" x WHERE id = $1 FOR KEY SHARE OF x', 'SELECT "public"."orders"'],
    ['SELECT 1', 'SELECT'],
    ['SELECT now(), pg_sleep(1)', 'SELECT now pg_sleep'],
    ['SELECT * FROM generate_series(1, 10) g', 'SELECT generate_series'],
    ['SELECT * FROM a UNION SELECT * FROM b', 'SELECT a b'],
    ['VALUES (1)', 'VALUES'],
    ['TABLE foo', 'SELECT foo'],
    ['INSERT INTO orders VALUES (1)', 'INSERT orders'],
    ['INSERT INTO shipping_details SELECT * FROM orders', 'INSERT shipping_details SELECT orders'],
    ['INSERT INTO a (b) VALUES ((SELECT max(c) FROM d))', 'INSERT a SELECT d'],
    ['UPDATE ONLY orders SET a = b FROM c WHERE d IN (SELECT e FROM f)', 'UPDATE orders c SELECT f'],
    ['DELETE FROM orders USING a', 'DELETE orders a'],
    ['MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN DELETE', 'MERGE t s'],
    ['WITH x AS (SELECT * FROM orders) SELECT * FROM x', 'SELECT orders'],
    ['WITH orders AS (SELECT * FROM orders) SELECT * FROM orders', 'SELECT orders'],
    ['WITH RECURSIVE r AS (SELECT 1 UNION SELECT * FROM r) SELECT * FROM r, a', 'SELECT a'],
    ['WITH x AS (SELECT 1) INSERT INTO a SELECT * FROM x', 'INSERT a'],
    ['WITH d AS (DELETE FROM a RETURNING *) INSERT INTO b SELECT * FROM d, e', 'DELETE a INSERT b SELECT e'],
    ['WITH x AS (SELECT 1) SELECT * FROM public.x', 'SELECT public.x'],
    ['SELECT * FROM a; DELETE FROM b', 'SELECT a; DELETE b'],
  ])('%s', (text, expected) => {
    expect(describeText(text).summary).toBe(expected);
  });
});

describe('utility statements', () => {
  test.each([
    ['begin isolation level serializable', 'BEGIN'],
    ['START TRANSACTION', 'START TRANSACTION'],
    ["COMMIT PREPARED 'x'", 'COMMIT PREPARED'],
    ['ROLLBACK TO SAVEPOINT a1', 'ROLLBACK'],
    ['SAVEPOINT a1', 'SAVEPOINT'],
    ['DECLARE c CURSOR FOR SELECT * FROM orders', 'DECLARE SELECT orders'],
    ['FETCH 10 FROM c', 'FETCH'],
    ['EXPLAIN ANALYZE DELETE FROM orders', 'EXPLAIN DELETE orders'],
    ['PREPARE p AS SELECT * FROM orders', 'PREPARE SELECT orders'],
    ['EXECUTE p(1)', 'EXECUTE p'],
    ['CALL app.close_day(1)', 'CALL app.close_day'],
    ['COPY orders (a) FROM STDIN', 'COPY orders'],
    ['COPY (SELECT * FROM orders) TO STDOUT', 'COPY SELECT orders'],
    ["SET search_path = 'x'", 'SET search_path'],
    ['SET LOCAL app.tenant TO x', 'SET app.tenant'],
    ["SET TIME ZONE 'UTC'", 'SET TIME ZONE'],
    ['SHOW work_mem', 'SHOW work_mem'],
    ["NOTIFY channel, 'x'", 'NOTIFY channel'],
    ['VACUUM (FULL, ANALYZE) a, b.c', 'VACUUM a b.c'],
    ['vacuum full verbose a', 'VACUUM a'],
    ['ANALYZE', 'ANALYZE'],
    ['REINDEX INDEX CONCURRENTLY i', 'REINDEX i'],
    ['LOCK TABLE a, b', 'LOCK a b'],
    ['TRUNCATE a, b', 'TRUNCATE a b'],
    ['REFRESH MATERIALIZED VIEW CONCURRENTLY v', 'REFRESH MATERIALIZED VIEW v'],
    ['CREATE TEMP TABLE IF NOT EXISTS Foo (a int)', 'CREATE TABLE Foo'],
    ['CREATE TABLE a AS SELECT * FROM b', 'CREATE TABLE a SELECT b'],
    ['CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a)', 'CREATE INDEX i'],
    ['CREATE INDEX ON t (a)', 'CREATE INDEX t'],
    ['CREATE OR REPLACE FUNCTION s.f() RETURNS int LANGUAGE sql AS $$SELECT 1$$', 'CREATE FUNCTION s.f'],
    ['CREATE CONSTRAINT TRIGGER g AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()', 'CREATE TRIGGER g'],
    ['CREATE SCHEMA AUTHORIZATION bob', 'CREATE SCHEMA bob'],
    ["CREATE USER MAPPING FOR bob SERVER s OPTIONS (password 'x')", 'CREATE USER MAPPING'],
    ["ALTER ROLE bob PASSWORD 'x'", 'ALTER ROLE bob'],
    ['DROP TABLE IF EXISTS a, b.c CASCADE', 'DROP TABLE a b.c'],
    ["COMMENT ON COLUMN t.a IS 'x'", 'COMMENT t.a'],
    ['GRANT SELECT ON a, b TO bob', 'GRANT a b'],
    ['REVOKE ALL ON ALL TABLES IN SCHEMA s FROM bob', 'REVOKE'],
    ['DO $$ BEGIN END $$', 'DO'],
    ['DISCARD ALL', 'DISCARD ALL'],
  ])('%s', (text, expected) => {
    expect(describeText(text).summary).toBe(expected);
  });
});

describe('what is cut off', () => {
  test.each([
    [
      'SELECT a, b FROM orders o, public."Customers" c JOIN d USING (id), e WHERE f = \'x',
      'SELECT orders public."Customers" d e',
    ],
    ['SELECT extract(year FROM a), trim(both FROM b) FROM c WHERE d IS DISTINCT FROM e AND', 'SELECT c'],
    ['SELECT * FROM a WHERE b IN (SELECT c FROM d) FOR UPDATE OF', 'SELECT a d'],
    ['SELECT * FROM (SELECT * FROM a) x, LATERAL (SELECT 1 FROM b) y WHERE', 'SELECT a b'],
    [
      'WITH x (a) AS (SELECT * FROM orders), y AS MATERIALIZED (DELETE FROM z) INSERT INTO b SELECT * FROM x, y,',
      'SELECT orders DELETE z INSERT b',
    ],
    ['WITH x AS (SELECT 1) SELECT', 'SELECT'],
    ['INSERT INTO orders (a, b) VALUES (1, ', 'INSERT orders'],
    ['INSERT INTO a SELECT * FROM b WHERE', 'INSERT a SELECT b'],
    ['INSERT INTO a VALUES (1) ON CONFLICT (b) DO UPDATE SET', 'INSERT a'],
    ['UPDATE ONLY orders SET a = 1 WHERE', 'UPDATE orders'],
    ['DELETE FROM orders USING c WHERE', 'DELETE orders c'],
    ['MERGE INTO t USING s ON a = b WHEN MATCHED THEN UPDATE SET', 'MERGE t s'],
    ['EXPLAIN SELECT * FROM orders WHERE', 'EXPLAIN SELECT orders'],
    ['CREATE TABLE orders (a int DEFAULT', 'CREATE TABLE orders'],
    ["COPY orders FROM 'x", 'COPY orders'],
    ['COPY (SELECT', 'COPY'],
    ['REPACK orders', 'UNKNOWN'],
    ['nonsense', 'UNKNOWN'],
    ['', 'UNKNOWN'],
    ['/* a', 'UNKNOWN'],
  ])('%s', (text, expected) => {
    expect(describeText(text, true).summary).toBe(expected);
  });

  test('nothing but the tag of what the parser refuses', () => {
    expect(describeText('SELECT a FROM b WHERE').summary).toBe('SELECT');
    expect(describeText('SELECT a FROM FROM b, c', true).summary).toBe('SELECT');
    expect(describeText('CREATE TABLE a b c', true).summary).toBe('CREATE TABLE');
    expect(describeText("INSERT INTO t VALUES ('O'Brien from acme')")).toEqual({ summary: 'INSERT', text: undefined });
  });
});

test('at most 255 characters, cut between targets', () => {
  const tables = Array.from({ length: 60 }, (_, index) => `table_${index}`);
  const { summary } = describeText(`SELECT 1 FROM ${tables.join(', ')}`);
  expect(summary.length).toBeLessThanOrEqual(255);
  expect(summary).toMatch(/^SELECT( table_\d+){20,}$/);
  expect(tables).toContain(summary.split(' ').at(-1));
  const several = describeText(tables.map((table) => `DELETE FROM ${table}`).join('; ')).summary;
  expect(several).toMatch(/^DELETE table_0; DELETE table_1; /);
  expect(several.length).toBeLessThanOrEqual(255);
});
