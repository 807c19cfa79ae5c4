// SPDX-License-Identifier: Apache-2.0
/*
 * The fingerprint lexer by property: statements are made from a grammar of tokens and written in many ways. What is no
 * part of a fingerprint may change, and nothing else; strings of statements fall into their parts; a trace context is
 * found in the part whose comment holds it.
 */
#include "lexer_grammar.h"

#define MAX_PARTS 5
#define ROUNDS	  10000

static u64 fingerprint_of(const struct statement *s)
{
	static struct writing w;

	w.length = 0;
	write_statement(&w, s, -1);
	check_case = w.text;
	return fingerprint_of_part(w.text, w.length, 0);
}

static void test_ways_to_write(const struct statement *s)
{
	u64 first = fingerprint_of(s);

	for (int way = 0; way < 3; way++)
		CHECK(fingerprint_of(s) == first);
}

/* Replaces a token by another one of its kind; false where there is none. */
static bool change(struct token *token)
{
	char before[16];

	snprintf(before, sizeof(before), "%s", token->text);
	if (token->kind == NAME)
		snprintf(token->text, sizeof(token->text), "%s", ANY(names));
	else if (token->kind == WORD)
		snprintf(token->text, sizeof(token->text), "%s", ANY(verbs));
	else if (token->kind == QUOTED)
		snprintf(token->text, sizeof(token->text), "%s", ANY(quoted));
	else if (token->kind == OPERATOR)
		snprintf(token->text, sizeof(token->text), "%s", ANY(operators));
	else if (token->kind == PARAMETER)
		snprintf(token->text, sizeof(token->text), "$%d", 1 + below(99));
	return strcmp(before, token->text) != 0;
}

static void test_changes(const struct statement *s)
{
	static struct statement other;
	u64 before = fingerprint_of(s);
	int at = below(s->count);

	other = *s;
	if (change(&other.tokens[at]))
		CHECK(fingerprint_of(&other) != before);
	other = *s;
	memmove(&other.tokens[at], &other.tokens[at + 1], (s->count - at - 1) * sizeof(other.tokens[0]));
	other.count--;
	if (s->tokens[at].kind != LIST) /* IN () is none either */
		CHECK(fingerprint_of(&other) != before);
}

/* Strings of statements, one of which has a context. */
static void test_parts(void)
{
	static struct statement parts[MAX_PARTS];
	static struct writing w;
	size_t begin[MAX_PARTS], end[MAX_PARTS], context = 0;
	int count = 1 + below(MAX_PARTS), with = below(count);

	w.length = 0;
	for (int i = 0; i < count; i++) {
		make(&parts[i]);
		if (i)
			put(&w, below(4) ? ";" : ";/**/ ; -- x\n");
		context += write_statement(&w, &parts[i], i == with ? below(parts[i].count + 1) : -1);
		begin[i] = w.begin;
		end[i] = w.end;
	}
	if (below(2))
		put(&w, " ; -- ;\n");
	for (int i = 0; i < count + 2; i++) {
		int part = i < count ? i : count - 1;
		u64 expected = fingerprint_of(&parts[part]);

		check_case = w.text;
		CHECK(fingerprint_of_part(w.text, w.length, i) == expected);
		CHECK_EQUAL(lexer.context, part == with ? context : 0);
		if (i >= count)
			continue;
		CHECK_EQUAL(lexer.begin, part ? begin[part] : 0);
		CHECK_EQUAL(lexer.end, part < count - 1 ? end[part] : w.length);
	}
}

int main(void)
{
	lexer_words_fill(&words);
	for (int round = 0; round < ROUNDS; round++) {
		static struct statement s;

		make(&s);
		test_ways_to_write(&s);
		test_changes(&s);
		if (round % 4 == 0)
			test_parts();
	}
	return CHECK_DONE();
}
