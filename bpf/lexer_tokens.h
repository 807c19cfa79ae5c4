/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What each token does to the fingerprint when it is over: literals, words, signs, lists, the ends of statements. */
#ifndef PGSCOPE_LEXER_TOKENS_H
#define PGSCOPE_LEXER_TOKENS_H

#include "lexer_state.h"

/* Adds one token to the part's hash, and to the list element's if a list is open. */
static __always_inline void lexer_add(struct lexer *l, u64 token)
{
	l->hash = hash_mix(l->hash, token);
	l->list_element = hash_mix(l->list_element, token);
	l->list_tokens++;
	l->part_tokens++;
	l->string_before = 0;
}

static __always_inline void lexer_flush_minus(struct lexer *l)
{
	if (!l->minus)
		return;
	l->minus = 0;
	l->list = LIST_NONE; /* an expression, not a literal */
	lexer_add(l, hash_mix(TOKEN_OPERATOR_HASH, '-'));
	l->previous = TOKEN_OPERATOR;
}

static __always_inline void lexer_literal(struct lexer *l, bool number)
{
	if (number && l->minus == 2)
		l->minus = 0; /* the sign is part of the literal */
	lexer_flush_minus(l);
	lexer_add(l, l->program ? l->content : TOKEN_LITERAL_HASH);
	l->content = HASH_SEED;
	l->previous = TOKEN_OPERAND;
}

static __always_inline void lexer_string_end(struct lexer *l)
{
	if (!l->string_before)
		lexer_literal(l, false);
	l->string_before = 1;
	l->state = LEX_DEFAULT;
}

/* Is a minus that follows the last token a sign (select -1) or an operator (a - 1)? */
static __always_inline bool lexer_takes_sign(const struct lexer *l, const struct lexer_words *words)
{
	if (l->previous == TOKEN_NONE || l->previous == TOKEN_OPERATOR)
		return true;
	if (l->previous != TOKEN_WORD)
		return false;
	for (int i = 0; i < LEXER_SIGN_WORDS; i++)
		if (l->word == words->sign[i])
			return true;
	return false;
}

/* CREATE [OR REPLACE] FUNCTION | PROCEDURE, word by word; `first`: the part begins with this word. */
static __always_inline void lexer_routine(struct lexer *l, const struct lexer_words *words, bool first)
{
	u32 before = l->routine;

	if (before == ROUTINE_YES)
		return;
	l->routine = ROUTINE_NO;
	if (first && l->word == words->create)
		l->routine = ROUTINE_CREATE;
	else if (before == ROUTINE_CREATE && l->word == words->or)
		l->routine = ROUTINE_OR;
	else if (before == ROUTINE_OR && l->word == words->replace)
		l->routine = ROUTINE_REPLACE;
	else if ((before == ROUTINE_CREATE || before == ROUTINE_REPLACE) &&
		 (l->word == words->function || l->word == words->procedure))
		l->routine = ROUTINE_YES;
}

/*
 * A routine's body BEGIN ATOMIC … END holds semicolons that end no statement; CASE … END inside of it ends no body.
 * Behind AS and a dot these words are names. psql's scanner takes every BEGIN of such a statement for the body's.
 */
static __always_inline void lexer_atomic(struct lexer *l, const struct lexer_words *words)
{
	bool follows_word = l->previous == TOKEN_WORD;

	if (l->routine != ROUTINE_YES || (follows_word && l->last_word == words->as) ||
	    (l->previous == TOKEN_OPERATOR && l->last_word == '.'))
		return;
	if (!l->atomic) {
		if (l->word == words->atomic && follows_word && l->last_word == words->begin)
			l->atomic = 1;
	} else if (l->word == words->word_case) {
		l->atomic++;
	} else if (l->word == words->word_end) {
		l->atomic--;
	}
}

/* true, false and null are values, but not in IS TRUE, IS NOT NULL, NOT NULL. */
static __always_inline bool lexer_is_constant(const struct lexer *l, const struct lexer_words *words)
{
	if (l->word != words->word_true && l->word != words->word_false && l->word != words->word_null)
		return false;
	return l->previous != TOKEN_WORD || (l->last_word != words->is && l->last_word != words->not);
}

