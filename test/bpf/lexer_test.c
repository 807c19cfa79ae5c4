// SPDX-License-Identifier: Apache-2.0
/* The fingerprint lexer, the same source that the BPF programs run: by example and by random bytes. */
#include "lexer_text.h"
#include "check.h"

static const char *const same[][2] = {
	{"select 1", "SELECT 2"},
	{"select 1", "select  -17 ; "},
	{"select 1", "/* hi */ select 1 -- there"},
	{"select 'a'", "select 'it''s'"},
	{"select 'a'", "select e'a\\'b'"},
	{"select 'a'", "select U&'d\\0061t'"},
	{"select 'a'", "select $tag$ it's $x$ $tag$"},
	{"select 'a'", "select 'a'\n 'b'"},
	{"select 'a'", "select n'a'"},
	{"select 1.5", "select .5e-3"},
	{"select x'1f'", "select b'01'"},
	{"a + 1", "a + -2858"},
	{"a - 1", "a-1"},
	{"where a = 1", "where a=0x1F"},
	{"where a in (1)", "where a in (1, 2, -3)"},
	{"where a in ('x', 'y')", "where a IN ('z')"},
	{"where a = any (array[1,2])", "where a = any (array[1,2,3,4])"},
	{"where a in (1::int, 2::int)", "where a in (3::int)"},
	{"select \"abc\"", "select ABC"},
	{"select true", "select false"},
	{"/* a /* nested */ b */ select 1", "select 1"},
	{"select 1 as b1_2", "select 22 as b1_2"},
	{"select héé", "select /**/ héé"},
};

static const char *const different[][2] = {
	{"select a", "select b"},
	{"select \"Abc\"", "select abc"},
	{"select $1", "select 1"},
	{"select $1", "select $2"},
	{"select a1", "select a2"},
	{"a - 1", "a + 1"},
	{"a < 1", "a > 1"},
	{"select 1, 2", "select 1"},
	{"values (1,2)", "values (1,2,3)"},
	{"where a in (b, 1)", "where a in (c, 1)"},
	{"where a in ($1, $2)", "where a in ($1)"},
	{"where a is null", "where a is not null"},
	{"do $$ begin a; end $$", "do $$ begin b; end $$"},
	{"select a.b", "select a, b"},
	{"select 1::int", "select 1::bigint"},
};

static void test_grouping(void)
{
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		check_case = same[i][1];
		CHECK(fingerprint(same[i][0]) == fingerprint(same[i][1]));
	}
	for (size_t i = 0; i < sizeof(different) / sizeof(different[0]); i++) {
		check_case = different[i][1];
		CHECK(fingerprint(different[i][0]) != fingerprint(different[i][1]));
	}
}

static void test_parts(void)
{
	const char *text = "select 1; ; insert into a values (';') ;/*x*/ update b set c = 2";

	CHECK(fingerprint_of_part(text, strlen(text), 0) == fingerprint("select 9"));
	CHECK(fingerprint_of_part(text, strlen(text), 1) == fingerprint("insert into a values ('q')"));
	CHECK(fingerprint_of_part(text, strlen(text), 2) == fingerprint("update b set c = 3"));
	CHECK(fingerprint_of_part(text, strlen(text), 7) == fingerprint("update b set c = 3"));
}

/* Only the body BEGIN ATOMIC … END of a routine holds semicolons that end no statement. */
static void test_routine_bodies(void)
{
	static const struct {
		const char *text;
		unsigned int parts;
	} cases[] = {
		{"select atomic as a from t; select 2 as b; select 3 as c", 3},
		{"begin; select atomic from t; end", 3},
		{"select begin atomic from t; select 2", 2},
		{"create view v as select begin atomic from t; select 2", 2},
		{"create table function (begin atomic); select 2", 2},
		{"select create or replace function begin atomic; select 2", 2},
		{"create function f() returns int language sql begin atomic select 1; select 2; end; select 3", 2},
		{"create or replace procedure p() BEGIN ATOMIC select 1; select 2; END; select 3", 2},
		{"create function f() begin atomic select case when a then case b when 1 then 2 end end; end; select 3",
		 2},
		{"create function f() begin atomic select 1 as end, t.end, t.case; select 2; end; select 3", 2},
		{"create function f() begin atomic select t.\"x\"; end; select 3", 2},
		{"create function f() begin/**/atomic select \"end\", 'end', $$end$$; select 2; end; select 3", 2},
		{"create function f() begin atomic end; select 3", 2},
		{"create function f(begin int) returns int as 'a'; select 2", 2},
		{"create function f() as $$ begin atomic $$; select 2", 2},
		{"create rule r as on insert to t do (select 1; select 2); select 3", 2},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fingerprint_of_part(cases[i].text, strlen(cases[i].text), UINT32_MAX);
		check_case = cases[i].text;
		CHECK_EQUAL(lexer.part, cases[i].parts);
	}
}

