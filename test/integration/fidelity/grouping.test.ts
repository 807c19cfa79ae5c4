/** Which statements are one query: the same that pg_stat_statements' queryid takes together, and no others. */
import { expect, test } from '@jest/globals';
import { onEachBuild } from '../../fidelity.js';
import { frames, sqlstatesOf, type Text } from '../../servers/wire.js';
import { SUPPORTED_BUILDS } from '../../servers.js';

const { bind, execute, parse, query, sync } = frames;

const TABLES = `
  create table g (one int, two int, name text, flag bool, day date, bits bit(4), amount numeric);
  create table g1 (one int, one1 int, one2 int);
  create table g2 (one int);
  create table "größe" (wert int);
  create table "Quoted 1 'g' -- no comment" (one int);`;

/** Each line of texts is one query, and no two lines are the same. */
const GROUPS: Record<string, string[]> = {
  integers: [
    'select one from g where one = 1',
    'select one from g where one = 42',
    'select  one\tfrom g\nwhere one=0 ',
  ],
  'negative numbers': [
    'select two from g where two = -1',
    'select two from g where two = - 7',
    'select two from g where two = 3',
  ],
  'a minus between operands': ['select one - 1 from g', 'select one -22 from g', 'select one-3 from g'],
  'decimal numbers': [
    'select name from g where amount = 1.5',
    'select name from g where amount = .25',
    'select name from g where amount = 1e-3',
    'select name from g where amount = -2.75e+2',
  ],
  strings: [
    "select 1 from g where name = 'a'",
    "select 1 from g where name = ''",
    "select 1 from g where name = 'it''s -- no /* comment'",
    "select 2 from g where name = 'one'\n  ' string'",
  ],
  "E''": [
    "select two from g where name = E'a\\'b'",
    "select two from g where name = e'\\\\'",
    "select two from g where name = E'\\u00e9'",
  ],
  "U&''": ["select one, name from g where name = U&'d\\0061t'", "select one, name from g where name = u&'x'"],
  'dollar quoting': [
    "select day from g where name = $$it's$$",
    "select day from g where name = $tag$ $$ ' $tag$",
    'select day from g where name = $größe1$x$größe1$',
  ],
  'bit strings': ["select flag from g where bits = B'1010'", "select flag from g where bits = b'0001'"],
  'hexadecimal bit strings': ["select flag, 1 from g where bits = X'f'", "select flag, 2 from g where bits = x'A'"],
  casts: ["select '1'::int + one from g", "select '22'::int + one from g"],
  'casts of another kind': ["select cast('1' as int) + two from g", "select cast('22' as int) + two from g"],
  'types in front': [
    "select one from g where day = date '2024-02-29'",
    "select one from g where day = date '1999-12-31'",
  ],
  intervals: ["select day + interval '1 day' from g", "select day + interval '3 weeks' from g"],
  'comments of both kinds': [
    'select one + two from g',
    '/* before */ select one /* in */ + two from g',
    'select one + -- to the end\n two from g -- last',
    'select /* a /* nested */ one */ one + two from g',
  ],
  'multibyte text': [
    "select bits from g where name = 'größe'",
    "select bits from g where name = '日本語 🐘'",
    "select bits from g where name = 'x'",
  ],
  'multibyte identifiers': ['select wert from "größe" where wert = 1', 'select wert from "größe" where wert = 2'],
  'identifiers with digits': ['select one1 from g1 where one1 = 1', 'select one1 from g1 where one1 = 2'],
  'other digits in identifiers': ['select one2 from g1 where one2 = 1', 'select one2 from g1 where one2 = 2'],
  'a table with another digit': ['select one from g2 where one = 1', 'select one from g2 where one = 2'],
  'quoted identifiers': [
    `select one from "Quoted 1 'g' -- no comment" where one = 1`,
    `select one from "Quoted 1 'g' -- no comment" where one = 2`,
  ],
  limits: ['select one from g order by two limit 10', 'select one from g order by two limit 500'],
  writes: ["insert into g (one, name) values (1, 'x')", "insert into g (one, name) values (-22, 'yy')"],
  updates: ["update g set two = 5, name = 'x' where one = 1", "update g set two = 6, name = 'y' where one = 2"],
  'upper and lower case': ['select two, one from g where one = 1', 'SELECT two, One FROM G WHERE one = 2'],
  booleans: ['select amount from g where flag = true', 'select amount from g where flag = false'],
  'operators without spaces': ['select one*two from g where one>=1', 'select one*two from g where one>=-1'],
  'arrays by index': ["select ('{1,2,3}'::int[])[1] + one from g", "select ('{4}'::int[])[2] + one from g"],
};