static __always_inline void lexer_word(struct lexer *l, const struct lexer_words *words, bool quoted)
{
	if (!quoted && lexer_is_constant(l, words)) {
		lexer_literal(l, false);
		return;
	}
	lexer_flush_minus(l);
	if (!l->list_tokens) /* an element that begins with a name is no literal */
		l->list = LIST_NONE;
	if (!l->part_tokens)
		l->program = !quoted && l->word == words->word_do;
	if (!quoted) {
		lexer_routine(l, words, !l->part_tokens);
		lexer_atomic(l, words);
	}
	lexer_add(l, hash_mix(TOKEN_WORD_HASH, l->word));
	l->previous = TOKEN_OPERAND;
	if (quoted)
		return;
	l->previous = l->word == words->in ? TOKEN_IN : l->word == words->array ? TOKEN_ARRAY : TOKEN_WORD;
	l->last_word = l->word;
}

static __always_inline void lexer_parameter(struct lexer *l)
{
	lexer_flush_minus(l);
	if (!l->list_tokens)
		l->list = LIST_NONE;
	lexer_add(l, hash_mix(TOKEN_PARAMETER_HASH, l->word));
	l->previous = TOKEN_OPERAND;
}

/* At a comma or at the end of a list: is this element like the first one? */
static __always_inline void lexer_list_element(struct lexer *l)
{
	if (l->list == LIST_OPEN)
		l->list_first = l->list_element;
	if (!l->list_tokens || l->list_element != l->list_first)
		l->list = LIST_NONE;
	else
		l->list = LIST_FIRST_DONE;
	l->list_element = l->list_start;
	l->list_tokens = 0;
}

static __always_inline void lexer_list_open(struct lexer *l)
{
	l->list = LIST_OPEN;
	l->list_start = l->hash;
	l->list_element = l->hash;
	l->list_tokens = 0;
}

static __always_inline void lexer_operator(struct lexer *l, u8 c)
{
	u32 previous = l->previous;

	lexer_flush_minus(l);
	if (l->list != LIST_NONE && c == ',') {
		lexer_list_element(l);
		l->hash = hash_mix(l->hash, hash_mix(TOKEN_OPERATOR_HASH, c));
		l->string_before = 0;
		l->previous = TOKEN_OPERATOR;
		l->last_word = c;
		return;
	}
	if (l->list != LIST_NONE && (c == ')' || c == ']')) {
		lexer_list_element(l);
		if (l->list != LIST_NONE)
			l->hash = hash_mix(l->list_first, TOKEN_LIST_HASH);
		l->list = LIST_NONE;
	} else if (l->list != LIST_NONE && (c != ':' || !l->list_tokens)) {
		l->list = LIST_NONE; /* casts only */
	}
	lexer_add(l, hash_mix(TOKEN_OPERATOR_HASH, c));
	l->previous = c == ')' || c == ']' ? TOKEN_OPERAND : TOKEN_OPERATOR;
	l->last_word = c;
	if (c == '(')
		l->parentheses++;
	if (c == ')' && l->parentheses)
		l->parentheses--;
	if ((c == '(' && previous == TOKEN_IN) || (c == '[' && previous == TOKEN_ARRAY))
		lexer_list_open(l);
}

/* A statement's end inside the string: done if it was the wanted one. */
static __always_inline void lexer_part_end(struct lexer *l)
{
	lexer_flush_minus(l);
	if (l->part_tokens && !l->done) {
		if (l->part == l->wanted) {
			l->fingerprint = l->hash;
			l->done = 1;
			l->last_context = 0;
		} else {
			l->last_context = l->context; /* stays if there is no such part: then the
							 last one is meant */
			l->fingerprint = l->hash;
			l->context = 0;
			l->part++;
		}
	} else if (!l->done) {
		l->context = 0;
	}
	if (!l->done)
		l->after_tokens = 0;
	l->hash = HASH_SEED;
	l->part_tokens = 0;
	l->program = 0;
	l->routine = ROUTINE_NO;
	l->previous = TOKEN_NONE;
	l->string_before = 0;
	l->list = LIST_NONE;
}

#endif
