// SPDX-License-Identifier: Apache-2.0
/* The fingerprint lexer, the same source that the BPF programs run: by example, by property, by random bytes. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;
#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif
#include "../../bpf/lexer.h"
#include "check.h"

static struct lexer_words words;
static struct lexer lexer;

static u64 fingerprint_of_part(const char *text, size_t length, u32 part)
{
	lexer_start(&lexer, part);
	for (size_t i = 0; i < length; i++)
		lexer_byte(&lexer, &words, (u8)text[i], i);
	lexer_finish(&lexer, &words, length);
	return lexer.fingerprint;
}

static u64 fingerprint(const char *text)
{
	return fingerprint_of_part(text, strlen(text), 0);
}

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
	CHECK(fingerprint("create function f() begin atomic select 1; select 2; end") !=
	      fingerprint("create function f() begin atomic select 1"));
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

	for (size_t i = 0; i < sizeof(with) / sizeof(with[0]); i++) {
		fingerprint(with[i]);
		CHECK(lexer.context && strncmp(with[i] + lexer.context - 11, "traceparent", 11) == 0);
	}
	for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++) {
		fingerprint(without[i]);
		CHECK(!lexer.context);
	}
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
	test_context();
	test_literals_vanish();
	test_random_bytes();
	return CHECK_DONE();
}