/** Lists of different lengths are one query here; pg_stat_statements takes them together since 18. */
const LISTS: Record<string, string[]> = {
  'IN lists': [2, 3, 10, 500].map((length) => `select name from g where one in (${numbers(length)})`),
  'IN lists of strings': [2, 5, 40].map(
    (length) => `select one, two from g where name in ('${numbers(length).replaceAll(', ', "', '")}')`,
  ),
  'ARRAY lists': [2, 4, 100].map((length) => `select bits, one from g where one = any (array[${numbers(length)}])`),
};

/** Parameters are no literals: their places count. */
const PARAMETERS: [text: string, values: Text[]][] = [
  ['select one from g where one = $1', ['1']],
  ['select one from g where one = $1', ['-22']],
  ['select one from g where one = $1 and two = $2', ['1', '2']],
  ['select one from g where one = $2 and two = $1', ['1', '2']],
  ["select one from g where one = $1 and name = 'x'", ['1']],
  ["select one from g where one = $1 and name = 'yy'", ['1']],
];

function numbers(length: number): string {
  return Array.from({ length }, (_, i) => i * 7).join(', ');
}

onEachBuild(
  (bench) => {
    /** What both sides say of each text: filled by the first test. */
    const known = new Map<string, { fingerprint: string; queryId: string }>();
    const facts = (text: string) => {
      const told = known.get(text);
      if (told === undefined) throw new Error(`no record tells of: ${text}`);
      return told;
    };

    test('the workload runs, and a record of each statement tells its text, fingerprint and queryid', async () => {
      await bench.session(async (wire) => {
        expect(sqlstatesOf(await wire.run(query(TABLES)))).toEqual([]);
        for (const text of [GROUPS, LISTS].flatMap((groups) => Object.values(groups).flat())) {
          expect([text, ...sqlstatesOf(await wire.run(query(text)))]).toEqual([text]);
        }
        for (const [text, values] of PARAMETERS) {
          expect(sqlstatesOf(await wire.run(parse({ text }), bind({ values }), execute(), sync()))).toEqual([]);
        }
      });
      await bench.recording.drain();
      for (const { text, fingerprint, queryId } of bench.recording.statements) {
        if (text !== undefined) known.set(text, { fingerprint, queryId });
      }
      const untold = Object.values(GROUPS)
        .flat()
        .filter((text) => !known.has(text));
      expect(untold).toEqual([]);
    });

    test('one-to-one with queryid: the same texts are one query', () => {
      const groups = bench.server.major >= 18 ? { ...GROUPS, ...LISTS } : GROUPS;
      const split = Object.entries(groups).flatMap(([name, texts]) => {
        const count = (side: 'fingerprint' | 'queryId') => new Set(texts.map((text) => facts(text)[side])).size;
        const [fingerprints, queryIds] = [count('fingerprint'), count('queryId')];
        return fingerprints === 1 && queryIds === 1 ? [] : [{ name, fingerprints, queryIds }];
      });
      expect(split).toEqual([]);
    });

    test('one-to-one with queryid: no two queries are taken together', () => {
      const texts = [...Object.values(GROUPS).flat(), ...PARAMETERS.map(([text]) => text)];
      const groupedBy = (side: 'fingerprint' | 'queryId') => [
        ...Map.groupBy(texts, (text) => facts(text)[side]).values(),
      ];
      expect(groupedBy('fingerprint')).toEqual(groupedBy('queryId'));
    });

    test('lists of literals of different lengths are one query', async () => {
      const fingerprints = Object.values(LISTS).map(
        (texts) => new Set(texts.map((text) => facts(text).fingerprint)).size,
      );
      expect(fingerprints).toEqual(Object.keys(LISTS).map(() => 1));
    });

    test('twenty thousand different literals are one query', async () => {
      await bench.session(async (wire) => {
        for (let i = 0; i < 100; i++) {
          const texts = Array.from({ length: 200 }, (_, j) => `select one, one from g2 where one = ${i * 200 + j}`);
          await wire.run(query(texts.join(';')));
        }
      });
      const ours = await bench.recording.totals('select one, one from g2');
      expect(ours.fingerprints).toHaveLength(1);
      expect(ours.calls).toBe(20_000);
    });

    test('a name atomic ends no statement and hides no other one; only the body of a routine does', async () => {
      const statements = {
        h1: 'select atomic as h1 from (select 1 as atomic) as t',
        h2: 'select 2 as h2',
        h3: 'create or replace function g_body(a int) returns int begin atomic select 3; select case when a = 1 then 2 end; end',
        h4: 'select 4 as h4',
      };
      const texts = Object.values(statements);
      await bench.session(async (wire) => {
        await wire.run(query(texts.join(';')));
      });
      for (const marker of ['as h1', 'as h2', 'g_body', 'as h4'])
        expect(await bench.recording.totals(marker)).toMatchObject({ calls: 1, fingerprints: [expect.anything()] });
    });
  },
  { builds: SUPPORTED_BUILDS, tracer: { minDurationNs: 0 } },
);
