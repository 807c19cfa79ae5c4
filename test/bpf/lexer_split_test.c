// SPDX-License-Identifier: Apache-2.0
/*
 * Where the lexer ends a statement, against an oracle that reads the whole text at once, as psql does: random strings
 * of the pieces that open and close something.
 */
#include "lexer_text.h"
#include "check.h"

#define ROUNDS	   60000
#define MAX_PARTS  64
#define MAX_PIECES 40

static const char *const pieces[] = {
	"'",	      "''",	"\\",	   "e'",    "E",    "x",	"n'",	   "u&'",   "U&\"",	"\"",
	"\"\"",	      "$",	"$$",	   "$a$",   "$a",   "$e'",	"$1",	   "--",    "-",	"\n",
	"\r",	      "/*",	"*/",	   "/",	    "*",    ";",	";",	   ";",	    "(",	")",
	" ",	      " ",	"a",	   ".",	    ",",    "\xc3\xa9", "create ", "or ",   "replace ", "function ",
	"procedure ", "begin ", "atomic ", "case ", "end ", "as ",	"END",	   "Begin",
};

/* Opens a routine's body, if they stand in this order. */
static const char *const bodies[] = {"create function f() begin atomic ",
				     "create or replace procedure p begin atomic "};

struct part {
	size_t begin, end;
};

struct oracle {
	const char *text;
	size_t length, at;
	struct part parts[MAX_PARTS];
	int count;
	size_t begin;
	int tokens; /* of the current part */
	int parentheses;
	int depth;     /* in a routine's body */
	char head[64]; /* the part's first words */
	char last[16]; /* the last token, if it is a word, in lower case, or one character */
};

static bool starts(const struct oracle *o, const char *text)
{
	size_t length = strlen(text);

	return o->length - o->at >= length && memcmp(o->text + o->at, text, length) == 0;
}

static bool word_byte(unsigned char c, bool first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80 ||
	       (!first && ((c >= '0' && c <= '9') || c == '$'));
}

static void token(struct oracle *o, const char *last)
{
	o->tokens++;
	snprintf(o->last, sizeof(o->last), "%s", last);
}

static void skip_comment(struct oracle *o)
{
	int depth = 0;

	do {
		if (starts(o, "/*")) {
			depth++;
			o->at += 2;
		} else if (starts(o, "*/")) {
			depth--;
			o->at += 2;
		} else {
			o->at++;
		}
	} while (depth && o->at < o->length);
}

static void skip_line(struct oracle *o)
{
	while (o->at < o->length && o->text[o->at] != '\n' && o->text[o->at] != '\r')
		o->at++;
}

/* From the opening quote on. */
static void skip_quoted(struct oracle *o, char quote, bool escapes)
{
	token(o, "");
	for (o->at++; o->at < o->length; o->at++) {
		if (escapes && o->text[o->at] == '\\') {
			o->at++;
		} else if (o->text[o->at] == quote) {
			if (o->at + 1 >= o->length || o->text[o->at + 1] != quote)
				break;
			o->at++;
		}
	}
	o->at++;
}

/* $1, $tag$ … $tag$, or a stray dollar. */
static void skip_dollar(struct oracle *o)
{
	size_t end = o->at + 1;
	const char *close;

	token(o, "");
	if (end < o->length && o->text[end] >= '0' && o->text[end] <= '9') {
		while (end < o->length && o->text[end] >= '0' && o->text[end] <= '9')
			end++;
		o->at = end;
		return;
	}
	while (end < o->length && o->text[end] != '$' && word_byte(o->text[end], end == o->at + 1))
		end++;
	if (end == o->length || o->text[end] != '$') {
		o->at = end; /* a tag that is none: what follows it is no prefix of it */
		return;
	}
	close = memmem(o->text + end + 1, o->length - end - 1, o->text + o->at, end + 1 - o->at);
	o->at = close ? (size_t)(close - o->text) + (end + 1 - o->at) : o->length;
}

