/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Fingerprints of SQL texts: a hash of the tokens without literals, whitespace and comments. Fed
 * byte by byte, so that a BPF program can drive it with bpf_loop() and a user-space test with a
 * plain loop: the same source.
 *
 * Follows PostgreSQL's scan.l where it matters for grouping as pg_stat_statements does: names fold
 * to lower case unless quoted, E'' U&'' B'' X'' N'' and dollar quotes are literals, a minus in
 * front of a number belongs to it, IN (…) and ARRAY[…] of literals are one token whatever their
 * length, $1 is no literal.
 */
#ifndef PGSCOPE_LEXER_H
#define PGSCOPE_LEXER_H

#include "lexer_bytes.h"
#include "lexer_comments.h"

static __always_inline void lexer_start(struct lexer *l, u32 wanted)
{
	__builtin_memset(l, 0, sizeof(*l));
	l->hash = HASH_SEED;
	l->content = HASH_SEED;
	l->wanted = wanted;
}

/* One byte of the text; `position` is its offset. */
static __always_inline void lexer_byte(struct lexer *l, const struct lexer_words *words, u8 c, u32 position)
{
	if (lexer_in_comment(l, c, position))
		return;
	if (lexer_in_quotes(l, words, c) || lexer_in_word(l, words, c) || lexer_in_prefix(l, words, c, position)) {
		if (!l->done && l->state < LEX_LINE_COMMENT)
			l->end = position + 1;
		return;
	}
	if (!is_space(c) && c != ';' && c != '-' && c != '/' && c && !l->done)
		l->end = position + 1;
	lexer_default(l, c, position);
}

/* The text's end, at offset `length`. */
static __always_inline void lexer_finish(struct lexer *l, const struct lexer_words *words, u32 length)
{
	/* a space ends whatever is open; unterminated strings and names end here too */
	if (l->state == LEX_STRING || l->state == LEX_STRING_ESCAPE || l->state == LEX_DOLLAR_BODY ||
	    l->state == LEX_DOLLAR_END) {
		lexer_literal(l, false);
	} else if (l->state == LEX_NAME) {
		lexer_word(l, words, true);
	} else {
		lexer_byte(l, words, ' ', length);
	}
	l->state = LEX_DEFAULT;
	if (!l->done)
		lexer_part_end(l);
	if (!l->done || (!l->context && !l->after_tokens))
		l->context = l->last_context;
	/* comments around the only part, or behind the last one, are its */
	if (!l->part)
		l->begin = 0;
	if (!l->after_tokens)
		l->end = length;
}

#ifndef __bpf__
static inline u64 lexer_hash_word(const char *word)
{
	u64 hash = HASH_SEED;

	while (*word)
		hash = hash_mix(hash, (u8)*word++);
	return hash;
}

static inline void lexer_words_fill(struct lexer_words *words)
{
	static const char *const sign[LEXER_SIGN_WORDS] = {
		"select", "where",  "and",	"or",	   "not",	"then",	   "else",    "when",
		"case",	  "limit",  "offset",	"between", "like",	"ilike",   "set",     "by",
		"on",	  "having", "distinct", "all",	   "returning", "default", "values",  "to",
		"from",	  "is",	    "interval", "using",   "some",	"any",	   "similar", "return",
	};

	for (int i = 0; i < LEXER_SIGN_WORDS; i++)
		words->sign[i] = lexer_hash_word(sign[i]);
	words->word_true = lexer_hash_word("true");
	words->word_false = lexer_hash_word("false");
	words->word_null = lexer_hash_word("null");
	words->is = lexer_hash_word("is");
	words->not = lexer_hash_word("not");
	words->word_do = lexer_hash_word("do");
	words->in = lexer_hash_word("in");
	words->array = lexer_hash_word("array");
	words->create = lexer_hash_word("create");
	words->or = lexer_hash_word("or");
	words->replace = lexer_hash_word("replace");
	words->function = lexer_hash_word("function");
	words->procedure = lexer_hash_word("procedure");
	words->begin = lexer_hash_word("begin");
	words->atomic = lexer_hash_word("atomic");
	words->word_case = lexer_hash_word("case");
	words->word_end = lexer_hash_word("end");
	words->as = lexer_hash_word("as");
}

#endif

#endif
