/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What one byte does in each of the lexer's states, outside of comments. */
#ifndef PGSCOPE_LEXER_BYTES_H
#define PGSCOPE_LEXER_BYTES_H

#include "lexer_tokens.h"

static __always_inline void lexer_start_word(struct lexer *l, u8 c)
{
	l->state = LEX_WORD;
	l->word = hash_mix(HASH_SEED, fold(c));
	l->word_length = 1;
	l->number_previous = fold(c); /* a one-letter word may be the prefix of a string */
}

static __always_inline void lexer_start_string(struct lexer *l, bool escapes)
{
	l->state = LEX_STRING;
	l->escapes = escapes;
}

/* The first byte of a token, or space. */
static __always_inline void lexer_default(struct lexer *l, u8 c, u32 position)
{
	if (is_space(c) || c == 0)
		return;
	if (!l->part_tokens && !l->minus && c != ';' && c != '-' && c != '/' && !l->done)
		l->begin = position;
	if (l->done && c != ';' && c != '-' && c != '/')
		l->after_tokens++;
	if (is_word_start(c)) {
		lexer_start_word(l, c);
	} else if (is_digit(c)) {
		l->state = LEX_NUMBER;
		l->number_previous = c;
	} else if (c == '\'') {
		lexer_start_string(l, false);
	} else if (c == '"') {
		l->state = LEX_NAME;
		l->word = HASH_SEED;
	} else if (c == '$') {
		l->state = LEX_DOLLAR;
	} else if (c == '.') {
		l->state = LEX_DOT;
	} else if (c == '-') {
		l->state = LEX_MINUS;
	} else if (c == '/') {
		l->state = LEX_SLASH;
	} else if (c == ';' && !l->parentheses && !l->atomic) {
		lexer_part_end(l);
	} else {
		lexer_operator(l, c);
	}
}

/* A character that the next one has shown to be no comment's begin, but a token. */
static __always_inline void lexer_late_token(struct lexer *l, u32 position)
{
	if (l->done) {
		l->after_tokens++;
		return;
	}
	if (!l->part_tokens)
		l->begin = position;
	l->end = position + 1;
}

static __always_inline void lexer_minus(struct lexer *l, const struct lexer_words *words, u32 position)
{
	lexer_flush_minus(l);
	lexer_late_token(l, position);
	l->minus = lexer_takes_sign(l, words) ? 2 : 1;
	l->string_before = 0; /* 'a' - 'b' are two */
	l->state = LEX_DEFAULT;
}

/* Bytes inside words and numbers. True: the byte was taken. */
static __always_inline bool lexer_in_word(struct lexer *l, const struct lexer_words *words, u8 c)
{
	if (l->state == LEX_WORD) {
		if (is_word_part(c)) {
			l->word = hash_mix(l->word, fold(c));
			l->word_length++;
			return true;
		}
		if (l->word_length == 1 && c == '\'' &&
		    (l->number_previous == 'e' || l->number_previous == 'b' || l->number_previous == 'x' ||
		     l->number_previous == 'n')) {
			lexer_start_string(l, l->number_previous == 'e');
			return true;
		}
		if (l->word_length == 1 && c == '&' && l->number_previous == 'u') {
			l->state = LEX_WORD_U_AMP;
			return true;
		}
		lexer_word(l, words, false);
	} else if (l->state == LEX_WORD_U_AMP) {
		if (c == '\'') {
			lexer_start_string(l, false);
			return true;
		}
		if (c == '"') {
			l->state = LEX_NAME;
			l->word = HASH_SEED;
			return true;
		}
		lexer_word(l, words, false);
		lexer_operator(l, '&');
	} else if (l->state == LEX_NUMBER) {
		if (is_digit(c) || is_word_start(c) || c == '.' ||
		    ((c == '+' || c == '-') && l->number_previous == 'e')) {
			/* 0x1e+1 is a sum: after 0x an e is a digit */
			if (fold(c) == 'x' && l->number_previous == '0')
				l->number_previous = 'x';
			else if (l->number_previous != 'x')
				l->number_previous = fold(c);
			return true;
		}
		lexer_literal(l, true);
	} else if (l->state == LEX_PARAMETER) {
		if (is_digit(c)) {
			l->word = hash_mix(l->word, c);
			return true;
		}
		lexer_parameter(l);
	} else {
		return false;
	}
	l->state = LEX_DEFAULT;
	return false;
}

