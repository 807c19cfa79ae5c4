/** Statements with a canary wherever a literal or a comment may stand, and whether anything that leaves shows a trace of it. */
import { ALL, WITH_WORDS } from '../agent/queries/statements.js';
import type { Text } from '../servers/wire.js';

export const CANARY = 'zqcanary';
/** What is left of it where a text was cut in its middle. */
const TRACE = 'zqcan';
export const NUMBER = '917351648273';
const NUMBER_TRACE = '91735164';

/** Objects that the statements below need. */
export const SETUP = [
  'create table t (id bigint, a text)',
  'create table parts (a text) partition by list (a)',
  'create role bob',
  'create materialized view seen as select * from t',
  "create function twice(a text) returns text language sql as 'select a || a'",
  'create procedure nothing(a text) language plpgsql as $$ begin null; end $$',
  'create foreign data wrapper w',
];

/** They succeed on a server that has only those. %s: a string with the canary; %n: the number; %v: any value, quoted or not. */
const SUCCEEDING = [
  'select %s, %n, -%n from t where a = %s and id in (%n, 1, %n) or a like %s',
  "select %s::text, cast(%s as varchar), interval '1 day', array[%s, %s], (%s || 'x')",
  'select twice(%s), count(*) filter (where a = %s) from t group by a having a <> %s order by 2 limit %n',
  'values (%n, %s), (%n, %s)',
  'insert into t (id, a) values (%n, %s), (%n, %s) returning a, %s',
  'update t set a = %s where id = %n',
  'delete from t where a = %s or id = %n',
  'merge into t using (select %s as b) s on t.a = s.b when matched then update set a = %s when not matched then insert values (%n, %s)',
  'with w as (select %s as x) select * from w where x = %s',
  'copy (select %s, %n) to stdout',
  'copy (select 1) to program %p',
  'prepare p_%i (text) as select $1, %s; execute p_%i(%s); deallocate p_%i',
  'begin; declare c cursor for select %s from t; fetch 1 from c; close c; commit',
  'do %s_body',
  'call nothing(%s)',
  'explain select * from t where a = %s',
  'set app.secret = %s; set local app.secret to %s; show app.secret; reset app.secret',
  'set time zone %z; reset time zone',
  'listen channel; notify channel, %s; unlisten channel',
  'comment on table t is %s',
  'comment on column t.a is %s',
  'create table x_%i (a text default %s check (a <> %s), b bigint default %n)',
  'alter table t alter a set default %s, add constraint k_%i check (a <> %s or id > %n)',
  'create table y_%i partition of parts for values in (%s)',
  'create index i_%i on t ((a || %s)) where a = %s',
  'create view v_%i as select * from t where a = %s',
  'create type e_%i as enum (%s)',
  'create domain d_%i as text default %s check (value <> %s)',
  'create function f_%i(a text default %s) returns text language sql as %q',
  "create role r_%i login password %s valid until '2030-01-01'",
  'alter role bob password %s',
  'alter role bob set app.secret = %s',
  'alter system set cluster_name = %s',
  'create server s_%i type %s version %s foreign data wrapper w options (host %s); create user mapping for bob server s_%i options (password %s)',
  'create policy l_%i on t using (a = %s) with check (a <> %s)',
  'create table z_%i as select %s as a',
  'select 1; select %s; select 2 where %s = %s',
  'set app.secret = %v; set local app.secret to %v',
  'select atomic from (select 1 as atomic) as t; set app.secret = %v',
  'create function g_%i() returns int language sql set app.secret to %v as %q_int',
  'create procedure h_%i() language plpgsql set app.secret = %v as %s_body',
  'alter role bob set app.secret = %v; alter database postgres set app.secret to %v; alter system set cluster_name = %v',
  'create trigger g_%i before update on t for each row execute function suppress_redundant_updates_trigger(%v)',
  'copy (select 1) to stdout with (null %v)',
  'create aggregate a_%i (text) (sfunc = textcat, stype = text, initcond = %v)',
];

/** They fail, and the server's message quotes the literal: while parsing, planning, executing. */
const FAILING = [
  'select %s::int',
  'copy t from stdin where a = %s',
  'drop table unknown_%i',
  'insert into t values (%s, %n)',
  'select * form t where a = %s',
  'select %s from %s',
  'select (a from t where b = %s',
  'select 1 / (length(%s) - length(%s))',
  'select no_such_function(%s, %n)',
  'execute unknown(%s)',
  'copy t from %p_file',
  'load %s',
  'prepare transaction %s',
  'set timezone = %s',
  'set app.secret to zqcanary zqcanary',
  'alter role bob password zqcanary',
  'do %s',
  'set time zone %v',
  'copy t from stdin with (null %v, format csv, header %v)',
  'create server n_%i foreign data wrapper w options (password zqcanary)',
  'create table n_%i (a int) with (fillfactor = %v)',
  'create text search dictionary n_%i (template = simple, stopwords = %v)',
  'create database n_%i encoding %v',
  'execute unknown(%v)',
  'explain (format %v) select 1',
];

