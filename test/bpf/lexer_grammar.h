// SPDX-License-Identifier: Apache-2.0
/* Random statements as lists of tokens, and the many ways to write each of them. */
#ifndef PGSCOPE_LEXER_GRAMMAR_H
#define PGSCOPE_LEXER_GRAMMAR_H

#include "lexer_text.h"
#include "check.h"

#define MAX_TOKENS 200

enum kind { WORD, NAME, QUOTED, OPERATOR, PUNCTUATION, PARAMETER, LITERAL, LIST };

struct token {
	enum kind kind;
	char text[16];
};

struct statement {
	struct token tokens[MAX_TOKENS];
	int count;
};

struct writing {
	char text[1 << 16];
	size_t length;
	size_t begin, end; /* of the tokens that were written last */
};

static const char *const names[] = {"a",      "b1",	     "e",	  "x",	    "n",     "u",
				    "b",      "_t$1",	     "h\xc3\xa9", "atomic", "begin", "users",
				    "orders", "traceparent", "function",  "id"};
static const char *const quoted[] = {"\"A\"", "\"a b\"", "\"x\"\"Y\"", "\"--\"", "\"/*\"", "\";\"", "\"'Z\""};
static const char *const operators[] = {"+", "-", "*", "/", "=", "<", ">", "<>", "||", "%", "~", "!"};
static const char *const verbs[] = {"select", "update", "insert", "delete", "with", "values", "explain"};

#define ANY(list) list[check_random() % (sizeof(list) / sizeof(list[0]))]

static int below(int limit)
{
	return check_random() % limit;
}

static void token(struct statement *s, enum kind kind, const char *text)
{
	if (s->count == MAX_TOKENS)
		return;
	s->tokens[s->count].kind = kind;
	snprintf(s->tokens[s->count++].text, sizeof(s->tokens[0].text), "%s", text);
}

static void expression(struct statement *s, int depth);

static void list(struct statement *s, const char *word, const char *open, const char *close)
{
	token(s, WORD, word);
	token(s, PUNCTUATION, open);
	token(s, LIST, "");
	token(s, PUNCTUATION, close);
}

static void operand(struct statement *s, int depth)
{
	char number[16];

	switch (below(depth > 3 ? 5 : 10)) {
	case 0:
		token(s, QUOTED, ANY(quoted));
		break;
	case 1:
	case 2:
		token(s, LITERAL, "");
		break;
	case 3:
		snprintf(number, sizeof(number), "$%d", 1 + below(99));
		token(s, PARAMETER, number);
		break;
	case 5:
		token(s, PUNCTUATION, "(");
		expression(s, depth + 1);
		token(s, PUNCTUATION, ")");
		break;
	case 6:
		token(s, NAME, ANY(names));
		list(s, "in", "(", ")");
		break;
	case 7:
		list(s, "array", "[", "]");
		break;
	case 8:
		token(s, WORD, "case");
		token(s, WORD, "when");
		expression(s, depth + 1);
		token(s, WORD, "then");
		expression(s, depth + 1);
		token(s, WORD, "end");
		break;
	case 9:
		token(s, NAME, ANY(names));
		token(s, PUNCTUATION, ".");
		/* fall through */
	default:
		token(s, NAME, ANY(names));
	}
}

/* Two literals never stand side by side: strings would be one. */
static void expression(struct statement *s, int depth)
{
	operand(s, depth);
	for (int more = below(3); more > 0 && s->count < MAX_TOKENS / 2; more--) {
		bool comma = below(4) == 0;

		token(s, comma ? PUNCTUATION : OPERATOR, comma ? "," : ANY(operators));
		operand(s, depth);
	}
}

/* Never longer than the tokens that fit: a parenthesis that stays open would hide a semicolon. */
static void make(struct statement *s)
{
	do {
		s->count = 0;
		token(s, WORD, ANY(verbs));
		expression(s, 0);
		token(s, WORD, "from");
		token(s, NAME, ANY(names));
		if (below(2)) {
			token(s, WORD, "where");
			expression(s, 0);
		}
	} while (s->count == MAX_TOKENS);
}

static void put(struct writing *w, const char *text)
{
	size_t length = strlen(text);

	if (w->length + length >= sizeof(w->text))
		abort();
	memcpy(w->text + w->length, text, length + 1);
	w->length += length;
}

static void put_gap(struct writing *w)
{
	static const char *const gaps[] = {
		" ",	 "\n",		"\t\r\n ",  "/* c */", "--x;'\"\n", "/* a /* b */ ; ' \" $$ -- */",
		"/***/", "/*/ /**/ */", " -- /*\n",
	};

	for (int i = below(3); i >= 0; i--)
		put(w, ANY(gaps));
}

static void put_literal(struct writing *w, bool sign)
{
	static const char *const literals[] = {
		"'",	 "''''",  "'it''s; -- /*'", "e'\\'\\\\;'", "E'a''b\\''", "$$;'$$", "$a$ $b$ $ $$ $a$",
		"b'01'", "X'1f'", "n';'",	    "U&'d\\0061'", "17",	 "1.5e-3", ".5",
		"0x1F",	 "1_000", "true",	    "NULL"};
	const char *literal = ANY(literals);

	if (strcmp(literal, "'") == 0) {
		char text[32] = "'";
		int length = below(24);

		for (int i = 1; i <= length; i++) {
			text[i] = (char)(1 + below(255));
			if (text[i] == '\'')
				text[i] = ';';
		}
		text[length + 1] = '\'';
		put(w, text);
		return;
	}
	if (sign && below(2) && (literal[0] == '.' || (literal[0] >= '0' && literal[0] <= '9')))
		put(w, "- " + (below(2) ? 0 : 1)); /* with or without space in between */
	put(w, literal);
}

static void put_word(struct writing *w, const char *word)
{
	char text[16];
	int upper = below(3);

	snprintf(text, sizeof(text), "%s", word);
	for (char *c = text; *c; c++)
		if (*c >= 'a' && *c <= 'z' && (upper == 1 || (upper == 2 && below(2))))
			*c -= 32;
	put(w, text);
}

static void put_token(struct writing *w, const struct token *token, bool sign)
{
	if (token->kind == LITERAL) {
		put_literal(w, sign);
	} else if (token->kind == LIST) {
		for (int i = below(4); i >= 0; i--) {
			put_literal(w, true);
			if (i)
				put(w, " , ");
		}
	} else if (token->kind == WORD || token->kind == NAME) {
		put_word(w, token->text);
	} else {
		put(w, token->text);
		put(w, token->kind == OPERATOR ? " " : ""); /* a minus and two more would be a comment */
	}
}

/* One way to write the statement. Behind the gap number `at` stands a comment with a context; `at` = count: at the end.
 */
static size_t write_statement(struct writing *w, const struct statement *s, int at)
{
	static const char comment[] = "/*a='1',traceparent='00-1'*/";
	size_t context = 0;

	for (int i = 0; i <= s->count; i++) {
		put_gap(w);
		if (i == at) {
			context = w->length + strlen("/*a='1',traceparent");
			put(w, comment);
		}
		if (i == s->count)
			break;
		if (i == 0)
			w->begin = w->length;
		put_token(w, &s->tokens[i],
			  i && (s->tokens[i - 1].kind == OPERATOR || strchr("(,[", s->tokens[i - 1].text[0])));
		w->end = w->length;
	}
	return context;
}

#endif