static void test_context(void)
{
	static const char *const with[] = {
		"/*traceparent='00-1'*/ select 1",
		"select 1 /* a='b',traceparent='00-1' */",
		"select 1; -- traceparent=00-1",
		"select 1 /*ttraceparent:00-1*/",
	};
	static const char *const without[] = {"select 'traceparent=00-1'", "select traceparent",
					      "select 1 /* trace parent */"};
	const char *between = "select 1; /*traceparent='00-1'*/ select 2";

	for (size_t i = 0; i < sizeof(with) / sizeof(with[0]); i++) {
		fingerprint(with[i]);
		CHECK(lexer.context && strncmp(with[i] + lexer.context - 11, "traceparent", 11) == 0);
	}
	for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++) {
		fingerprint(without[i]);
		CHECK(!lexer.context);
	}
	fingerprint_of_part(between, strlen(between), 0);
	CHECK(!lexer.context);
	fingerprint_of_part(between, strlen(between), 1);
	CHECK(lexer.context);
}

static void check_tail(const char *text, const char *value)
{
	u32 context;

	lexer_tail_start(&lexer);
	for (size_t i = 0; text[i]; i++)
		lexer_tail_byte(&lexer, (u8)text[i], i);
	context = lexer_tail_context(&lexer);
	check_case = text;
	CHECK(value ? context && strcmp(text + context, value) == 0 : context == 0);
}

/* The end of a text whose middle was not read: only a comment that ends it is one for certain. */
static void test_context_at_the_end(void)
{
	check_tail("x', 1) /*a='b',traceparent='00-1'*/", "='00-1'*/");
	check_tail("x', 1) /*traceparent='00-1'*/ ; \n", "='00-1'*/ ; \n");
	check_tail("tparent='1',traceparent='00-1'*/", "='00-1'*/"); /* it begins within the comment */
	check_tail("/*traceparent='00-1'*/ /**/", NULL);
	check_tail("/*traceparent='00-1'*/ select 1 /* b */", NULL);
	check_tail("/*traceparent='00-1'*/, 'x'", NULL);
	check_tail("select '/*traceparent=00-1*/'", NULL);
	check_tail("traceparent=00-1' from t /* b */", NULL);
	check_tail("traceparent=00-1' from t", NULL);
	check_tail("a traceparent b /", NULL);
	check_tail("/*traceparent='00-1'*", NULL);
	check_tail("*/ 1 - - 2 /*/traceparent='00-1'*/", "='00-1'*/");
	check_tail("", NULL);
}

/* A string's content never matters, whatever it is, nor does space around tokens. */
static void test_literals_vanish(void)
{
	for (int round = 0; round < 20000; round++) {
		char text[128], content[32];
		int length = check_random() % 24;

		for (int i = 0; i < length; i++) {
			content[i] = (char)(1 + check_random() % 255);
			if (content[i] == '\'')
				content[i] = '"';
		}
		content[length] = '\0';
		snprintf(text, sizeof(text), "select%*s'%s'%*s, a from b", 1 + check_random() % 4, "", content,
			 check_random() % 4, "");
		CHECK(fingerprint(text) == fingerprint("select 'x', a from b"));
	}
}

/* Random bytes and cut-off statements: positions stay inside, and the same text has the same fingerprint. */
static void test_random_bytes(void)
{
	static const char alphabet[] = "aeuxbn&'\"$1.-+/*;:()[],\\ \n\xc3\xa9tIN";

	for (int round = 0; round < 100000; round++) {
		char text[64];
		size_t length = check_random() % sizeof(text);
		u64 first;

		for (size_t i = 0; i < length; i++)
			text[i] = round % 2 ? alphabet[check_random() % (sizeof(alphabet) - 1)] : (char)check_random();
		first = fingerprint_of_part(text, length, round % 3);
		CHECK(lexer.begin <= length && lexer.end <= length && lexer.context <= length);
		CHECK(first == fingerprint_of_part(text, length, round % 3));
	}
}

int main(void)
{
	lexer_words_fill(&words);
	test_grouping();
	test_parts();
	test_routine_bodies();
	test_context();
	test_context_at_the_end();
	test_literals_vanish();
	test_random_bytes();
	return CHECK_DONE();
}