/* Bytes of strings, quoted names and dollar quotes. True: the byte was taken. */
static __always_inline bool lexer_in_quotes(struct lexer *l, const struct lexer_words *words, u8 c)
{
	if (l->program && l->state >= LEX_DOLLAR_BODY && l->state <= LEX_STRING_QUOTE)
		l->content = hash_mix(l->content, c);
	switch (l->state) {
	case LEX_STRING:
		if (c == '\'')
			l->state = LEX_STRING_QUOTE;
		else if (c == '\\' && l->escapes)
			l->state = LEX_STRING_ESCAPE;
		return true;
	case LEX_STRING_ESCAPE:
		l->state = LEX_STRING;
		return true;
	case LEX_STRING_QUOTE:
		if (c == '\'') {
			l->state = LEX_STRING;
			return true;
		}
		lexer_string_end(l);
		return false;
	case LEX_NAME:
		if (c == '"')
			l->state = LEX_NAME_QUOTE;
		else
			l->word = hash_mix(l->word, c);
		return true;
	case LEX_NAME_QUOTE:
		if (c == '"') {
			l->word = hash_mix(l->word, c);
			l->state = LEX_NAME;
			return true;
		}
		lexer_word(l, words, true);
		l->state = LEX_DEFAULT;
		return false;
	case LEX_DOLLAR_BODY:
	case LEX_DOLLAR_END:
		if (c == '$' && l->state == LEX_DOLLAR_END && l->word == l->dollar_tag) {
			lexer_literal(l, false);
			l->state = LEX_DEFAULT;
		} else if (c == '$') {
			l->state = LEX_DOLLAR_END;
			l->word = HASH_SEED;
		} else if (l->state == LEX_DOLLAR_END) {
			l->word = hash_mix(l->word, c);
			if (!is_word_start(c) && !is_digit(c))
				l->state = LEX_DOLLAR_BODY;
		}
		return true;
	}
	return false;
}

/* Bytes behind a first one that leaves the token open. True: the byte was taken. */
static __always_inline bool lexer_in_prefix(struct lexer *l, const struct lexer_words *words, u8 c, u32 position)
{
	switch (l->state) {
	case LEX_DOLLAR:
		l->word = hash_mix(HASH_SEED, c);
		if (is_digit(c)) {
			l->state = LEX_PARAMETER;
			return true;
		}
		if (c == '$') {
			l->dollar_tag = HASH_SEED;
			l->state = LEX_DOLLAR_BODY;
			return true;
		}
		if (is_word_start(c)) {
			l->state = LEX_DOLLAR_TAG;
			return true;
		}
		lexer_operator(l, '$');
		break;
	case LEX_DOLLAR_TAG:
		if (c == '$') {
			l->dollar_tag = l->word;
			l->state = LEX_DOLLAR_BODY;
			return true;
		}
		if (is_word_start(c) || is_digit(c)) {
			l->word = hash_mix(l->word, c);
			return true;
		}
		lexer_operator(l, '$');
		lexer_word(l, words, true); /* no SQL, and so no keyword */
		break;
	case LEX_DOT:
		if (is_digit(c) && (l->minus || l->previous != TOKEN_OPERAND)) {
			l->state = LEX_NUMBER;
			l->number_previous = c;
			return true;
		}
		lexer_operator(l, '.');
		break;
	case LEX_MINUS:
		if (c == '-') {
			l->state = LEX_LINE_COMMENT;
			l->matched = 0;
			return true;
		}
		lexer_minus(l, words, position - 1);
		break;
	case LEX_SLASH:
		if (c == '*') {
			l->state = LEX_BLOCK_COMMENT;
			l->comment_depth = 1;
			l->matched = 0;
			return true;
		}
		lexer_late_token(l, position - 1);
		lexer_operator(l, '/');
		break;
	default:
		return false;
	}
	l->state = LEX_DEFAULT;
	return false;
}

#endif