/** Every form of a value; words need no quotes where an option's value stands. */
const VALUES = [CANARY, `"${CANARY}"`, `'${CANARY}'`, NUMBER];

/** Every way to write a string with the canary in it. */
const STRINGS = [
  `'${CANARY}'`,
  `'it''s ${CANARY}'`,
  `E'it\\'s ${CANARY}\\\\'`,
  `U&'\\0041 ${CANARY}'`,
  `$$it's ${CANARY}$$`,
  `$a1$ $$ ${CANARY} $b$ $a1$`,
  `'ü€😀 ${CANARY}'`,
];

const COMMENTS = [`/* ${CANARY} /* ${NUMBER} ${CANARY} */ ' */`, `-- it's ${CANARY} ${NUMBER}\n`, `/*+ ${CANARY} */`];

const MARKS = ["B'1'", "X'917351648273'", `N'${CANARY}'`, `'${CANARY}'\n'${CANARY}'`, `0x${NUMBER}`, `${NUMBER}.5e-3`];

/** Bytes of a statement that the tracer reads, and bytes that are exported. */
const CUTS = [16_383, 16_384, 2048];

/** All of them, each to be sent as one Query message. */
export function canaryStatements(): Text[] {
  const plain = [...SUCCEEDING, ...FAILING].flatMap((statement, index) => {
    const [first = '', second = ''] = [0, 3].map((more) => STRINGS[(index + more) % STRINGS.length]);
    return [fill(statement, first, index), commented(fill(statement, second, index + 1000), index)];
  });
  const valued = [...SUCCEEDING, ...FAILING, ...WITH_WORDS]
    .filter((statement) => statement.includes('%v'))
    .flatMap((statement, index) =>
      VALUES.map((value, form) => fill(statement.replaceAll('%v', value), `'${CANARY}'`, 10_000 + 10 * index + form)),
    );
  const known = ALL.map((statement, index) => fill(statement, STRINGS[index % STRINGS.length] ?? '', index + 2000));
  return [
    ...plain,
    ...valued,
    ...known,
    ...MARKS.map((mark) => `select ${mark}`),
    ...unfinished(),
    ...cut(),
    ...invalid(),
  ];
}

/** Places where the bytes show the canary or a part of it, with what stands around; empty if they do not. */
export function traces(bytes: Uint8Array | string): string[] {
  const text = Buffer.from(bytes as Uint8Array).toString('latin1');
  return [TRACE, NUMBER_TRACE].flatMap((trace) => {
    const at = text.indexOf(trace);
    return at < 0 ? [] : [text.slice(Math.max(0, at - 150), at + 50)];
  });
}

function fill(statement: string, string: string, index: number): string {
  return statement
    .replaceAll('%s_body', `$body$ begin perform '${CANARY}', ${NUMBER}; end $body$`)
    .replaceAll('%p_file', `'/nowhere/${CANARY}'`)
    .replaceAll('%p', `'cat > /dev/null # ${CANARY}'`)
    .replaceAll('%z', `'<${CANARY}>+01'`)
    .replaceAll('%q_int', () => `$$ select ${NUMBER}; select 1 $$`)
    .replaceAll('%q', () => `$$ select '${CANARY}'::text $$`)
    .replaceAll('%i', String(index))
    .replaceAll('%v', CANARY)
    .replaceAll('%w', CANARY)
    .replaceAll('%n', NUMBER)
    .replaceAll('%s', () => string);
}

/** With a comment in front, behind, and where the first space is. */
function commented(statement: string, index: number): string {
  const comment = COMMENTS[index % COMMENTS.length] ?? '';
  return `${comment}${statement.replace(' ', () => ` ${comment} `)} ${comment}`;
}

function unfinished(): string[] {
  return ["'", '$$', '$a$', '/* ', "E'", "U&'", '"', "E'\\'", '-- ', "'x' '"].map(
    (open) => `select 1 where ${open}${CANARY}`,
  );
}

/** The canary begins so near to the end of what is read that only a part of it, or just all of it, is in. */
function cut(): string[] {
  return CUTS.flatMap((end) =>
    ["'", '$$', '/*', '--'].flatMap((open) =>
      [5, 6, 8, 9, 12].map((inside) => {
        const begin = `select 1 as cut_off, 'x', ${open}`;
        return `${begin}${'y'.repeat(end - inside - begin.length)}${CANARY}${'z'.repeat(40)}`;
      }),
    ),
  ).concat(CUTS.map((end) => `select 'y${CANARY}', ${'1, '.repeat(end / 3)}${NUMBER}, '${CANARY}'`));
}

function invalid(): Buffer[] {
  const [open, close] = [`select '${CANARY}`, `${CANARY}'`];
  return [[0xff, 0xfe], [0xc3], [0xf0, 0x9f], [0x80, 0x27, 0x20]].map((bytes) =>
    Buffer.concat([Buffer.from(open), Buffer.from(bytes), Buffer.from(close)]),
  );
}