static bool is_routine(const char *head)
{
	static const char *const heads[] = {"create function ", "create procedure ", "create or replace function ",
					    "create or replace procedure "};

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (strncmp(head, heads[i], strlen(heads[i])) == 0)
			return true;
	return false;
}

static void skip_word(struct oracle *o)
{
	char word[16] = "";
	size_t length = 0, begin = o->at, words = strlen(o->head);

	while (o->at < o->length && word_byte(o->text[o->at], o->at == begin)) {
		char c = o->text[o->at++];

		if (length < sizeof(word) - 1)
			word[length++] = c >= 'A' && c <= 'Z' ? c + 32 : c;
	}
	if (o->at - begin == 1 && starts(o, "'") && strchr("ebxn", word[0])) {
		skip_quoted(o, '\'', word[0] == 'e');
		return;
	}
	if (o->at - begin == 1 && word[0] == 'u' && (starts(o, "&'") || starts(o, "&\""))) {
		o->at++;
		skip_quoted(o, o->text[o->at], false);
		return;
	}
	if (words + length + 2 < sizeof(o->head))
		snprintf(o->head + words, sizeof(o->head) - words, "%s ", word);
	if (is_routine(o->head) && strcmp(o->last, "as") != 0 && strcmp(o->last, ".") != 0) {
		if (!o->depth && strcmp(word, "atomic") == 0 && strcmp(o->last, "begin") == 0)
			o->depth = 1;
		else if (o->depth && strcmp(word, "case") == 0)
			o->depth++;
		else if (o->depth && strcmp(word, "end") == 0)
			o->depth--;
	}
	token(o, word);
}

static void end_part(struct oracle *o)
{
	if (o->tokens && o->count < MAX_PARTS)
		o->parts[o->count++] = (struct part){o->begin, o->at};
	o->begin = o->at + 1;
	o->tokens = 0;
	o->head[0] = o->last[0] = '\0';
}

static void split(struct oracle *o)
{
	while (o->at < o->length) {
		char c = o->text[o->at], one[2] = {c, '\0'};

		if (starts(o, "--")) {
			skip_line(o);
		} else if (starts(o, "/*")) {
			skip_comment(o);
		} else if (c == '\'' || c == '"') {
			skip_quoted(o, c, false);
		} else if (c == '$') {
			skip_dollar(o);
		} else if (word_byte(c, true)) {
			skip_word(o);
		} else {
			if (c == ';' && !o->parentheses && !o->depth)
				end_part(o);
			else if (!strchr(" \n\r", c))
				token(o, one);
			o->parentheses += c == '(' ? 1 : c == ')' && o->parentheses ? -1 : 0;
			o->at++;
		}
	}
	o->at = o->length;
	end_part(o);
}

static size_t make(char *text, size_t size)
{
	size_t length = 0;

	text[0] = '\0';
	if (check_random() % 4 == 0)
		length = snprintf(text, size, "%s", bodies[check_random() % 2]);
	for (int i = check_random() % MAX_PIECES; i > 0; i--)
		length += snprintf(text + length, size - length, "%s",
				   pieces[check_random() % (sizeof(pieces) / sizeof(pieces[0]))]);
	return length;
}

int main(void)
{
	static char text[1024];

	lexer_words_fill(&words);
	for (int round = 0; round < ROUNDS; round++) {
		struct oracle o = {.text = text, .length = make(text, sizeof(text))};

		check_case = text;
		split(&o);
		fingerprint_of_part(text, o.length, UINT32_MAX);
		CHECK_EQUAL(lexer.part, o.count);
		for (int i = 0; i < o.count; i++) {
			const struct part *part = &o.parts[i];
			u64 alone = fingerprint_of_part(text + part->begin, part->end - part->begin, 0);

			CHECK(fingerprint_of_part(text, o.length, i) == alone);
			CHECK(lexer.begin >= (i ? part->begin : 0) && lexer.begin <= lexer.end);
			CHECK(lexer.end <= (i < o.count - 1 ? part->end : o.length));
		}
	}
	return CHECK_DONE();
}
